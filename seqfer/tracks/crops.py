"""Crops faces, aligned and scaled like the pictures that the encoders were trained on."""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np

from seqfer.core.records import Detection, TrackedFace

# Position of a face in FER2013's 48 x 48 pictures, on which the included encoders were trained, as fractions of its side. Medians over 1,000
# pictures of the Training part (drawn with seed 0), enlarged four times with cubic interpolation and set in a replicated border of a
# quarter side; YuNet (2026may, score >= 0.6) found 963: right eye (0.311, 0.386), left eye (0.689, 0.395), mouth corners
# (0.340, 0.754) and (0.645, 0.764); quartiles lie 0.03 (eyes) to 0.046 (mouth) to either side.
EYES_Y, EYE_DISTANCE, MOUTH_Y = 0.390, 0.378, 0.759
# The same pictures against the boxes: YuNet's is 0.789 wide and 1.038 high, OpenCV's Haar `frontalface_alt` (785 found) 0.964 square, both
# centred in the picture to 0.01. The picture's side is thus 0.963 heights of the one, 1.038 sides of the other: one rule gives both.
_SIDE, _HEIGHT_POWER = 1.038, 0.727
# Turning the head shortens the distance between the eyes but not that to the mouth, so the eye distance is taken as at least this fraction
# of the one expected from the mouth; below that the crop would zoom in on the face as it turns.
_LEAST_EYES = 0.8


class Square(NamedTuple):
    """A square part of a picture: its centre and side in pixels, and cosine and sine of its clockwise rotation."""

    x: float
    y: float
    side: float
    cos: float
    sin: float


def align_crop(grey: np.ndarray, face: TrackedFace | Detection, size: int, margin: float = 0.0) -> np.ndarray:
    """The face as a picture (size size) of the same type, framed like the training pictures; `margin` adds this fraction of its side on every side.

    `grey` is uint8 (height width), or (height width 3), and gives (size size 3) then. With landmarks the eyes are level, at `EYES_Y` and
    `EYE_DISTANCE` apart (a strongly turned head: nearer together); without, it is the square around the box. Pixels outside the
    picture repeat its edge. Shrinking averages areas, which avoids aliasing.
    """
    at = square_of(face)
    return crop_square(grey, at._replace(side=at.side * (1.0 + 2.0 * margin)), size)


def crop_square(picture: np.ndarray, square: Square, size: int, *, by_halves: bool = False) -> np.ndarray:
    """A square of a picture (height width) or (height width 3) as a picture of `size` pixels; see `align_crop`.

    `by_halves`: areas are averaged by whole halves only, and what is left, less than a half, is interpolated: several times faster for a colour
    picture of 192 pixels, and not free of aliasing.
    """
    centre_x, centre_y, side, cos, sin = square
    half = side / 2 * (abs(cos) + abs(sin)) + 2
    x0, y0 = math.floor(centre_x - half), math.floor(centre_y - half)
    shrink = min(1.0, size / side)
    halvings = int(-math.log2(shrink))
    length = -(-math.ceil(2 * half + 1) // 2**halvings) * 2**halvings
    reduced = window(picture, x0, y0, x0 + length, y0 + length)
    for _ in range(halvings):  # OpenCV halves much faster than it averages by other factors
        reduced = cv2.resize(reduced, (len(reduced) // 2,) * 2, interpolation=cv2.INTER_AREA)
    if shrink < 1.0 and not by_halves:
        reduced = cv2.resize(reduced, (max(1, round(length * shrink)),) * 2, interpolation=cv2.INTER_AREA)
    scale = len(reduced) / length
    pixel, corner = side / size, 0.5 * (side / size - side)  # of the crop, in the picture; the first pixel's centre
    across, down = pixel * scale * cos, pixel * scale * sin
    left = scale * (cos * corner - sin * corner + centre_x - x0) - 0.5
    top = scale * (sin * corner + cos * corner + centre_y - y0) - 0.5
    matrix = np.array([[across, -down, left], [down, across, top]])
    return cv2.warpAffine(
        reduced, matrix, (size, size), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )


def square_of(face: TrackedFace | Detection) -> Square:
    """The square to crop."""
    x0, y0, x1, y1 = face.box_xyxy_px
    if face.landmarks_xy_px is not None:
        (right_x, right_y), (left_x, left_y), _, *mouth = (
            face.landmarks_xy_px
        )  # Python floats: NumPy arrays of two are slower
        apart = math.hypot(left_x - right_x, left_y - right_y)
        if apart > 0.05 * (x1 - x0):
            cos, sin = (left_x - right_x) / apart, (left_y - right_y) / apart
            eyes_x, eyes_y = (right_x + left_x) / 2, (right_y + left_y) / 2
            mouth_x, mouth_y = (mouth[0][0] + mouth[1][0]) / 2, (mouth[0][1] + mouth[1][1]) / 2
            below = -sin * (mouth_x - eyes_x) + cos * (mouth_y - eyes_y)
            side = max(apart / EYE_DISTANCE, _LEAST_EYES * below / (MOUTH_Y - EYES_Y))
            drop = (0.5 - EYES_Y) * side
            return Square(eyes_x - sin * drop, eyes_y + cos * drop, side, cos, sin)
    side = _SIDE * (y1 - y0) ** _HEIGHT_POWER * (x1 - x0) ** (1 - _HEIGHT_POWER)
    return Square((x0 + x1) / 2, (y0 + y1) / 2, side, 1.0, 0.0)


def window(picture: np.ndarray, x0: int, y0: int, x1: int, y1: int) -> np.ndarray:
    """Rows y0 to y1 and columns x0 to x1, at least one each; pixels outside the picture repeat its edge."""
    width, height = max(x1 - x0, 1), max(y1 - y0, 1)
    rows, above, below = _inside(y0, height, picture.shape[0])
    columns, left, right = _inside(x0, width, picture.shape[1])
    part = picture[rows, columns]
    if not (above or below or left or right):
        return part
    return cv2.copyMakeBorder(part, above, below, left, right, cv2.BORDER_REPLICATE)


def _inside(start: int, length: int, limit: int) -> tuple[slice, int, int]:
    """The slice of `limit` lines inside a window of `length` from `start` (the nearest one if none), and how many are missing at both ends."""
    first, last = min(max(start, 0), limit - 1), min(max(start + length, 1), limit)
    before = min(first - min(start, first), length - 1)
    return slice(first, last), before, length - (last - first) - before
