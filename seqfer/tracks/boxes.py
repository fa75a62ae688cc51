"""Compares boxes x1 y1 x2 y2 in pixels: intersection over union, and whether two are on one face."""

from __future__ import annotations

from collections.abc import Sequence


def overlap(first: Sequence[float], second: Sequence[float]) -> float:
    """Intersection over union of two boxes x1 y1 x2 y2."""
    both = _intersection(first, second)
    return both / (_area(first) + _area(second) - both)


def same_place(first: Sequence[float], second: Sequence[float]) -> bool:
    """Whether two boxes are on one face: they overlap by half, or one contains most of the other."""
    inside = _intersection(first, second) / min(_area(first), _area(second))
    return overlap(first, second) > 0.5 or inside > 0.8


def _intersection(first: Sequence[float], second: Sequence[float]) -> float:
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    return max(width, 0.0) * max(height, 0.0)


def _area(box: Sequence[float]) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
