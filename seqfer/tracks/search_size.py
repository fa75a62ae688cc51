"""Chooses the size of the picture in which faces are searched: the detector's own, or a larger one where faces are too small for that.

A search in a larger picture takes time in proportion to its area: four times as long at 640 pixels as at 320, 16 times at 1280. So a larger picture
is searched as a whole only where nothing is found, and in so few of the searches that each size takes as much time as the detector's own. Faces that
are found in it are searched from then on in tiles around them, and the whole picture twice as often as before, for faces that are new.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from seqfer.core.records import Detection
from seqfer.tracks.boxes import same_place
from seqfer.tracks.tiles import Box, moved, search_tiles

ENLARGED = 1.5  # a size is tried in pictures whose longer side is at least so many times as long
MISSES = 8  # searches after which a face that is not found any more is not searched in a tile
_WIDEST = 3  # a tile grows with every search that misses its face, up to this factor
_MOVED = 2.0  # sides of a face by which it moves at most between two searches
_WANTED_PX = 22  # a tile is searched at the smallest size at which its face is so large
_LARGEST_FACE = 0.1  # of the picture's longer side; larger faces need no tile
Detect = Callable[[np.ndarray], Sequence[Detection]]


class Reducible(Protocol):
    """The interface required of a frame; `seqfer.video.VideoFrame` has it."""

    def small(self, longest_px: int) -> tuple[np.ndarray, float]: ...


@dataclass
class _SmallFace:
    """A face found in a larger picture: its box in the pixels of the frame, and how many searches have missed it since."""

    box: Box
    misses: int = 0

    @property
    def side_px(self) -> float:
        return max(self.box[2] - self.box[0], self.box[3] - self.box[1])

    def distance(self, other: _SmallFace) -> float:
        """Between the centres, in pixels."""
        (x0, y0, x1, y1), (left, top, right, bottom) = self.box, other.box
        return math.hypot(x0 + x1 - left - right, y0 + y1 - top - bottom) / 2


class SearchSize:
    """Searches pictures whose longer side has at most `px` pixels, and where no face is found at least `sure_score`, larger ones: twice as large,
    four times, up to `larger_px` (0: none).

    As soon as such a face is found at `px` and no small one is known, a shot is searched at that size only. Without `limited` the larger pictures
    are searched wherever nothing is found, as stills need it.
    """

    def __init__(self, px: int, larger_px: int, sure_score: float, *, limited: bool = True) -> None:
        self.px, self._sure_score, self._limited = px, sure_score, limited
        sizes = [px * 2**power for power in range(1, 9) if px * 2**power < larger_px]
        self._since = dict.fromkeys([*sizes, *([larger_px] if larger_px > px else [])], math.inf)  # size: searches
        self.begin_shot()

    def begin_shot(self) -> None:
        """Forget what the last shot has shown."""
        self._settled, self._new = False, True
        self._known: list[_SmallFace] = []

    def search(self, frame: Reducible, detect: Detect) -> tuple[np.ndarray, Sequence[Detection], float]:
        """The largest picture that was searched, uint8 (height width 3) BGR, the faces in its pixels, and its scale as `Reducible.small` gives it.

        A face that was found twice is in the result twice, in about the same place.
        """
        picture, scale = frame.small(self.px)
        found = detect(picture)
        longest_px = max(picture.shape[:2]) * scale
        sizes = [px for px in self._since if longest_px >= ENLARGED * px]
        if not self._known and self._is_sure(found):
            self._settled = True
        if self._settled or not sizes:
            return picture, found, scale
        whole = [moved(face, scale=scale) for face in found]
        larger, more = self._search_larger(frame, detect, sizes, whole, longest_px)
        self._new = False
        if not larger or not (self._known or self._is_sure(more)):
            return picture, found, scale
        self._remember(more, _LARGEST_FACE * longest_px)
        picture, scale = frame.small(max(larger))
        return picture, [moved(face, scale=1 / scale) for face in more], scale

    def _search_larger(
        self, frame: Reducible, detect: Detect, sizes: Sequence[int], found: list[Detection], longest_px: float
    ) -> tuple[list[int], list[Detection]]:
        """(the sizes of the larger pictures that were searched, `found` and the faces in those pictures), in the pixels of the frame."""
        due = self._due(sizes)
        if due:
            picture, scale = frame.small(due)
            found = [*found, *(moved(face, scale=scale) for face in detect(picture))]
        searched, seen = [due] if due else [], found
        missed = [] if due == sizes[-1] else self._missed(found)
        for px in sizes:
            if faces := [face for face in missed if _tile_size(face, sizes, longest_px) == px]:
                picture, scale = frame.small(px)
                places = [(_scaled(face.box, 1 / scale), float(min(1 + face.misses, _WIDEST))) for face in faces]
                seen = [*seen, *(moved(face, scale=scale) for face in search_tiles(picture, places, detect))]
                searched.append(px)
        return searched, seen

    def _due(self, sizes: Sequence[int]) -> int:
        """The size at which the whole picture is searched now, the largest that is due; 0: none. A size of n times the area is due after n searches,
        in a new shot and where small faces are known after half as many."""
        for px in sizes:
            self._since[px] += 1
        rate = 0.0 if not self._limited else 0.5 if self._new or self._known else 1.0
        due = max((px for px in sizes if self._since[px] >= rate * (px / self.px) ** 2), default=0)
        for px in sizes:
            if px <= due:
                self._since[px] = 0
        return due

    def _missed(self, found: Sequence[Detection]) -> list[_SmallFace]:
        return [face for face in self._known if not any(same_place(face.box, seen.box_xyxy_px) for seen in found)]

    def _remember(self, found: Sequence[Detection], largest_px: float) -> None:
        """The small faces that were found are known from now on, and those that were missed for some more searches."""
        known: list[_SmallFace] = []
        for seen in sorted(found, key=lambda face: -face.score):
            face = _SmallFace(seen.box_xyxy_px)
            if face.side_px <= largest_px and not any(same_place(face.box, other.box) for other in known):
                known.append(face)
        for face in known:  # where a face was before, it is not searched any more
            before = min(self._known, key=face.distance, default=face)
            if face.distance(before) < _MOVED * face.side_px:
                self._known = [other for other in self._known if other is not before]
        lost = [_SmallFace(face.box, face.misses + 1) for face in self._known if face.misses < MISSES]
        self._known = known + lost

    def _is_sure(self, found: Sequence[Detection]) -> bool:
        return any(face.score >= self._sure_score for face in found)


def _tile_size(face: _SmallFace, sizes: Sequence[int], longest_px: float) -> int:
    """The size of the picture in which a tile is searched, of a frame whose longer side has `longest_px`."""
    return next((px for px in sizes if face.side_px * px >= _WANTED_PX * longest_px), sizes[-1])


def _scaled(box: Box, scale: float) -> Box:
    x0, y0, x1, y1 = box
    return x0 * scale, y0 * scale, x1 * scale, y1 * scale
