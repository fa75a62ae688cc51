"""Compares a predicted trace with an annotated one: RMSE, MAE, CCC, PCC, SAGR, and block-bootstrap intervals.

Sources: CCC is Lin, "A Concordance Correlation Coefficient to Evaluate Reproducibility", Biometrics 45, 1989, with the
population moments (n, not n - 1) of its estimate. SAGR, the sign agreement, is Nicolaou, Gunes & Pantic, "Continuous
Prediction of Spontaneous Affect from Multiple Cues and Modalities in Valence-Arousal Space", IEEE Transactions on
Affective Computing 2, 2011, as AffectNet (Mollahosseini, Hasani & Mahoor 2019) uses it: the share of pairs with equal
sign. The bootstrap is Politis & Romano's circular block bootstrap (1992): neighbouring seconds of a trace are
correlated, so that an interval from single seconds drawn independently would be far too narrow.

Every measure leaves out the pairs with a NaN on either side, and is itself NaN where it is undefined.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqfer.core.errors import InputError

Floats = NDArray[np.float64]

MEASURES = ("rmse", "ccc", "pcc", "sagr", "mae")

# A resampled variance is a difference of sums: below this fraction of the whole trace's variance it is a rounding error of zero.
_ROUNDING = 1e-10
_BLOCKS_AT_ONCE = 500_000


@dataclass(frozen=True)
class TraceScores:
    """All measures over the `n` pairs without NaN; a measure is NaN where it is undefined."""

    n: int
    rmse: float
    ccc: float
    pcc: float
    sagr: float
    mae: float

    @property
    def undefined(self) -> tuple[str, ...]:
        """The measures that are NaN."""
        return tuple(name for name in MEASURES if np.isnan(getattr(self, name)))


def rmse(predicted: ArrayLike, truth: ArrayLike) -> float:
    """Root of the mean squared difference of two (time,) arrays, in their own unit; NaN without pairs."""
    p, t = _pairs(predicted, truth)
    return float(np.sqrt(np.mean((p - t) ** 2))) if p.size else np.nan


def mae(predicted: ArrayLike, truth: ArrayLike) -> float:
    """Mean absolute difference of two (time,) arrays, in their own unit; NaN without pairs."""
    p, t = _pairs(predicted, truth)
    return float(np.mean(np.abs(p - t))) if p.size else np.nan


def pcc(predicted: ArrayLike, truth: ArrayLike) -> float:
    """Pearson's correlation of two (time,) arrays, in [-1, 1].

    NaN exactly when either side is constant over the pairs, hence also with fewer than two pairs.
    """
    p, t = _pairs(predicted, truth)
    if _constant(p) or _constant(t):
        return np.nan
    # each side is normalised to length 1 first, after division by its largest value: the square of a tiny value would underflow
    p, t = (side / np.abs(side).max() for side in (_centred(p), _centred(t)))
    return float(np.clip(np.dot(p / np.linalg.norm(p), t / np.linalg.norm(t)), -1.0, 1.0))


def ccc(predicted: ArrayLike, truth: ArrayLike) -> float:
    """Lin's concordance, 2 cov / (var + var + (difference of means)^2) with population moments, in [-1, 1].

    NaN exactly when both sides are constant over the pairs, equal or not, hence also with fewer than two pairs: there
    is no variation to compare. Where only one side is constant the covariance is 0 and so is the concordance: a constant
    prediction scores 0.
    """
    p, t = _pairs(predicted, truth)
    if _constant(p) and _constant(t):
        return np.nan
    if _constant(p) or _constant(t):
        return 0.0  # the value of the formula without the rounding error of a mean
    gap = p.mean() - t.mean()
    p, t = _centred(p), _centred(t)
    largest = max(np.abs(p).max(), np.abs(t).max())  # squares of tiny values would underflow
    p, t, gap = p / largest, t / largest, gap / largest
    return float(2 * np.mean(p * t) / (np.mean(p**2) + np.mean(t**2) + gap**2))


def sagr(predicted: ArrayLike, truth: ArrayLike) -> float:
    """Share of pairs with equal sign, in [0, 1]; NaN without pairs.

    Zero counts as a third sign: it agrees with zero only.
    """
    p, t = _pairs(predicted, truth)
    return float(np.mean(np.sign(p) == np.sign(t))) if p.size else np.nan


def trace_scores(predicted: ArrayLike, truth: ArrayLike) -> TraceScores:
    """All measures of two (time,) arrays. Raises InputError for arrays of other shapes or with infinite values."""
    p, t = _pairs(predicted, truth)
    return TraceScores(len(p), rmse(p, t), ccc(p, t), pcc(p, t), sagr(p, t), mae(p, t))


def pooled_scores(pairs: Iterable[tuple[ArrayLike, ArrayLike]]) -> TraceScores:
    """All measures of several (predicted, truth) pairs of (time,) arrays joined one after another, as AVEC and SEWA report them.

    Differences between the levels of the traces count, which the mean over traces leaves out. Raises as `trace_scores`.
    """
    checked = [_checked(predicted, truth) for predicted, truth in pairs]
    predicted, truth = (np.concatenate([np.zeros(0), *(pair[side] for pair in checked)]) for side in (0, 1))
    return trace_scores(predicted, truth)


def block_bootstrap(
    predicted: ArrayLike, truth: ArrayLike, *, block: int, samples: int = 1000, seed: int = 0, level: float = 0.95
) -> dict[str, tuple[float, float]]:
    """Percentile interval of each measure (by name) from `samples` resamples of two (time,) arrays.

    A resample is as long as the trace and made of blocks of `block` consecutive bins, drawn with replacement; the end is
    joined to the beginning, so that every bin is drawn equally often. Bins with a NaN keep their place in time and are
    removed from each resample that contains them. Resamples in which a measure is undefined are left out of its interval, which
    is NaN when they are more than half; all intervals are NaN where the trace is shorter than two blocks, as one block
    has no sampling variation. Blocks should be longer than the autocorrelation of a trace's errors.
    """
    p, t = _checked(predicted, truth)
    if block < 1 or samples < 1 or not 0 < level < 1:
        raise InputError(
            f"a bootstrap of block {block}, samples {samples}, level {level}; give block and samples >= 1, 0 < level < 1"
        )
    if len(p) < 2 * block or not np.any(~np.isnan(p + t)):
        return dict.fromkeys(MEASURES, (np.nan, np.nan))
    starts = np.random.default_rng(seed).integers(0, len(p), (samples, -(-len(p) // block)))
    scores = _scores_of_blocks(p, t, starts, block)
    return {name: _percentiles(values, level) for name, values in scores.items()}


def _scores_of_blocks(p: Floats, t: Floats, starts: NDArray[np.int64], block: int) -> dict[str, Floats]:
    """Each measure, (sample,), of resamples made of the blocks beginning at `starts` (sample, block).

    Every measure is made of sums over bins, and the sum over a block is a difference of two running sums: the cost is
    that of the blocks, whatever the rate.
    """
    used = ~np.isnan(p + t)
    mean_p, mean_t = _middle(p[used]), _middle(t[used])
    # squares are summed about the whole trace's means, or else a small variance is lost in rounding
    x, y = np.where(used, p - mean_p, 0.0), np.where(used, t - mean_t, 0.0)
    gap, agree = np.where(used, p - t, 0.0), used & (np.sign(p) == np.sign(t))
    bins = np.stack([used, x, y, x * x, y * y, x * y, agree, gap**2, np.abs(gap)], axis=1).astype(np.float64)
    running = np.concatenate([np.zeros((1, bins.shape[1])), np.cumsum(np.concatenate([bins, bins]), axis=0)])
    lengths = np.full(starts.shape[1], block)
    lengths[-1] = len(p) - block * (len(lengths) - 1)  # the last block is cut: a resample is as long as the trace
    step = max(1, _BLOCKS_AT_ONCE // len(lengths))
    parts = [starts[first : first + step] for first in range(0, len(starts), step)]
    totals = np.concatenate([(running[part + lengths] - running[part]).sum(axis=1) for part in parts])
    with np.errstate(invalid="ignore", divide="ignore"):  # a resample may have no pair, or constant values only
        sx, sy, sxx, syy, sxy, agreeing, squares, gaps = (totals[:, 1:] / totals[:, :1]).T
        var_x, var_y = sxx - sx * sx, syy - sy * sy
        flat_x, flat_y = var_x <= _ROUNDING * np.mean(x[used] ** 2), var_y <= _ROUNDING * np.mean(y[used] ** 2)
        cov = np.where(flat_x | flat_y, 0.0, sxy - sx * sy)
        apart = (sx + mean_p) - (sy + mean_t)
        concordance = np.where(flat_x & flat_y, np.nan, 2 * cov / (var_x + var_y + apart**2))
        correlation = np.where(flat_x | flat_y, np.nan, np.clip(cov / np.sqrt(var_x * var_y), -1.0, 1.0))
    return {"rmse": np.sqrt(squares), "ccc": concordance, "pcc": correlation, "sagr": agreeing, "mae": gaps}


def _percentiles(values: Floats, level: float) -> tuple[float, float]:
    defined = values[~np.isnan(values)]
    if 2 * len(defined) < len(values):
        return np.nan, np.nan
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _checked(predicted: ArrayLike, truth: ArrayLike) -> tuple[Floats, Floats]:
    p, t = np.asarray(predicted, np.float64), np.asarray(truth, np.float64)
    if p.ndim != 1 or p.shape != t.shape:
        raise InputError(f"a prediction of shape {p.shape} against a truth of shape {t.shape}; give two (time,) arrays")
    if np.isinf(p).any() or np.isinf(t).any():
        raise InputError("a trace holds infinite values; give numbers, and NaN where a value is missing")
    return p, t


def _pairs(predicted: ArrayLike, truth: ArrayLike) -> tuple[Floats, Floats]:
    p, t = _checked(predicted, truth)
    used = ~(np.isnan(p) | np.isnan(t))
    return p[used], t[used]


def _constant(values: Floats) -> bool:
    return not values.size or bool(values.min() == values.max())


def _middle(values: Floats) -> float:
    """The mean; of a constant exactly that value, from which a mean may differ by rounding."""
    return float(values[0] if _constant(values) else values.mean())


def _centred(values: Floats) -> Floats:
    result: Floats = values - values.mean()
    return result
