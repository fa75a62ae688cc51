"""Meshes made by hand: all points at one place, but those that a test moves."""

from __future__ import annotations

import numpy as np

from seqfer.geometry.pose import AVERAGE, RIGID

UNIT_PX = 200.0


def average_mesh() -> np.ndarray:
    """A mesh (478 3) of the average face looking ahead, with eyes whose lids and irises are where open eyes have them."""
    points = np.zeros((478, 3))
    points[list(RIGID)] = UNIT_PX * AVERAGE
    for outer, inner, iris in ((33, 133, 468), (263, 362, 473)):
        width = np.linalg.norm(points[outer] - points[inner])
        points[iris] = (points[outer] + points[inner]) / 2 + width * np.array(
            [0.026 * np.sign(points[outer, 0]), -0.056, 0]
        )
    open_eyes(points, 0.3)
    points[[13, 14]] = (0, 0.7 * UNIT_PX, 0)
    return points


def open_eyes(points: np.ndarray, openness: float) -> None:
    """Move the lids of a mesh, in place."""
    for (outer, inner), lids in (
        ((33, 133), ((160, 144), (159, 145), (158, 153))),
        ((263, 362), ((387, 373), (386, 374), (385, 380))),
    ):
        middle, width = (points[outer] + points[inner]) / 2, np.linalg.norm(points[outer] - points[inner])
        for upper, lower in lids:
            half = np.array([0, openness * width / 2, 0])
            points[upper], points[lower] = middle - half, middle + half
