"""Finds the starts of bins of which only the ends are known, as CARMA and DARMA write them; the width is the usual distance of successive ends."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqfer.core.errors import InputError
from seqfer.traces.cells import check_times
from seqfer.traces.trace import step_of


def starts_of(path: Path, lines: NDArray[np.int64], ends_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """The starts of the bins (n,); `lines` (n,) are their lines in the file, for messages. A single bin begins at 0.

    Raises InputError for times that decrease or repeat, and for a first end at or below 0, which cannot be an end.
    """
    check_times(path, lines, ends_s, doubled=False)
    if ends_s[0] <= 0:
        raise InputError(
            f"{path}:{lines[0]}: the first bin ends at {ends_s[0]:g} s; `Second` is the end of a bin, so it begins above 0"
        )
    width = step_of(ends_s)
    width = float(ends_s[0]) if math.isnan(width) else width
    before = np.append(0.0, ends_s[:-1])
    starts = np.maximum(ends_s - width, before)
    # 20 bins of 0.05 s: where bins touch, one ends exactly where the next begins
    return np.where(np.abs(starts - before) < 0.01 * width, before, starts)
