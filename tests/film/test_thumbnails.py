"""Pictures for the report: a bounded number of faces, the longest ones, however many a film has."""

import numpy as np

from seqfer.core.records import TrackedFace
from seqfer.film.thumbnails import FACES, Thumbnails
from seqfer.tracks.following import FollowedFrame
from seqfer.video import VideoFrame

PICTURE = np.full((40, 60, 3), 128, np.uint8)


def look(thumbnails, index, *faces):
    tracked = tuple(TrackedFace(face, (10.0, 10.0, 30.0, 30.0), 1.0) for face in faces)
    thumbnails.look(FollowedFrame(VideoFrame(index, index / 10, PICTURE), 1, False, tracked))


def test_a_late_long_face_takes_the_place_of_a_short_one():
    thumbnails, index = Thumbnails(), 0
    for face in range(1, FACES + 1):
        for _ in range(4 if face == 7 else 8):
            look(thumbnails, index, face)
            index += 1
    for _ in range(30):
        look(thumbnails, index, FACES + 1)
        index += 1
    assert len(thumbnails.pictures) == FACES
    assert 7 not in thumbnails.pictures
    assert len(thumbnails.pictures[FACES + 1]) > 3


def test_faces_on_the_frame_are_not_forgotten():
    thumbnails = Thumbnails()
    look(thumbnails, 0, *range(1, FACES + 4))
    assert set(thumbnails.pictures) == set(range(1, FACES + 1))
