"""Drawn pictures of people as patterned blocks, and what a detector would find in them."""

from __future__ import annotations

import cv2
import numpy as np

from seqfer.core.records import Detection
from seqfer.tracks import observations

SIDE = 40.0


def picture_of(*people: tuple[int, float, float]) -> np.ndarray:
    """(180 320 3) BGR with patterned blocks: (seed of the looks, centre x, centre y) each."""
    picture = np.full((180, 320, 3), 120, np.uint8)
    for seed, x, y in people:
        rng = np.random.default_rng(seed)
        looks = (0.5 * rng.integers(0, 256, (11, 7, 3)) + 0.5 * rng.integers(0, 256, 3)).astype(np.uint8)
        block = cv2.resize(looks, (56, 88), interpolation=cv2.INTER_CUBIC)
        x0, y0 = round(x) - 28, round(y) - 36
        picture[y0 : y0 + 88, x0 : x0 + 56] = block
    return picture


def at(x: float, y: float, score: float = 0.9, side: float = SIDE) -> Detection:
    return Detection((x - side / 2, y - side / 2, x + side / 2, y + side / 2), score)


def seen(*people: tuple[int, float, float]):
    return observations(picture_of(*people), [at(x, y) for _, x, y in people], 1.0, 0.0)
