"""Collects small pictures of the faces of a video for its report: a limited number, spread over time."""

from __future__ import annotations

import cv2
import numpy as np

from seqfer.core.records import TrackedFace
from seqfer.tracks.following import FollowedFrame
from seqfer.video import VideoFrame

KEPT = 16  # pictures per face at most; when there are more, every other one goes and the rest stand twice as far apart
FACES = 60  # faces at most: a page shows the longest of a dozen or so; for a new one the shortest goes
FIRST_GAP_S = 0.5
EDGE_PX = 96
# of the reduced picture they are cut from: the first in which the face has enough pixels, or the last
_LONGEST_PX = (320, 640, 960)
_QUALITY = 80


class Thumbnails:
    """`pictures[face]` is a list of (time_s, JPEG)."""

    def __init__(self) -> None:
        self.pictures: dict[int, list[tuple[float, bytes]]] = {}
        self._gap_s: dict[int, float] = {}
        self._frames: dict[int, int] = {}

    def look(self, followed: FollowedFrame[VideoFrame]) -> None:
        """Store a picture of every face whose last one is long enough ago."""
        here = {face.face for face in followed.faces}
        for face in followed.faces:
            if face.face not in self.pictures and len(self.pictures) >= FACES and not self._drop_shortest(here):
                continue
            kept = self.pictures.setdefault(face.face, [])
            self._frames[face.face] = self._frames.get(face.face, 0) + 1
            gap_s = self._gap_s.setdefault(face.face, FIRST_GAP_S)
            if not kept or followed.frame.time_s - kept[-1][0] >= gap_s:
                kept.append((followed.frame.time_s, _picture(followed, face)))
                if len(kept) > KEPT:
                    self.pictures[face.face] = kept[::2]
                    self._gap_s[face.face] = 2 * gap_s

    def _drop_shortest(self, here: set[int]) -> bool:
        """Remove the face on the fewest frames that is not on this frame; returns whether there is one."""
        others = [face for face in self.pictures if face not in here]
        if others:
            shortest = min(others, key=lambda face: self._frames[face])
            for kept in (self.pictures, self._gap_s, self._frames):
                del kept[shortest]
        return bool(others)


def _picture(followed: FollowedFrame[VideoFrame], face: TrackedFace) -> bytes:
    x1, y1, x2, y2 = face.box_xyxy_px
    film_px, edge_px = max(followed.frame.width, followed.frame.height), 1.2 * max(x2 - x1, y2 - y1)
    enough = (px for px in _LONGEST_PX if edge_px * px >= EDGE_PX * film_px)
    small, scale = followed.frame.small(next(enough, _LONGEST_PX[-1]))
    centre = ((x1 + x2) / 2 / scale, (y1 + y2) / 2 / scale)
    size = max(2, round(edge_px / scale))
    square = cv2.getRectSubPix(
        small, (size, size), centre
    )  # repeats the picture's edge where the square extends over it
    done, data = cv2.imencode(
        ".jpg",
        cv2.resize(square, (EDGE_PX, EDGE_PX), interpolation=cv2.INTER_AREA if size > EDGE_PX else cv2.INTER_LINEAR),
        [cv2.IMWRITE_JPEG_QUALITY, _QUALITY],
    )
    return np.asarray(data).tobytes() if done else b""
