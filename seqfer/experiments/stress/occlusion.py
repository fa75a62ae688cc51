"""Occlusions of a face: glasses, a hand, a rectangle. All are drawn; no photographs are used.

Each function takes one picture, uint8 (height width) or (height width 3), a strength, and a generator, and returns a new picture of the same
shape. Eyes and mouth are not detected: occluders are drawn at the eyes and the mouth of the mean crop of FER2013 and of Cohn-Kanade at 48
pixels, which agree to 2 % of the edge. A corpus with other crops needs other numbers here.
"""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.random import Generator

from seqfer.experiments.stress.light import Picture, rounded

# Fractions of the crop's edge, from its upper left corner.
EYES_Y, EYE_X, MOUTH_Y = 0.375, 0.19, 0.79  # EYE_X to either side of the centre
_LENS_X, _LENS_Y, _RIM = 0.145, 0.12, 0.025  # half a lens, and the width of its rim
_FINGER = 0.105  # width of a finger; four make 0.42, a hand of 85 mm over a face of 140 mm that fills three quarters of the crop
_TIPS = (0.9, 0.98, 1.0, 0.86)  # length of each finger, relative to the longest one
_FINE = 4  # drawn this many times larger, then averaged: cv2's anti-aliasing has no partial transparency
_FRAME_GREY = 25
_CIRCLE = np.stack([np.cos(np.linspace(0, 2 * np.pi, 73)), np.sin(np.linspace(0, 2 * np.pi, 73))], axis=1)
_BITS = 4  # fractional bits of the coordinates for cv2


def glasses(picture: Picture, tint: float, rng: Generator) -> Picture:
    """Dark rims, and lenses that absorb `tint` of the light: 0 is clear glass, 1 is black. Rotated by up to 4 degrees."""
    place = _Place(picture, rng, 4.0, (0.5, EYES_Y))
    lens, rim = place.layer(), place.layer()
    for side in (-1, 1):
        oval = _CIRCLE * (_LENS_X, _LENS_Y) + (side * EYE_X, 0)
        place.fill(lens, oval)
        place.line(rim, [*oval], _RIM)
        place.line(rim, [(side * (EYE_X + _LENS_X), 0), (side * 0.6, -0.03)], _RIM)
    place.line(rim, [(-EYE_X + _LENS_X, -0.02), (EYE_X - _LENS_X, -0.02)], _RIM)
    frame, glass = place.cover(rim), place.cover(lens)
    return rounded((picture * (1 - tint * glass)) * (1 - frame) + _FRAME_GREY * frame)


def hand_over_mouth(picture: Picture, reach: float, rng: Generator) -> Picture:
    """A flat hand from one side, its longest finger extending over `reach` of the crop's width, over the mouth."""
    return _hand(picture, reach, MOUTH_Y, rng)


def hand_over_eyes(picture: Picture, reach: float, rng: Generator) -> Picture:
    """A flat hand from one side, its longest finger extending over `reach` of the crop's width, over the eyes."""
    return _hand(picture, reach, EYES_Y, rng)


def rectangle(picture: Picture, share: float, rng: Generator) -> Picture:
    """A uniform rectangle over `share` of the area; its grey level, its position and its shape (1:2 to 2:1) are random."""
    height, width = picture.shape[:2]
    aspect, grey = math.sqrt(2) ** rng.uniform(-1, 1), rng.integers(0, 256)
    wide, tall = round(math.sqrt(share) * aspect * width), round(math.sqrt(share) / aspect * height)
    left, top = round(rng.random() * (width - wide)), round(rng.random() * (height - tall))
    result = picture.copy()
    result[top : top + tall, left : left + wide] = grey
    return result


def _hand(picture: Picture, reach: float, y: float, rng: Generator) -> Picture:
    """Four fingers side by side, in the skin's median colour, darker between them."""
    place = _Place(picture, rng, 6.0, (0.0, y), mirrored=rng.random() < 0.5)
    covered, lit = place.layer(), place.layer()
    for k, tip in enumerate(_TIPS):
        across = (k - 1.5) * _FINGER
        ends = [(-0.5, across), (reach * tip - _FINGER / 2, across)]
        place.line(covered, ends, _FINGER * 1.05)
        place.line(lit, ends, _FINGER * 0.72)
    cover, light = place.cover(covered), place.cover(lit)
    height, width = picture.shape[:2]
    cheeks = picture[height * 45 // 100 : height * 65 // 100 + 1, width // 4 : width * 3 // 4 + 1]
    skin = np.median(cheeks.reshape(-1, *picture.shape[2:]), axis=0)
    return rounded(picture * (1 - cover) + skin * (0.62 + 0.33 * light) * cover)


class _Place:
    """The position of an occluder: its origin in the crop, rotated by up to `tilt` degrees and moved by up to 2 %, both at random."""

    def __init__(
        self, picture: Picture, rng: Generator, tilt: float, origin: tuple[float, float], mirrored: bool = False
    ) -> None:
        self.picture, self.mirrored = picture, mirrored
        angle = math.radians(rng.uniform(-tilt, tilt))
        self.turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        self.origin = np.array(origin) + rng.uniform(-0.02, 0.02, 2) * (
            origin[0] != 0,
            1,
        )  # the reach of a hand is fixed

    def layer(self) -> Picture:
        """An empty drawing."""
        return np.zeros((self.picture.shape[0] * _FINE, self.picture.shape[1] * _FINE), np.uint8)

    def fill(self, layer: Picture, corners: np.ndarray) -> None:
        """A filled shape; `corners` (n, 2) in fractions of the edge from the origin."""
        cv2.fillPoly(layer, [self._pixels(layer, corners)], 255, cv2.LINE_AA, _BITS)

    def line(self, layer: Picture, points: list[Any], breadth: float) -> None:
        """A line with round ends."""
        thick = max(1, round(breadth * layer.shape[1]))
        cv2.polylines(layer, [self._pixels(layer, np.array(points))], False, 255, thick, cv2.LINE_AA, _BITS)

    def cover(self, layer: Picture) -> np.ndarray:
        """Coverage of each pixel, in [0, 1]: (height width), or (height width 1) for pictures in colour."""
        size = (self.picture.shape[1], self.picture.shape[0])
        share = cv2.resize(layer, size, interpolation=cv2.INTER_AREA) / 255
        share = share[:, ::-1] if self.mirrored else share
        return share if self.picture.ndim == 2 else share[..., None]

    def _pixels(self, layer: Picture, points: np.ndarray) -> np.ndarray:
        places = (points @ self.turn.T + self.origin) * (layer.shape[1], layer.shape[0]) * 2**_BITS
        result: np.ndarray = np.rint(places).astype(np.int32)
        return result
