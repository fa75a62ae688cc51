"""Which faces are encoded, and what is said of those between."""

import cv2
import numpy as np
import pytest

from seqfer.core.records import TrackedFace
from seqfer.film.keyframes import KeyFrameSelector, choose_faces

BOX = (0.0, 0.0, 9.0, 9.0)
FACE = np.random.default_rng(0).integers(0, 256, (6, 6), dtype=np.uint8)
CROP = cv2.resize(FACE, (48, 48), interpolation=cv2.INTER_CUBIC)


def block(faces_at, count=40, rate=30.0, times=None, crop_at=lambda i: CROP):
    """Times, faces, crops, and a number per face that changes evenly with time."""
    times_s = times or [i / rate for i in range(count)]
    faces = [tuple(TrackedFace(f, BOX, 1.0) for f in faces_at(i)) for i in range(count)]
    crops = [crop_at(i) for i, there in enumerate(faces) for _ in there]
    truth = np.array(
        [[t + 100 * face.face] for t, there in zip(times_s, faces, strict=True) for face in there], np.float32
    )
    return (times_s, faces, crops), truth


@pytest.mark.parametrize("hz", [0.0, 6.0, 15.0, 29.0, 30.0, 100.0])
def test_what_changes_evenly_is_restored(hz):
    frames, truth = block(lambda i: [f for f, there in ((1, True), (2, i % 13 < 9), (3, i > 30)) if there])
    sparse = choose_faces(*frames, hz)
    assert np.allclose(sparse.spread(truth[sparse.rows]), truth, atol=1e-4)


def test_so_many_as_asked_for():
    frames, _ = block(lambda i: [1])
    assert choose_faces(*frames, 0.0).rows == list(range(40))
    assert choose_faces(*frames, 15.0).rows == [*range(0, 40, 2), 39]
    assert choose_faces(*frames, 30.0).rows == list(range(40))


def test_both_ends_of_a_stretch_are_encoded():
    frames, _ = block(lambda i: [1] if i < 10 or i >= 20 else [])
    assert {0, 9, 10, 29} <= set(choose_faces(*frames, 2.0).rows)  # 30 rows: 0 to 9, and from 10 on the second stretch


def test_a_clock_that_stands_is_no_line():
    frames, truth = block(lambda i: [1], 6, times=[0.0, 0.1, 0.1, 0.05, 0.2, 0.3])
    sparse = choose_faces(*frames, 1.0)
    made = sparse.spread(truth[sparse.rows])
    assert np.isfinite(made).all()
    assert np.array_equal(made[2:4], truth[2:4])


def test_a_face_that_changes_is_encoded_at_once():
    """A jump at frame 17: that frame and the one before it; a light that only gets brighter is no change."""
    other = cv2.flip(CROP, 1)
    frames, _ = block(lambda i: [1], crop_at=lambda i: other if i >= 17 else CROP)
    assert choose_faces(*frames, 1.0).rows == [0, 16, 17, 39]
    frames, _ = block(lambda i: [1], crop_at=lambda i: (60 + i + 0.4 * CROP).astype(np.uint8))
    assert choose_faces(*frames, 1.0).rows == [0, 30, 39]


def glanced(times_s, faces, hz):
    """Frames with a glance, per face."""
    glances, at = KeyFrameSelector(hz), {}
    for i, (time_s, there) in enumerate(zip(times_s, faces, strict=True)):
        for face, due in zip(there, glances.due(there, time_s, edge=i == 0), strict=True):
            at.setdefault(face.face, []).extend([i] * due)
    return at


def test_glances_are_twice_as_many_as_what_is_encoded_at_least():
    (times_s, faces, _), _ = block(lambda i: [1, 2] if i >= 7 else [1], 60)
    assert glanced(times_s, faces, 5.0) == {1: list(range(0, 60, 3)), 2: list(range(7, 60, 3))}
    assert glanced(times_s, faces, 0.0) == {1: list(range(60)), 2: list(range(7, 60))}
    assert glanced(times_s, faces, 40.0)[1] == list(range(60))
    slow = [i / 3 for i in range(60)]
    assert glanced(slow, faces, 5.0)[1] == list(range(60))


def test_a_clock_that_goes_back_is_glanced_at():
    assert glanced([0.0, 0.04, 0.02, 0.06, 0.1], [(TrackedFace(1, BOX, 1.0),)] * 5, 1.0) == {1: [0, 2]}


@pytest.mark.parametrize(
    ("hz", "rate", "wanted"), [(4.0, 25.0, 6), (4.0, 30.0, 6), (4.0, 24.0, 6), (4.0, 50.0, 12), (5.0, 25.0, 4)]
)
def test_never_less_often_than_asked_for(hz, rate, wanted):
    (times_s, faces, crops), truth = block(lambda i: [1], 100, rate)
    seen = glanced(times_s, faces, hz)[1]
    sparse = choose_faces(times_s, faces, [crop if i in seen else None for i, crop in enumerate(crops)], hz)
    assert [b - a for a, b in zip(sparse.rows, sparse.rows[1:])][:-1] == [wanted] * (len(sparse.rows) - 2)
    made = sparse.spread(truth[sparse.rows])[:, 0]
    last = sparse.rows[-1]
    np.testing.assert_allclose(made[:last], truth[:last, 0], rtol=1e-5)
    assert (made[last:] == made[last]).all()  # after the last glance it stays as it was


def test_what_is_not_glanced_at_is_not_encoded():
    frames, _ = block(lambda i: [1], crop_at=lambda i: CROP if i % 4 == 0 else None)
    assert choose_faces(*frames, 7.5).rows == list(range(0, 40, 4))


def test_nobody_there():
    frames, _ = block(lambda i: [], 2)
    assert choose_faces(*frames, 15.0).rows == []
