"""Estimates a rater's delay: the lag at which the rating correlates best with a reference, finer than one bin.

A rater perceives, decides and moves the joystick, which takes some seconds (Mariooryad & Busso, "Correcting Time-Continuous
Emotional Labels by Modeling the Reaction Lag of Evaluators", IEEE Transactions on Affective Computing 6, 2015). The
correlation at every whole lag is Pearson's over the bins that both traces have at that lag, so that gaps need not be
filled. The peak is refined by a parabola fitted through the lags within one second of it: three at 1 Hz, more at higher
rates, where noise alone moves the highest bin by several.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqfer.core.errors import InputError, SettingsError
from seqfer.metrics.traces import pcc

Floats = NDArray[np.float64]

FIT_HALF_WIDTH_S = 1.0
FEWEST_PAIRS = 3


@dataclass(frozen=True)
class Lag:
    """`seconds` > 0: the rating comes later than the reference. `correlation` is measured at the nearest whole bin.

    Both are NaN where no lag can be estimated. `at_edge`: the best lag is at the end of the searched range, so that the true one
    may be outside it.
    """

    seconds: float
    correlation: float
    at_edge: bool = False


NO_LAG = Lag(np.nan, np.nan)


def estimate_lag(reference: ArrayLike, rating: ArrayLike, rate_hz: float, max_lag_s: float = 6.0) -> Lag:
    """Lag of `rating` (time,) behind `reference` (time,), both at `rate_hz`, searched from -max_lag_s to max_lag_s.

    Lags at which fewer than 3 pairs remain, or less than half of the pairs of the best-covered lag, are not searched: a
    few pairs correlate by chance. NaN for a constant series or one without enough values.
    Raises InputError for arrays of other shapes and SettingsError for a rate or range without a lag.
    """
    curve = _curve(reference, rating, _most_bins(rate_hz, max_lag_s))
    return _peak(curve, rate_hz)


def estimate_lags(
    reference: ArrayLike, ratings: ArrayLike, rate_hz: float, max_lag_s: float = 6.0, pooled: bool = False
) -> tuple[Lag, ...]:
    """One lag per rater of `ratings` (rater, time), each estimated separately or, if `pooled`, one for all with each rater's correlation.

    The pooled lag is where the mean of the raters' correlations is greatest, over the lags searched for all of them; a
    constant rater does not influence it, gets the same lag and has a NaN correlation.
    """
    r = np.asarray(ratings, np.float64)
    if r.ndim != 2:
        raise InputError(f"ratings of shape {r.shape}; give a (rater, time) array, NaN where a rating is missing")
    curves = [_curve(reference, rating, _most_bins(rate_hz, max_lag_s)) for rating in r]
    if not pooled:
        return tuple(_peak(curve, rate_hz) for curve in curves)
    heard = [curve for curve in curves if not np.isnan(curve).all()]
    if not heard:
        return (NO_LAG,) * len(curves)
    common = _peak(np.mean(heard, axis=0), rate_hz)
    return tuple(Lag(common.seconds, _at(curve, common.seconds, rate_hz), common.at_edge) for curve in curves)


def _most_bins(rate_hz: float, max_lag_s: float) -> int:
    if not (np.isfinite(rate_hz) and np.isfinite(max_lag_s) and rate_hz > 0 and max_lag_s * rate_hz >= 1):
        raise SettingsError(
            f"a lag of at most {max_lag_s} s at {rate_hz} Hz; give a rate above 0 and a range of one bin or more"
        )
    return int(max_lag_s * rate_hz + 1e-9)


def _curve(reference: ArrayLike, rating: ArrayLike, most: int) -> Floats:
    """(2 * most + 1,): correlation at the lags -most ... most in bins, NaN where it is not searched or undefined."""
    a, b = np.asarray(reference, np.float64), np.asarray(rating, np.float64)
    if a.ndim != 1 or a.shape != b.shape:
        raise InputError(f"a reference of shape {a.shape} for a rating of shape {b.shape}; give two (time,) arrays")
    lags = [(a[: max(len(a) - lag, 0)], b[lag:]) if lag >= 0 else (a[-lag:], b[:lag]) for lag in range(-most, most + 1)]
    pairs = np.array([np.count_nonzero(~np.isnan(x + y)) for x, y in lags])
    fewest = max(FEWEST_PAIRS, pairs.max() / 2)
    return np.array([pcc(x, y) if count >= fewest else np.nan for (x, y), count in zip(lags, pairs, strict=True)])


def _peak(curve: Floats, rate_hz: float) -> Lag:
    searched = np.flatnonzero(~np.isnan(curve))
    if not searched.size:
        return NO_LAG
    middle, best = len(curve) // 2, int(np.nanargmax(curve))
    if best in (searched[0], searched[-1]):
        return Lag((best - middle) / rate_hz, float(curve[best]), at_edge=True)
    seconds = (best + _refinement(curve, best, rate_hz) - middle) / rate_hz
    return Lag(seconds, _at(curve, seconds, rate_hz))


def _refinement(curve: Floats, best: int, rate_hz: float) -> float:
    """The maximum of the parabola through the lags around `best`, in bins from `best`; 0 where it has none."""
    half = max(1, int(FIT_HALF_WIDTH_S * rate_hz))
    half = min(half, best, len(curve) - 1 - best)
    offsets = np.arange(-half, half + 1)
    around = curve[best - half : best + half + 1]
    known = ~np.isnan(around)
    if known.sum() < 3:
        return 0.0
    curvature, slope, _ = np.polyfit(offsets[known], around[known], 2)
    return float(np.clip(-slope / (2 * curvature), -half, half)) if curvature < 0 else 0.0


def _at(curve: Floats, seconds: float, rate_hz: float) -> float:
    return float(curve[len(curve) // 2 + round(seconds * rate_hz)]) if np.isfinite(seconds) else np.nan
