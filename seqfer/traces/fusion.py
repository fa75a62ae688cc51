"""Fuses several raters' traces into one: their mean, or the evaluator weighted estimator (EWE).

Source: Grimm & Kroschel, "Evaluation of Natural Emotions Using Self Assessment Manikins", ASRU 2005: each rater is weighted
by their correlation with the mean rating. Differs: the mean is that of the *other* raters, because with two or three raters
each is a large part of the mean and would correlate with themselves; a rater with a negative correlation gets weight 0 and,
the lowest first, is removed from the mean that the others are compared with, as one reversed axis among three raters would
otherwise cancel the other two; the weights of those who rated a second are normalised to sum to 1 in that second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqfer.core.errors import InputError, SettingsError
from seqfer.metrics.traces import pcc

Floats = NDArray[np.float64]

METHODS = ("mean", "ewe")
MOST_MISSING = 0.9


@dataclass(frozen=True)
class Fused:
    """One trace from several raters. In each second the raters who rated it and have a weight above 0 are used.

    `values` (time,): NaN where no rater is used. `spread` (time,): standard deviation (n - 1, unweighted) between the
    raters used, NaN with fewer than two. `raters` (time,): number of raters used. `weights` (rater,): sum to 1.
    """

    values: Floats
    spread: Floats
    raters: NDArray[np.int64]
    weights: tuple[float, ...]

    @property
    def zero_weight_raters(self) -> tuple[int, ...]:
        """The raters (from 0) with weight 0, who contradict the others or are constant; the user must be informed."""
        return tuple(index for index, weight in enumerate(self.weights) if weight == 0)


def fuse(ratings: ArrayLike, method: str = "mean", names: Sequence[str] | None = None) -> Fused:
    """Fuse ratings (rater, time), NaN for missing; `names` (rater,) are for messages.

    Raises SettingsError for an unknown method, and InputError without ratings, for a rater who misses more than 90 % of
    the seconds that anyone rated, for one with fewer than 2 seconds that another rated too, and for EWE with one
    rater, or without any rater who correlates with the others.
    """
    r = np.asarray(ratings, np.float64)
    if method not in METHODS:
        raise SettingsError(f"fusion {method!r} is unknown; allowed: {', '.join(METHODS)}")
    if r.ndim != 2 or not len(r) or np.isinf(r).any():
        raise InputError(
            f"ratings of shape {r.shape}; give a finite (rater, time) array, NaN where a rating is missing"
        )
    _check_raters(r, _named(names, len(r)))
    weights = np.full(len(r), 1 / len(r)) if method == "mean" else _evaluator_weights(r)
    counts = ~np.isnan(r) & (weights > 0)[:, None]
    raters = counts.sum(axis=0)
    present = np.where(counts, weights[:, None], 0.0)
    total = present.sum(axis=0)
    values = _divided(np.where(counts, present * r, 0.0).sum(axis=0), total)
    return Fused(values, _spread(np.where(counts, r, np.nan), raters), raters, tuple(float(w) for w in weights))


def correlations_with_others(ratings: ArrayLike) -> Floats:
    """(rater,): Pearson's correlation of each rater of (rater, time) with the mean of the others, NaN where undefined."""
    r = np.asarray(ratings, np.float64)
    present = ~np.isnan(r)
    filled = np.where(present, r, 0.0)
    others = _divided(filled.sum(axis=0) - filled, present.sum(axis=0) - present)
    return np.array([pcc(own, rest) for own, rest in zip(r, others, strict=True)])


def _evaluator_weights(r: Floats) -> Floats:
    if len(r) < 2:
        raise InputError(
            "EWE weights raters by each other and there is one rater; give two or more, or fuse by the mean"
        )
    weights, heard = np.zeros(len(r)), np.arange(len(r))
    while len(heard) > 1:
        correlations = np.nan_to_num(correlations_with_others(r[heard]), nan=0.0)
        if correlations.min() >= 0:
            weights[heard] = correlations
            break
        heard = np.delete(heard, correlations.argmin())
    if not weights.any():
        raise InputError(
            "EWE: no rater correlates with the mean of the others; check axis and sign, or fuse by the mean"
        )
    result: Floats = weights / weights.sum()
    return result


def _check_raters(r: Floats, names: Sequence[str]) -> None:
    present = ~np.isnan(r)
    rated = present.any(axis=0)
    if not rated.any():
        raise InputError(f"no second is rated by any of {', '.join(names)}; check the files and the video's times")
    shared = present.sum(axis=0) >= 2
    for name, own in zip(names, present, strict=True):
        share, pairs = own.sum() / rated.sum(), int((own & shared).sum())
        if share < 1 - MOST_MISSING:
            raise InputError(
                f"rater {name} misses {1 - share:.1%} of the rated seconds; at most {MOST_MISSING:.0%} may be missing, "
                "leave this rater out"
            )
        if len(r) > 1 and pairs < 2:
            raise InputError(
                f"rater {name} shares {pairs} seconds with the others; 2 or more are needed, leave this rater out"
            )


def _named(names: Sequence[str] | None, raters: int) -> Sequence[str]:
    if names is None:
        return [str(number) for number in range(1, raters + 1)]
    if len(names) != raters:
        raise InputError(f"{len(names)} names for {raters} raters; give one name per rater")
    return names


def _spread(r: Floats, raters: NDArray[np.int64]) -> Floats:
    present = ~np.isnan(r)
    mean = _divided(np.where(present, r, 0.0).sum(axis=0), raters)
    squares = np.where(present, r - mean, 0.0) ** 2
    return np.sqrt(_divided(squares.sum(axis=0), raters - 1))


def _divided(numerator: Floats, denominator: NDArray[Any]) -> Floats:
    out = np.full(numerator.shape, np.nan)
    np.divide(numerator, denominator, out=out, where=denominator > 0)
    return out
