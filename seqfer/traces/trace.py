"""Defines `Trace`: one rating over time in [-1, 1], as samples at points in time or as means over bins, checked when it is made."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqfer.core.errors import InputError

STEP_S = 5e-7  # smaller differences of times are floating-point errors: files have microseconds at most
LATEST_S = 1e12  # a larger time is damaged; float64 cannot resolve half a microsecond there
ROUNDED_S = 0.001  # files write times in whole milliseconds, so that equal steps of 41.7 ms come as 41 and 42


@dataclass(frozen=True, eq=False)
class Trace:
    """Ratings in order of time; all arrays are float64 of shape (n,).

    `end_s` equals `start_s` where `values` are samples, and is later everywhere where they are means over [start, end).
    Several samples at one time are allowed, as in logs; bins never overlap. `values` are in [-1, 1], NaN where nothing was
    rated. `film` is the video's file name as the file states it, "" where it does not. `rate_hz` is NaN where the times are not
    regular. `range` is the range of the values in the file, `source` its path. `notes` say what a reader decided. `length_s` and `frame_rate_hz`
    are the video's length and frames per second where the file states them, else NaN.
    """

    name: str
    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    values: NDArray[np.float64]
    film: str = ""
    rate_hz: float = math.nan
    range: tuple[float, float] = (-1.0, 1.0)
    source: str = ""
    notes: tuple[str, ...] = ()
    length_s: float = math.nan
    frame_rate_hz: float = math.nan

    def __post_init__(self) -> None:
        """Raises InputError for arrays of other shapes, times that decrease or bins that overlap, and values outside [-1, 1]."""
        what = f"{self.source}: trace {self.name!r}" if self.source else f"trace {self.name!r}"
        for name in ("start_s", "end_s", "values"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=np.float64))
        shapes = {self.start_s.shape, self.end_s.shape, self.values.shape}
        if len(shapes) != 1 or self.values.ndim != 1:
            raise InputError(f"{what}: start_s, end_s and values must have one shape (n,); got {sorted(shapes)}")
        if not ((np.abs(self.start_s) < LATEST_S).all() and (np.abs(self.end_s) < LATEST_S).all()):
            raise InputError(f"{what}: a time is not a number or impossibly large; every value needs a time in seconds")
        moments = self.end_s == self.start_s
        if not moments.all() and (moments.any() or (self.end_s < self.start_s).any()):
            raise InputError(f"{what}: must be samples at moments or bins that end after they start, not both")
        wrong = np.flatnonzero(self.start_s[1:] < self.end_s[:-1] - STEP_S)
        if wrong.size:
            at = float(self.start_s[wrong[0] + 1])
            raise InputError(f"{what}: times run backwards or overlap at {at:g} s; give them in order")
        if (np.abs(self.values) > 1).any():  # NaN is no complaint
            raise InputError(f"{what}: values must lie in [-1, 1]; scale them from the range they were rated in")

    @property
    def samples(self) -> bool:
        """Whether the values are samples at moments; else they are means over bins."""
        return bool((self.start_s == self.end_s).all())

    @property
    def doubled(self) -> int:
        """How many samples have the time of the one before them."""
        return int((np.diff(self.start_s) == 0).sum())

    @property
    def missing(self) -> int:
        """How many values are NaN."""
        return int(np.isnan(self.values).sum())

    def shifted(self, seconds: float) -> Trace:
        """The same ratings `seconds` later; a negative number removes a rater's delay. Raises InputError when it is not finite."""
        return replace(self, start_s=self.start_s + seconds, end_s=self.end_s + seconds)


def step_of(times_s: ArrayLike) -> float:
    """The usual distance of successive times: the median over steps above 0; NaN for fewer than two different times."""
    steps = np.diff(np.asarray(times_s, dtype=np.float64))
    steps = steps[steps > STEP_S]
    return float(np.median(steps)) if steps.size else math.nan


def rate_of(times_s: ArrayLike) -> float:
    """Samples per second where nine steps in ten, without gaps, are equal up to 1 % or a millisecond of rounding, else NaN.

    It is computed from the mean of those steps, so that 23.976 fps is found from times in whole milliseconds.
    """
    steps, usual = np.diff(np.asarray(times_s, dtype=np.float64)), step_of(times_s)
    if math.isnan(usual):
        return math.nan
    steps = steps[steps <= 1.5 * usual]
    equal = steps[np.abs(steps - usual) <= max(0.01 * usual, 1.01 * ROUNDED_S)]
    return 1.0 / float(equal.mean()) if equal.size >= 0.9 * steps.size else math.nan
