"""Corruptions of light and contrast, as by lamps, windows or a camera's exposure.

Every function takes one picture, uint8 (height width) or (height width 3), a strength, and a generator that it may use, and returns
a new uint8 picture of the same shape. Values outside 8 bits are clipped, as in a camera. The corruptions are those
of Hendrycks & Dietterich 2019 (arXiv 1903.12261) that apply to a face crop; the strengths are our own.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.random import Generator

Picture = np.ndarray


def gain(picture: Picture, factor: float, rng: Generator) -> Picture:
    """Exposure: every grey level times `factor`."""
    return cv2.convertScaleAbs(picture, alpha=factor)


def gamma(picture: Picture, exponent: float, rng: Generator) -> Picture:
    """Tone curve: levels in [0, 1] to the power of `exponent`; above 1 mid levels get darker, below 1 lighter; black and white do not change."""
    levels = np.arange(256) / 255
    return cv2.LUT(picture, rounded(255 * levels**exponent))


def contrast(picture: Picture, factor: float, rng: Generator) -> Picture:
    """Distances from the picture's mean grey level times `factor`; the mean does not change, except by clipping."""
    mean = float(picture.mean())
    return cv2.LUT(picture, rounded(mean + factor * (np.arange(256) - mean)))


def side_light(picture: Picture, depth: float, rng: Generator) -> Picture:
    """Light from one side: a gain that changes linearly from 1 + `depth` at one edge to 1 - `depth` at the other.

    The side is random, and so is the light's elevation, up to 30 degrees above or below.
    """
    height, width = picture.shape[:2]
    angle = math.radians(rng.uniform(-30, 30)) + (math.pi if rng.random() < 0.5 else 0.0)
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    along = x * math.cos(angle) + y * math.sin(angle)
    gains = 1 + depth * along / np.abs(along).max()
    return rounded(picture * (gains if picture.ndim == 2 else gains[..., None]))


def rounded(values: np.ndarray) -> Picture:
    """Grey levels as 8 bits: rounded and clipped."""
    result: Picture = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return result
