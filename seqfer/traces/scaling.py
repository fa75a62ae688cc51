"""Scales values from their rating range to [-1, 1], linearly."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqfer.core.errors import InputError

UNIT = (-1.0, 1.0)
ROUNDED = 1e-4  # as a fraction of the range: the tools write four or five digits, so that a joystick at its limit may be just outside


def check_range(where: Path | str, low: float, high: float) -> tuple[float, float]:
    """The range as it is. Raises InputError when it is empty or not finite."""
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise InputError(
            f"{where}: values from {low:g} to {high:g} are not a range; the lower end must be below the upper one"
        )
    return low, high


def scaled(
    path: Path,
    lines: NDArray[np.int64],
    values: NDArray[np.float64],
    value_range: tuple[float, float],
    *,
    stated: bool,
    what: str = "",
) -> NDArray[np.float64]:
    """Values (n,) in [-1, 1], NaN kept; values outside the range by rounding are clipped.

    `lines` (n,) are their lines in the file, `what` is the column's name. Raises InputError with the line for values outside the range that
    the file states or, where it states none, the given or the default range.
    """
    low, high = check_range(path, *value_range)
    slack = ROUNDED * (high - low)
    outside = np.flatnonzero((values < low - slack) | (values > high + slack))
    if outside.size:
        first = outside[0]
        column = f" of {what!r}" if what else ""
        advice = "check the export" if stated else "give the range of the values (value range)"
        raise InputError(f"{path}:{lines[first]}: {values[first]:g}{column} is outside {low:g} to {high:g}; {advice}")
    if (low, high) == UNIT:
        return np.clip(values, low, high)
    return np.clip((2.0 * values - (low + high)) / (high - low), -1.0, 1.0)
