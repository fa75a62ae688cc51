"""Corruptions of pose and crop: a rotated head, a box that is too small, too large or shifted, a mirror image.

Each function takes one picture, uint8 (height width) or (height width 3), a strength, and a generator, and returns a new picture of the same
shape. Pixels are interpolated bilinearly; pixels outside the picture repeat its edge, as where a face's box extends over a frame's edge.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.random import Generator

from seqfer.experiments.stress.light import Picture


def rotate_left(picture: Picture, degrees: float, rng: Generator) -> Picture:
    """Counter-clockwise rotation about the centre."""
    return _warped(picture, cv2.getRotationMatrix2D(_middle(picture), degrees, 1.0))


def rotate_right(picture: Picture, degrees: float, rng: Generator) -> Picture:
    """Clockwise rotation about the centre."""
    return _warped(picture, cv2.getRotationMatrix2D(_middle(picture), -degrees, 1.0))


def scale(picture: Picture, factor: float, rng: Generator) -> Picture:
    """The face `factor` times as large in a crop of the same size, about the centre."""
    return _warped(picture, cv2.getRotationMatrix2D(_middle(picture), 0.0, factor))


def shift(picture: Picture, share: float, rng: Generator) -> Picture:
    """The face moved by `share` of the crop's width, in a random direction."""
    angle = rng.uniform(0, 2 * math.pi)
    far = share * picture.shape[1]
    return _warped(picture, np.array([[1, 0, far * math.cos(angle)], [0, 1, far * math.sin(angle)]]))


def mirror(picture: Picture, strength: float, rng: Generator) -> Picture:
    """Left and right exchanged; there is only one strength."""
    return np.ascontiguousarray(picture[:, ::-1])


def _middle(picture: Picture) -> tuple[float, float]:
    return (picture.shape[1] - 1) / 2, (picture.shape[0] - 1) / 2


def _warped(picture: Picture, matrix: np.ndarray) -> Picture:
    """`matrix` (2, 3) maps positions in the picture to positions in the result, in pixels."""
    size = (picture.shape[1], picture.shape[0])
    return cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
