"""Aligns a prediction and its raters in time: resamples them to one rate, estimates raters' delays, removes them where set, fuses ratings.

Predictions and ratings begin at video time 0. The delay of each rater is always estimated, with the prediction as reference, at the
lowest rate of them, 10 Hz at most; it is removed only where `TraceSettings.lag` says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqfer.core.errors import InputError
from seqfer.raters.settings import TraceSettings
from seqfer.traces.fusion import Fused, fuse
from seqfer.traces.lag import Lag, estimate_lags
from seqfer.traces.resampling import Seconds, resample
from seqfer.traces.trace import Trace, step_of

Floats = NDArray[np.float64]
FINEST_HZ = 10.0


@dataclass(frozen=True)
class FilmTraces:
    """One video's prediction and its raters. `faces` are the names of all faces of the prediction, including the chosen one; `smoothed` is the
    smoothed prediction, where one is compared too."""

    stem: str
    prediction: Trace
    raters: tuple[Trace, ...]
    faces: tuple[str, ...]
    notes: tuple[str, ...] = ()
    smoothed: Trace | None = None


@dataclass(frozen=True)
class Aligned:
    """All traces in bins of 1 / rate_hz s from 0 on: prediction (bin,), ratings (rater, bin), fused. NaN where there is no value.
    `shifts_s` (rater,) is the removed delay; `smoothed` (bin,) the smoothed prediction, None where none is compared."""

    rate_hz: float
    prediction: Floats
    ratings: Floats
    fused: Fused
    shifts_s: tuple[float, ...]
    smoothed: Floats | None = None

    @property
    def start_s(self) -> Floats:
        """Starts of the bins, (bin,)."""
        return np.arange(len(self.prediction)) / self.rate_hz

    @property
    def both(self) -> NDArray[np.bool_]:
        """Bins with both prediction and annotation, (bin,)."""
        return ~np.isnan(self.prediction) & ~np.isnan(self.fused.values)


def estimated_lags(film: FilmTraces, settings: TraceSettings) -> tuple[tuple[Lag, ...], float]:
    """The delay of every rater behind the prediction, and the rate in Hz at which it was estimated."""
    steps = [_step_s(trace) for trace in (film.prediction, *film.raters)]
    rate_hz = min([FINEST_HZ, *(1 / step for step in steps if step > 0)])
    if rate_hz * settings.max_lag_s < 1:  # bins longer than the range: no lag can be estimated
        return (Lag(math.nan, math.nan),) * len(film.raters), rate_hz
    prediction, ratings = _on_grid(film, rate_hz, (0.0,) * len(film.raters))
    pooled = settings.lag_per == "pooled"
    return estimate_lags(prediction.values, _stacked(ratings), rate_hz, settings.max_lag_s, pooled), rate_hz


def applied_shifts(lags: Sequence[Lag], settings: TraceSettings) -> tuple[float, ...] | None:
    """Seconds to remove from every rater, or None where no removal is set. Nothing is removed for a lag that could not be estimated."""
    fixed_s = settings.fixed_lag_s()
    if fixed_s is not None:
        return (fixed_s,) * len(lags)
    if settings.lag == "none":
        return None
    return tuple(lag.seconds if math.isfinite(lag.seconds) and not lag.at_edge else 0.0 for lag in lags)


def lag_warnings(film: FilmTraces, lags: Sequence[Lag], grid_hz: float, settings: TraceSettings) -> list[str]:
    """What a reader must know of each rater's delay: not found, at the end of the search, or before the prediction."""
    said, asked = [], settings.lag == "estimate"
    for trace, lag in zip(film.raters, lags, strict=True):
        if math.isnan(lag.seconds):
            said.append(f"{trace.name}: no delay could be estimated{'; none was removed' if asked else ''}.")
        elif lag.at_edge:
            said.append(
                f"{trace.name}: the delay of {lag.seconds:.1f} s is at the end of the search range, so the true one may be outside it; "
                f"{'it was not removed, ' if asked else ''}widen --max-lag."
            )
        elif lag.seconds < -max(0.5, 1 / grid_hz):
            said.append(
                f"{trace.name}: comes {-lag.seconds:.1f} s before the prediction; check that both begin at video time 0."
            )
    return said


def align(film: FilmTraces, settings: TraceSettings, shifts_s: Sequence[float] | None = None) -> Aligned:
    """Prediction and ratings at one rate and the raters fused, each moved `shifts_s` seconds earlier. Raises InputError where no bin has both."""
    shifts = tuple(shifts_s) if shifts_s is not None else (0.0,) * len(film.raters)
    prediction, seconds = _on_grid(film, settings.rate_hz, shifts)
    ratings = _stacked(seconds)
    if np.isnan(prediction.values).all() or np.isnan(ratings).all():
        side, trace = ("annotation", film.raters[0]) if np.isnan(ratings).all() else ("prediction", film.prediction)
        raise InputError(
            f"{film.stem}: the {side} has no value at video time 0 or later ({trace.source or trace.name})"
        )
    fused = fuse(ratings, settings.fusion, [trace.name for trace in film.raters])
    bins = len(prediction.values)
    smooth = resample(film.smoothed, settings.rate_hz, bins=bins).values if film.smoothed is not None else None
    aligned = Aligned(settings.rate_hz, prediction.values, ratings, fused, shifts, smooth)
    if not aligned.both.any():
        raise InputError(
            f"{film.stem}: prediction ({_span(prediction)}) and annotation ({_span(*seconds)}) do not overlap in time; "
            "both must begin at video time 0"
        )
    return aligned


def _on_grid(film: FilmTraces, rate_hz: float, shifts_s: Sequence[float]) -> tuple[Seconds, list[Seconds]]:
    moved = [trace.shifted(-shift) if shift else trace for trace, shift in zip(film.raters, shifts_s, strict=True)]
    bins = max(len(resample(trace, rate_hz).values) for trace in (film.prediction, *moved))
    return resample(film.prediction, rate_hz, bins=bins), [resample(trace, rate_hz, bins=bins) for trace in moved]


def _stacked(seconds: Sequence[Seconds]) -> Floats:
    return np.stack([one.values for one in seconds])


def _step_s(trace: Trace) -> float:
    """The usual distance of values; 0 where there is only one."""
    step = step_of(trace.start_s) if trace.samples else float(np.median(trace.end_s - trace.start_s))
    return step if math.isfinite(step) else 0.0


def _span(*sides: Seconds) -> str:
    """ "12 to 240 s": from the first to the last bin with a value."""
    known = np.flatnonzero(~np.isnan(_stacked(sides)).all(axis=0))
    rate = sides[0].rate_hz
    return f"{known[0] / rate:g} to {(known[-1] + 1) / rate:g} s"
