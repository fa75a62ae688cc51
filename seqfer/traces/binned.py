"""Bins as CARMA and DARMA write them: by their ends only. The width is the usual distance of ends that follow each other."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqfer.core.errors import InputError
from seqfer.traces.cells import check_times
from seqfer.traces.trace import step_of


def starts_of(path: Path, lines: NDArray[np.int64], ends_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where the bins begin (n,), `lines` (n,) being where they stand in the file. One bin alone begins at 0.

    Raises InputError for times that run backwards or are doubled, and for a first end at 0 or before: then they are no ends.
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
