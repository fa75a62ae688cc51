"""Detail lost or made up: few pixels, blur, noise, compression.

One picture, uint8 (height width) or (height width 3), a strength, and a generator in; a new picture of the same shape out. Lengths are
shares of the crop's width and grains have a fixed number per edge, so that a strength is as strong for a model of any input size.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.random import Generator

from seqfer.experiments.stress.light import Picture, rounded

GRAINS = 48  # of noise along an edge: the pixels of a small face in a film, and of FER2013
_STEPS = 33  # places along the path of a moving camera


def resolution(picture: Picture, edge_px: float, rng: Generator) -> Picture:
    """The face as a camera far away has it, `edge_px` wide (areas averaged), enlarged again bilinearly. A smaller picture stays as it is."""
    height, width = picture.shape[:2]
    if width <= edge_px:
        return picture.copy()
    small = (round(edge_px), max(1, round(edge_px * height / width)))
    return cv2.resize(
        cv2.resize(picture, small, interpolation=cv2.INTER_AREA), (width, height), interpolation=cv2.INTER_LINEAR
    )


def gaussian_blur(picture: Picture, share: float, rng: Generator) -> Picture:
    """A lens out of focus: standard deviation of `share` of the crop's width."""
    return cv2.GaussianBlur(picture, (0, 0), share * picture.shape[1], borderType=cv2.BORDER_REPLICATE)


def motion_blur(picture: Picture, share: float, rng: Generator) -> Picture:
    """A head that moves while the shutter is open: a straight path of `share` of the crop's width, in a direction that is drawn."""
    angle, half = rng.uniform(0, math.pi), share * picture.shape[1] / 2
    reach = math.ceil(half)
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1))
    for at in np.linspace(-half, half, _STEPS):  # each place is shared among the four pixels around it
        x, y = reach + at * math.cos(angle), reach + at * math.sin(angle)
        column, row = min(int(x), 2 * reach - 1), min(int(y), 2 * reach - 1)
        across, down = x - column, y - row
        kernel[row : row + 2, column : column + 2] += np.outer((1 - down, down), (1 - across, across))
    return cv2.filter2D(picture, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE)


def gaussian_noise(picture: Picture, sigma: float, rng: Generator) -> Picture:
    """A sensor in the dark: independent normal noise of `sigma` grey levels (of 255) per grain and colour."""
    shape = (GRAINS, GRAINS, *picture.shape[2:])
    return rounded(picture + sigma * _enlarged(rng.standard_normal(shape), picture))


def salt_and_pepper(picture: Picture, share: float, rng: Generator) -> Picture:
    """Dead pixels: `share` of the grains black or white, as many of the one as of the other."""
    chance = _enlarged(rng.random((GRAINS, GRAINS)), picture)
    result = picture.copy()
    result[chance < share / 2] = 0
    result[chance > 1 - share / 2] = 255
    return result


def jpeg(picture: Picture, quality: float, rng: Generator) -> Picture:
    """Stored as JPEG of this quality (libjpeg's scale, 100 is best) and read again."""
    _, data = cv2.imencode(
        ".jpg", picture[..., ::-1] if picture.ndim == 3 else picture, [cv2.IMWRITE_JPEG_QUALITY, round(quality)]
    )
    read = np.asarray(cv2.imdecode(data, cv2.IMREAD_UNCHANGED))
    return np.ascontiguousarray(read[..., ::-1]) if picture.ndim == 3 else read


def _enlarged(grains: np.ndarray, picture: Picture) -> np.ndarray:
    """Grains (grain grain ...) as flat patches over the whole picture."""
    return cv2.resize(grains, (picture.shape[1], picture.shape[0]), interpolation=cv2.INTER_NEAREST)
