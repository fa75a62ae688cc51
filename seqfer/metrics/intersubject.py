"""Correlation between participants who saw the same stimulus: of all pairs, of each with the mean of the others, and over time.

Sources: Hasson et al., "Intersubject Synchronization of Cortical Activity During Natural Vision", Science 303, 2004; the leave-one-out form as in
Nastase, Gazzola, Hasson & Keysers, "Measuring shared responses across subjects using intersubject correlation", SCAN 14, 2019. Series are
(participant, time) with NaN where there is no value; a correlation is NaN where either side is constant over the common moments.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqfer.core.errors import InputError
from seqfer.metrics.traces import pcc

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Moment:
    """A window of time, `first` to `last` bin (both included), and the mean correlation of the pairs in it."""

    first: int
    last: int
    correlation: float


def pairwise_correlations(series: ArrayLike) -> Floats:
    """Pearson's correlation (participant, participant) of all pairs over the moments that both have; the diagonal is NaN.

    >>> pairwise_correlations([[0, 1, 2], [1, 2, 3], [2, 1, 0]]).round(2).tolist()
    [[nan, 1.0, -1.0], [1.0, nan, -1.0], [-1.0, -1.0, nan]]
    """
    x = _checked(series)
    found = np.full((len(x), len(x)), np.nan)
    for i in range(len(x)):
        for j in range(i):
            found[i, j] = found[j, i] = pcc(x[i], x[j])
    return found


def leave_one_out_correlations(series: ArrayLike) -> Floats:
    """Pearson's correlation (participant,) of each one with the mean of the others at each moment."""
    x = _checked(series)
    return np.array([pcc(own, _mean(np.delete(x, k, axis=0))) for k, own in enumerate(x)])


def sliding_correlations(series: ArrayLike, window: int, least: float = 0.5) -> Floats:
    """The mean correlation of all pairs (window start,) in windows of `window` bins that begin at each bin.

    A pair counts where both have values in `least` of the window's bins or more, three at least, and neither is constant there. NaN without a pair.
    Raises InputError for a window below 3.
    """
    x = _checked(series)
    if window < 3:
        raise InputError(f"a window of {window} bins; a correlation over time needs 3 or more")
    starts = max(0, x.shape[1] - window + 1)
    total, pairs = np.zeros(starts), np.zeros(starts)
    for i in range(len(x)):
        for j in range(i):
            r = _sliding_pair(x[i], x[j], window, max(3, int(np.ceil(least * window))))[:starts]
            known = ~np.isnan(r)
            total[known] += r[known]
            pairs += known
    return np.divide(total, pairs, out=np.full(starts, np.nan), where=pairs > 0)


def top_moments(correlations: ArrayLike, window: int, count: int = 3) -> list[Moment]:
    """The windows with the highest mean correlations, `count` at most, which do not overlap; the highest first."""
    left = np.array(correlations, np.float64)
    found = list[Moment]()
    while len(found) < count and (~np.isnan(left)).any():
        best = int(np.nanargmax(left))
        found.append(Moment(best, best + window - 1, float(left[best])))
        left[max(0, best - window + 1) : best + window] = np.nan
    return found


def mean_correlation(correlations: ArrayLike) -> float:
    """The mean of correlations through Fisher's z, without undefined ones; NaN without any. Correlations of 1 count as 0.999999."""
    r = np.asarray(correlations, np.float64)
    r = r[~np.isnan(r)]
    return float(np.tanh(np.mean(np.arctanh(np.clip(r, -0.999999, 0.999999))))) if r.size else float("nan")


def _sliding_pair(a: Floats, b: Floats, window: int, least: int) -> Floats:
    """Pearson's correlation in windows that begin at each bin, from running sums about the common means."""
    known = ~np.isnan(a + b)
    if not known.any():
        return np.full(max(0, len(a) - window + 1), np.nan)
    x, y = (np.where(known, side - side[known].mean(), 0.0) for side in (a, b))
    columns = np.stack([known.astype(np.float64), x, y, x * x, y * y, x * y])
    running = np.concatenate([np.zeros((len(columns), 1)), np.cumsum(columns, axis=1)], axis=1)
    n, sx, sy, sxx, syy, sxy = running[:, window:] - running[:, :-window]
    with np.errstate(invalid="ignore", divide="ignore"):
        var_x, var_y = sxx - sx * sx / n, syy - sy * sy / n
        flat = (var_x <= 1e-10 * (x @ x)) | (var_y <= 1e-10 * (y @ y)) | (n < least)
        r: Floats = np.where(flat, np.nan, np.clip((sxy - sx * sy / n) / np.sqrt(var_x * var_y), -1.0, 1.0))
    return r


def _mean(x: Floats) -> Floats:
    known = ~np.isnan(x)
    count = known.sum(axis=0)
    total, out = np.where(known, x, 0.0).sum(axis=0), np.full(x.shape[1], np.nan)
    np.divide(total, count, out=out, where=count > 0)
    return out


def _checked(series: ArrayLike) -> Floats:
    x = np.asarray(series, np.float64)
    if x.ndim != 2 or np.isinf(x).any():
        raise InputError(
            f"series of shape {x.shape}; give a finite (participant, time) array, NaN where a value is missing"
        )
    return x
