"""Rounds the numbers of a row for writing, so that all files of the same rows agree to the last digit.

Measures of geometry in degrees or pixels have 2 decimals, the others 4.
Times have 6 decimals (the finest common time base, 1/90000 s, has steps of 11 us), probabilities and valence 6, boxes and scores 2 and 4.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from seqfer.core.csv_text import decimal_cell

TIME_DECIMALS, SHARE_DECIMALS, BOX_DECIMALS, SCORE_DECIMALS = 6, 6, 2, 4


def measure_decimals(name: str) -> int:
    """Decimals of a measure of geometry, by the unit in its name."""
    return 2 if name.endswith(("_deg", "_px")) else 4


def rounded_time(time_s: float) -> float:
    """Whole microseconds: 2.9999999, which is 3 seconds with a floating-point error, becomes 3.0."""
    return round(time_s, TIME_DECIMALS) + 0.0


def second_of(time_s: float) -> int:
    """The whole second t with t <= time_s < t + 1, of the rounded time."""
    return math.floor(rounded_time(time_s))


def rounded_probabilities(shares: Sequence[float]) -> tuple[float, ...]:
    """Probabilities rounded for writing."""
    return tuple([round(share, SHARE_DECIMALS) for share in shares])


def top_index(shares: Sequence[float]) -> int:
    """The index of the top emotion: the largest of the rounded probabilities, the first of equal ones.

    Two that differ only beyond the written digits count as equal, so that the file gives the same top emotion.
    """
    written = rounded_probabilities(shares)
    return written.index(max(written))


def text(value: float, decimals: int = SHARE_DECIMALS) -> str:
    """For a CSV cell: fixed decimals, never "-0.000", empty for NaN."""
    return decimal_cell(value, decimals)
