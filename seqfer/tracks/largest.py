"""Keeps the largest faces of every frame, without alternating between two of nearly the same size."""

from __future__ import annotations

from collections.abc import Sequence

from seqfer.core.records import TrackedFace

_LEAD = 1.5  # a face replaces one of the frame before when its area is larger by this factor


class LargestFaces:
    """The `most` largest faces of each frame in turn, 0: all. A face of the frame before stays unless another is clearly larger."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: frozenset[int] = frozenset()

    def of(self, faces: Sequence[TrackedFace]) -> list[TrackedFace]:
        """The kept faces of the next frame."""
        if not self._most:
            return list(faces)
        largest = sorted(faces, key=lambda face: (-self._size(face), face.face))[: self._most]
        if faces:  # while no face is seen, the choice holds
            self._kept = frozenset(face.face for face in largest)
        return largest

    def _size(self, face: TrackedFace) -> float:
        x1, y1, x2, y2 = face.box_xyxy_px
        return (x2 - x1) * (y2 - y1) * (_LEAD if face.face in self._kept else 1.0)
