"""Tests whether one model is better than another on the same clips: McNemar's test, and the bootstrap by person of a difference.

Sources: McNemar, "Note on the sampling error of the difference between correlated proportions or percentages", Psychometrika 12, 1947; the
correction for continuity of Edwards, Psychometrika 13, 1948; the exact form is the two-sided binomial test of the clips on which only one model is
right. Bootstrap: whole people are drawn with replacement (Davison & Hinkley 1997, section 3.8), and both models are scored on the same draw; the
interval is that of the percentiles.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqfer.core.errors import InputError

EXACT_BELOW = 25  # discordant pairs from which the chi-squared distribution is accurate enough
LEVEL = 0.95
_ROUNDING = 1e-12  # a variance below this share of the mean square is a rounding error of zero
_CHUNK = 100  # draws at a time

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class McNemar:
    """`only_first` and `only_second` count the clips that only one model has right; `statistic` is chi-squared, NaN for the exact test."""

    only_first: int
    only_second: int
    exact: bool
    statistic: float
    p_value: float


@dataclass(frozen=True)
class PairedDifference:
    """A measure of both models on the same clips, and the second's minus the first's with its 95 % interval; NaN where undefined."""

    first: float
    second: float
    difference: float
    low: float
    high: float


def mcnemar(first: ArrayLike, second: ArrayLike) -> McNemar:
    """McNemar's test of two models from (clip,) bool: whether each has the clip right. p is two-sided.

    Exact with fewer than 25 discordant clips, else chi-squared with one degree of freedom, corrected for continuity. Without a discordant
    clip p is 1. Raises InputError for arrays of different or no length.
    """
    a, b = _checked(first, second)
    only_first, only_second = int(np.sum((a != 0) & (b == 0))), int(np.sum((a == 0) & (b != 0)))
    count, fewer = only_first + only_second, min(only_first, only_second)
    if count < EXACT_BELOW:
        tail = sum(math.comb(count, k) for k in range(fewer + 1)) / 2**count
        return McNemar(only_first, only_second, True, math.nan, min(1.0, 2 * tail))
    statistic = max(abs(only_first - only_second) - 1, 0) ** 2 / count
    # The upper tail of chi-squared with one degree of freedom is that of |z| of the normal distribution.
    return McNemar(only_first, only_second, False, statistic, math.erfc(math.sqrt(statistic / 2)))


def accuracy_difference_by_person(
    first: ArrayLike, second: ArrayLike, people: Sequence[str], *, samples: int = 2000, seed: int = 0
) -> PairedDifference:
    """The difference of two accuracies from (clip,) bool, whether each model has the clip right, and the person of each clip."""
    a, b = _checked(first, second)
    return _bootstrap(np.column_stack([np.ones(len(a)), a, b]), people, _accuracies, samples, seed)


def valence_differences_by_person(
    first: ArrayLike, second: ArrayLike, truth: ArrayLike, people: Sequence[str], *, samples: int = 2000, seed: int = 0
) -> dict[str, PairedDifference]:
    """The differences of `rmse` and `ccc` of two models' valence (row,) against the truth (row,), `people` naming the person of each row."""
    a, b = _checked(first, second)
    _, t = _checked(first, truth)
    middle = t.mean()  # sums of squares about it lose less to rounding
    x, y, z = a - middle, b - middle, t - middle
    ones = np.ones(len(t))
    rows = np.column_stack([ones, z, z * z, x, x * x, x * z, (x - z) ** 2, y, y * y, y * z, (y - z) ** 2])
    return {
        "rmse": _bootstrap(rows, people, _rmses, samples, seed),
        "ccc": _bootstrap(rows, people, _cccs, samples, seed),
    }


def _accuracies(sums: Floats) -> tuple[Floats, Floats]:
    return sums[:, 1] / sums[:, 0], sums[:, 2] / sums[:, 0]


def _rmses(sums: Floats) -> tuple[Floats, Floats]:
    return np.sqrt(sums[:, 6] / sums[:, 0]), np.sqrt(sums[:, 10] / sums[:, 0])


def _cccs(sums: Floats) -> tuple[Floats, Floats]:
    means = sums[:, 1:] / sums[:, :1]
    return _ccc(means[:, :2], means[:, 2:5]), _ccc(means[:, :2], means[:, 6:9])


def _ccc(truth: Floats, model: Floats) -> Floats:
    """CCC (draw,) from the means (draw, 2) of truth and its square, and (draw, 3) of the model, its square and its product with the truth."""
    (z, zz), (x, xx, xz) = truth.T, model.T
    var_x, var_z, covariance = xx - x * x, zz - z * z, xz - x * z
    apart = var_x + var_z + (x - z) ** 2
    undefined = (var_x <= _ROUNDING * xx) & (var_z <= _ROUNDING * zz)
    result: Floats = np.where(undefined, np.nan, 2 * covariance / np.where(apart > 0, apart, 1.0))
    return result


def _bootstrap(
    rows: Floats, people: Sequence[str], measure: Callable[[Floats], tuple[Floats, Floats]], samples: int, seed: int
) -> PairedDifference:
    """`measure` is of sums (draw, column) of the rows (row, column). The interval is NaN with fewer than two people, and where most draws have
    no value."""
    if len(people) != len(rows) or samples < 1:
        raise InputError(
            f"{len(people)} people for {len(rows)} rows, {samples} draws; give one person per row and >= 1"
        )
    owner = np.unique(np.asarray(people), return_inverse=True)[1].ravel()
    table = np.zeros((int(owner.max()) + 1, rows.shape[1]))
    np.add.at(table, owner, rows)
    first, second = (float(values[0]) for values in measure(table.sum(0, keepdims=True)))
    low, high = math.nan, math.nan
    if len(table) > 1:
        rng, even = np.random.default_rng(seed), np.full(len(table), 1 / len(table))
        sizes = [min(_CHUNK, samples - start) for start in range(0, samples, _CHUNK)]
        drawn = [measure(rng.multinomial(len(table), even, size=size) @ table) for size in sizes]
        gained = np.concatenate([b - a for a, b in drawn])
        defined = gained[~np.isnan(gained)]
        if 2 * len(defined) >= len(gained):
            low, high = map(float, np.percentile(defined, [50 * (1 - LEVEL), 50 * (1 + LEVEL)]))
    return PairedDifference(first, second, second - first, low, high)


def _checked(first: ArrayLike, second: ArrayLike) -> tuple[Floats, Floats]:
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if a.ndim != 1 or a.shape != b.shape or not a.size or not np.isfinite(a).all() or not np.isfinite(b).all():
        raise InputError(f"arrays of shapes {a.shape} and {b.shape}; give two of the same clips, finite, at least one")
    return a, b
