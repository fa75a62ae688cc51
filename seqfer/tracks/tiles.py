"""Searches the parts of a picture around faces whose places are known, in place of the whole picture.

A face is found again where the part around it has several times its side: in a picture of 1280x720 pixels, the part for a face of 26 pixels is a
sixtieth of the picture.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from seqfer.core.records import Detection

Box = tuple[float, float, float, float]
_SPAN = 4.0  # a tile's side in sides of the face: the face may move by one and a half of its sides
_LEAST_PX, _MULTIPLE_PX = 96, 32  # few different sizes, multiples of the detectors' coarsest grid
_EDGE_PX = 2  # a box that ends so near a cut belongs to a face that is in the tile in part only


def search_tiles(
    picture: np.ndarray, boxes: Sequence[tuple[Box, float]], detect: Callable[[np.ndarray], Sequence[Detection]]
) -> list[Detection]:
    """The faces around these boxes of the picture, uint8 (height width 3) BGR, in its pixels; one in two tiles is there twice.

    Each box comes with the factor by which its tile is larger than usual.
    """
    height, width = picture.shape[:2]
    tiles = _joined([_around(box, larger, width, height) for box, larger in boxes])
    return [face for tile in tiles for face in _search(picture, tile, detect)]


def moved(face: Detection, x_px: float = 0.0, y_px: float = 0.0, scale: float = 1.0) -> Detection:
    """The face with its box and landmarks multiplied by `scale`, then moved to the right and down."""
    x0, y0, x1, y1 = face.box_xyxy_px
    box = (x0 * scale + x_px, y0 * scale + y_px, x1 * scale + x_px, y1 * scale + y_px)
    marks = face.landmarks_xy_px
    return Detection(box, face.score, marks and tuple((x * scale + x_px, y * scale + y_px) for x, y in marks))


def _around(box: Box, larger: float, width: int, height: int) -> tuple[int, int, int, int]:
    """x0 y0 x1 y1 of the tile: a square inside the picture, or what the picture has of it."""
    face_px = max(box[2] - box[0], box[3] - box[1])
    side = max(_LEAST_PX, _MULTIPLE_PX * math.ceil(larger * _SPAN * face_px / _MULTIPLE_PX))
    x0, y0 = (
        max(0, min(length - side, round((low + high - side) / 2)))
        for low, high, length in ((box[0], box[2], width), (box[1], box[3], height))
    )
    return x0, y0, min(x0 + side, width), min(y0 + side, height)


def _joined(tiles: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Two tiles become one where that is not larger than both."""
    for number, one in enumerate(tiles):
        for other in tiles[number + 1 :]:
            both = min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])
            if _area(both) <= _area(one) + _area(other):
                return _joined([both, *(tile for tile in tiles if tile is not one and tile is not other)])
    return tiles


def _area(tile: tuple[int, int, int, int]) -> int:
    return (tile[2] - tile[0]) * (tile[3] - tile[1])


def _search(
    picture: np.ndarray, tile: tuple[int, int, int, int], detect: Callable[[np.ndarray], Sequence[Detection]]
) -> Iterator[Detection]:
    """The tile's faces in the picture's pixels, without those that it cuts."""
    height, width = picture.shape[:2]
    left, top, right, bottom = tile
    for found in detect(np.ascontiguousarray(picture[top:bottom, left:right])):
        face = moved(found, left, top)
        x0, y0, x1, y1 = face.box_xyxy_px
        low = (left and x0 < left + _EDGE_PX) or (top and y0 < top + _EDGE_PX)
        high = (right < width and x1 > right - _EDGE_PX) or (bottom < height and y1 > bottom - _EDGE_PX)
        if not (low or high):
            yield face
