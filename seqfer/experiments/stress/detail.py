"""Corruptions of detail: low resolution, blur, noise, compression.

Each function takes one picture, uint8 (height width) or (height width 3), a strength, and a generator, and returns a new picture of the same
shape. Lengths are fractions of the crop's width and the number of noise grains per edge is fixed, so that a strength does not depend on the
model's input size.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.random import Generator

from seqfer.experiments.stress.light import Picture, rounded

GRAINS = 48  # grains of noise along an edge: the pixels of a small face in a video, and of FER2013
_STEPS = 33  # positions along the path of a moving camera


def resolution(picture: Picture, edge_px: float, rng: Generator) -> Picture:
    """The face reduced to `edge_px` pixels wide (areas averaged) and enlarged again bilinearly. A smaller picture is not changed."""
    height, width = picture.shape[:2]
    if width <= edge_px:
        return picture.copy()
    small = (round(edge_px), max(1, round(edge_px * height / width)))
    return cv2.resize(
        cv2.resize(picture, small, interpolation=cv2.INTER_AREA), (width, height), interpolation=cv2.INTER_LINEAR
    )


def gaussian_blur(picture: Picture, share: float, rng: Generator) -> Picture:
    """Gaussian blur with a standard deviation of `share` of the crop's width."""
    return cv2.GaussianBlur(picture, (0, 0), share * picture.shape[1], borderType=cv2.BORDER_REPLICATE)


def motion_blur(picture: Picture, share: float, rng: Generator) -> Picture:
    """Motion blur along a straight path of `share` of the crop's width, in a random direction."""
    angle, half = rng.uniform(0, math.pi), share * picture.shape[1] / 2
    reach = math.ceil(half)
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1))
    for at in np.linspace(-half, half, _STEPS):  # each position is distributed over the four pixels around it
        x, y = reach + at * math.cos(angle), reach + at * math.sin(angle)
        column, row = min(int(x), 2 * reach - 1), min(int(y), 2 * reach - 1)
        across, down = x - column, y - row
        kernel[row : row + 2, column : column + 2] += np.outer((1 - down, down), (1 - across, across))
    return cv2.filter2D(picture, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE)


def gaussian_noise(picture: Picture, sigma: float, rng: Generator) -> Picture:
    """Sensor noise: independent normal noise of `sigma` grey levels (of 255) per grain and colour."""
    shape = (GRAINS, GRAINS, *picture.shape[2:])
    return rounded(picture + sigma * _enlarged(rng.standard_normal(shape), picture))


def salt_and_pepper(picture: Picture, share: float, rng: Generator) -> Picture:
    """Salt-and-pepper noise: `share` of the grains black or white, equally many of each."""
    chance = _enlarged(rng.random((GRAINS, GRAINS)), picture)
    result = picture.copy()
    result[chance < share / 2] = 0
    result[chance > 1 - share / 2] = 255
    return result


def jpeg(picture: Picture, quality: float, rng: Generator) -> Picture:
    """JPEG compression of this quality (libjpeg's scale, 100 is best)."""
    _, data = cv2.imencode(
        ".jpg", picture[..., ::-1] if picture.ndim == 3 else picture, [cv2.IMWRITE_JPEG_QUALITY, round(quality)]
    )
    read = np.asarray(cv2.imdecode(data, cv2.IMREAD_UNCHANGED))
    return np.ascontiguousarray(read[..., ::-1]) if picture.ndim == 3 else read


def _enlarged(grains: np.ndarray, picture: Picture) -> np.ndarray:
    """Grains (grain grain ...) as uniform patches over the whole picture."""
    return cv2.resize(grains, (picture.shape[1], picture.shape[0]), interpolation=cv2.INTER_NEAREST)
