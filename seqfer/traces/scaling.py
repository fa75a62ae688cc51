"""Values in the range they were rated in -> [-1, 1], linearly."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqfer.core.errors import InputError

UNIT = (-1.0, 1.0)
ROUNDED = (
    1e-4  # of the range: the tools write four or five digits, so that a joystick at its end may come out beyond it
)


def check_range(where: Path | str, low: float, high: float) -> tuple[float, float]:
    """The range as it is. Raises InputError when it is empty or not finite."""
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise InputError(
            f"{where}: values from {low:g} to {high:g} are no range; the lower end must be below the upper one"
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
    """Values (n,) in [-1, 1], NaN kept; what is outside by rounding is clipped.

    `lines` (n,) is where they stand, `what` the column's name. Raises InputError with the line for values outside: of the range the file
    itself states or, where it states none, of the one that was given or taken for granted.
    """
    low, high = check_range(path, *value_range)
    slack = ROUNDED * (high - low)
    outside = np.flatnonzero((values < low - slack) | (values > high + slack))
    if outside.size:
        first = outside[0]
        column = f" of {what!r}" if what else ""
        advice = "check the export" if stated else "say what the values run between (value range)"
        raise InputError(f"{path}:{lines[first]}: {values[first]:g}{column} is outside {low:g} to {high:g}; {advice}")
    if (low, high) == UNIT:
        return np.clip(values, low, high)
    return np.clip((2.0 * values - (low + high)) / (high - low), -1.0, 1.0)
