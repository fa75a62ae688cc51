"""Resamples traces to means over equal bins of time, such as the 1 Hz traces at which predictions are compared.

Samples have equal weight, as in the annotation tools: the mean over [t, t + 1/rate). Bins of another width are
weighted by the duration of their overlap. Gaps are neither filled nor interpolated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqfer.core.errors import InputError, SettingsError
from seqfer.traces.trace import STEP_S, Trace, step_of

MOST_BINS = 10_000_000  # 115 days at 1 Hz: more means a damaged timestamp, and the arrays would not fit into memory
LONGEST_HOLD = (
    3.0  # in usual steps: a sample is valid until the next one, unless the distance is longer than this, which is a gap
)

_Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Seconds:
    """Means over bins [start_s + i / rate_hz, start_s + (i + 1) / rate_hz): `values` (bin,), NaN where there is no rating.

    `coverage` (bin,) in [0, 1] is the fraction of the bin that was rated; 0 where the value is NaN.
    """

    start_s: float
    rate_hz: float
    values: _Floats
    coverage: _Floats

    @property
    def edges_s(self) -> _Floats:
        """Edges of the bins, (bin + 1,)."""
        return self.start_s + np.arange(len(self.values) + 1) / self.rate_hz

    def as_trace(self, name: str, film: str = "") -> Trace:
        """The bins as a trace, to be written. Raises InputError for values outside [-1, 1]."""
        edges = self.edges_s
        return Trace(name, edges[:-1], edges[1:], self.values, film, self.rate_hz)


def resample(trace: Trace, rate_hz: float = 1.0, *, start_s: float = 0.0, bins: int | None = None) -> Seconds:
    """Means over bins of 1 / `rate_hz` s from `start_s` on; `bins` many, by default up to the trace's end.

    Coverage of samples: each is valid until the next one, before a gap for one usual step.
    Raises SettingsError for a rate that is not above 0, a start that is not a number or bins below 0, InputError for more bins than any
    video has.
    """
    if not 0 < rate_hz < math.inf:
        raise SettingsError(f"a rate of {rate_hz} Hz; give a number above 0")
    if not math.isfinite(start_s) or (bins is not None and bins < 0):
        raise SettingsError(f"{bins} bins from {start_s} s; give a time in seconds and 0 bins or more")
    rated = ~np.isnan(trace.values)
    ends = hold_end_times(trace, 1.0 / rate_hz) if trace.samples else trace.end_s
    if bins is None:
        bins = _bins(trace, rate_hz, start_s)
    if bins > MOST_BINS:
        raise InputError(
            f"{trace.source or trace.name}: {bins} bins at {rate_hz:g} Hz; a time is damaged, or take a lower rate"
        )
    place, share, of = _overlaps(trace.start_s[rated], ends[rated], rate_hz, start_s, bins)
    covered = np.minimum(np.bincount(place, share, minlength=bins), 1.0)
    if trace.samples:
        place = _bin_of(trace.start_s[rated], rate_hz, start_s, bins)
        inside = (place >= 0) & (place < bins)
        values = _means(place[inside], np.ones(int(inside.sum())), trace.values[rated][inside], bins)
    else:
        values = _means(place, share, trace.values[rated][of], bins)
    covered[np.isnan(values)] = 0.0
    return Seconds(start_s, rate_hz, values, covered)


def at_every_bin(trace: Trace, rate_hz: float, bins: int) -> _Floats:
    """Values (bin,) on bins of 1 / `rate_hz` s from 0 on, also where samples are further apart than bins: between two neighbouring samples a bin
    without one has the value of the line between them, after the last one and before a gap that of the sample while it is valid.

    Bins of traces that are bins, and bins with samples, are those of `resample`. Raises what `resample` raises.
    """
    values = resample(trace, rate_hz, bins=bins).values
    if not trace.samples or not len(trace.values):
        return values
    middles = (np.arange(bins) + 0.5) / rate_hz
    ends = hold_end_times(trace, 1.0 / rate_hz)
    before = np.searchsorted(trace.start_s, middles + STEP_S) - 1
    empty = np.flatnonzero(np.isnan(values) & (before >= 0))
    empty = empty[middles[empty] < ends[before[empty]] + STEP_S]
    left = before[empty]
    right = np.minimum(left + 1, len(trace.values) - 1)
    joined = (right > left) & (np.abs(trace.start_s[right] - ends[left]) <= STEP_S) & ~np.isnan(trace.values[right])
    span = np.where(joined, trace.start_s[right] - trace.start_s[left], 1.0)
    share = np.where(joined, (middles[empty] - trace.start_s[left]) / span, 0.0)
    towards = np.where(joined, trace.values[right], trace.values[left])
    values[empty] = (1.0 - share) * trace.values[left] + share * towards
    return values


def hold_end_times(trace: Trace, single_s: float) -> _Floats:
    """The end of each sample's validity: the next one's time, before a gap one usual step later; `single_s` for a trace of one sample."""
    step = step_of(trace.start_s)
    step = single_s if math.isnan(step) else step
    following = np.append(trace.start_s[1:], trace.start_s[-1:] + step)
    return np.where(following - trace.start_s > LONGEST_HOLD * step, trace.start_s + step, following)


def _bin_of(times_s: _Floats, rate_hz: float, start_s: float, bins: int) -> NDArray[np.intp]:
    """The bin i with i <= (t - start) * rate < i + 1, with times rounded to half a microsecond; -1 before all bins, `bins` after them."""
    return np.clip(np.floor((times_s - start_s + STEP_S) * rate_hz), -1, bins).astype(np.intp)


def _bins(trace: Trace, rate_hz: float, start_s: float) -> int:
    """The number of bins up to the end of the trace: to the last sample's bin, or to the end of the last bin."""
    if not len(trace.values):
        return 0
    last = float(trace.start_s[-1]) + STEP_S if trace.samples else float(trace.end_s[-1]) - STEP_S
    until = (last - start_s) * rate_hz
    return max(0, math.floor(until) + 1 if trace.samples else math.ceil(until))


def _overlaps(
    starts: _Floats, ends: _Floats, rate_hz: float, start_s: float, bins: int
) -> tuple[NDArray[np.intp], _Floats, NDArray[np.intp]]:
    """Pairs of bin and interval that overlap: the bin, the fraction of it that the interval covers, the interval's index."""
    first = np.maximum(_bin_of(starts, rate_hz, start_s, bins), 0)
    last = np.clip(np.ceil((ends - start_s - STEP_S) * rate_hz), first, bins).astype(np.intp)  # one past it
    many = last - first
    of = np.repeat(np.arange(len(starts)), many)
    place = np.arange(len(of)) - np.repeat(np.cumsum(many) - many, many) + first[of]
    left = np.maximum((starts[of] - start_s) * rate_hz, place)
    right = np.minimum((ends[of] - start_s) * rate_hz, place + 1)
    share = np.clip(right - left, 0.0, 1.0)
    some = share > 0
    return place[some], share[some], of[some]


def _means(place: NDArray[np.intp], weights: _Floats, values: _Floats, bins: int) -> _Floats:
    """Weighted mean per bin, NaN where there is none. Computed relative to a value of the bin, so that the mean of equal values is exact."""
    middle = np.zeros(bins)
    middle[place] = values
    total = np.bincount(place, weights, minlength=bins)
    parts = np.bincount(place, weights * (values - middle[place]), minlength=bins)
    means = np.full(bins, math.nan)
    np.divide(parts, total, out=means, where=total > 0)
    return np.clip(means + middle, -1.0, 1.0)
