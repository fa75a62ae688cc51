"""Chooses the size of the picture in which faces are searched: the detector's own, or a larger one where faces are too small for that.

A search in a larger picture takes time in proportion to its area: 16 times as long at 1280 pixels as at 320. So it is tried only in large pictures in
which nothing is found, in the first searches and then in one of EVERY; and kept only where it finds a face.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from seqfer.core.records import Detection

LARGE_PX = (
    1280  # pictures whose longer side is larger than this may have faces that are too small for the detector's own size
)
FIRST, EVERY = 8, 4  # empty searches from which on a larger picture is tried in one of EVERY only


class Reducible(Protocol):
    """The interface required of a frame; `seqfer.video.VideoFrame` has it."""

    def small(self, longest_px: int) -> tuple[np.ndarray, float]: ...


class SearchSize:
    """Searches pictures whose longer side has at most `px` pixels, from the first find on in larger pictures on at most `larger_px`.

    With `larger_px` 0, and as soon as a face of at least `sure_score` was found at `px`, the size stays.
    """

    def __init__(self, px: int, larger_px: int, sure_score: float) -> None:
        self.px, self._larger_px, self._sure_score = px, larger_px, sure_score
        self._settled, self._empty = larger_px <= px, 0

    def search(
        self, frame: Reducible, detect: Callable[[np.ndarray], Sequence[Detection]]
    ) -> tuple[np.ndarray, Sequence[Detection], float]:
        """The picture that was searched, uint8 (height width 3) BGR, the faces in its pixels, and its scale as `Reducible.small` gives it."""
        picture, scale = frame.small(self.px)
        found = detect(picture)
        if self._settled or max(picture.shape[:2]) * scale <= LARGE_PX:
            return picture, found, scale
        if self._is_sure(found):
            self._settled = True
            return picture, found, scale
        self._empty += 1
        if self._empty <= FIRST or self._empty % EVERY == 0:
            larger, its_scale = frame.small(self._larger_px)
            if self._is_sure(more := detect(larger)):
                self.px, self._settled = self._larger_px, True
                return larger, more, its_scale
        return picture, found, scale

    def _is_sure(self, found: Sequence[Detection]) -> bool:
        return any(face.score >= self._sure_score for face in found)
