"""Compares two groups of time series by a cluster permutation test, which corrects for the many moments that are compared.

Source: Maris & Oostenveld, "Nonparametric statistical testing of EEG- and MEG-data", Journal of Neuroscience Methods 164, 2007. Welch's t is computed
at every moment; neighbouring moments whose t has one sign and is beyond a threshold form a cluster, and the sum of its t is its mass. The largest
absolute mass under exchanges of participants between the groups is the reference of every cluster. The p-value is that of the cluster as a whole:
it does not say that each of its moments differs (Sassenhagen & Draschkow, Psychophysiology 56, 2019).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqfer.core.errors import InputError

Floats = NDArray[np.float64]
_AT_ONCE = 2_000_000  # values of t in memory
_ROUNDING = 1e-9  # two masses that differ by less, relative to the larger one, are equal


@dataclass(frozen=True)
class Cluster:
    """Neighbouring moments `first` to `last` (both included): the sum of their t (positive where the first group is higher) and its p-value."""

    first: int
    last: int
    mass: float
    p: float


@dataclass(frozen=True)
class ClusterTest:
    """`t` (time,) of Welch's test, NaN where a group has fewer than two values or nothing varies; the clusters in order of time; the `threshold` of
    |t|; the number of `permutations` including the given groups, and whether they are all that there are (`exact`)."""

    t: Floats
    clusters: tuple[Cluster, ...]
    threshold: float
    permutations: int
    exact: bool


def cluster_permutation_test(
    first: ArrayLike, second: ArrayLike, *, permutations: int = 5000, alpha: float = 0.05, seed: int = 0
) -> ClusterTest:
    """Compare two groups of series, (participant, time) with NaN where there is no value. Participants are independent.

    The threshold is the two-sided `alpha` quantile of Student's t with n - 2 degrees of freedom, for n participants; it decides which clusters there
    are, and does not affect how often the test is wrong. Where there are at most `permutations` ways to divide the participants, each of them is
    used once, else so many are drawn from `seed`. Raises InputError for groups of fewer than two, and for arrays of other shapes.

    >>> rng = np.random.default_rng(0)
    >>> high, low = rng.normal(size=(2, 6, 60))
    >>> high[:, 20:40] += 3
    >>> found = cluster_permutation_test(high, low)
    >>> [(c.first, c.last, round(c.p, 3)) for c in found.clusters if c.p < 0.05], found.permutations, found.exact
    ([(20, 39, 0.002)], 924, True)
    """
    a, b = (np.asarray(group, np.float64) for group in (first, second))
    if a.ndim != 2 or b.ndim != 2 or a.shape[1:] != b.shape[1:] or min(len(a), len(b)) < 2:
        raise InputError(
            f"groups of shapes {a.shape} and {b.shape}; give two (participant, time) arrays of two participants or more"
        )
    if permutations < 1 or not 0 < alpha < 1:
        raise InputError(f"{permutations} permutations, alpha {alpha}; give 1 or more, and an alpha between 0 and 1")
    series = np.concatenate([a, b])
    threshold = _t_quantile(alpha, len(series) - 2)
    given = np.zeros((1, len(series)), bool)
    given[0, : len(a)] = True
    t = welch_t(series, given)[0]
    found = _clusters(t, threshold)
    exact = math.comb(len(series), len(a)) <= permutations
    largest = np.concatenate(
        [
            _largest_masses(welch_t(series, part), threshold)
            for part in _divisions(len(series), len(a), permutations, exact, seed, t.size)
        ]
    )
    if not exact:  # the given division is one of them, or a p-value could be 0 (Phipson & Smyth 2010)
        largest = np.append(largest, max((abs(mass) for _, _, mass in found), default=0.0))
    clusters = tuple(
        Cluster(start, end, mass, float(np.mean(largest >= abs(mass) * (1 - _ROUNDING)))) for start, end, mass in found
    )
    return ClusterTest(t, clusters, threshold, len(largest), exact)


def welch_t(series: Floats, in_first: NDArray[np.bool_]) -> Floats:
    """Welch's t (division, time) of series (participant, time), NaN for missing, for every division `in_first` (division, participant).

    NaN where a group has fewer than two values, or where neither group varies.
    """
    known = ~np.isnan(series)
    count_all = known.sum(axis=0)
    centre = np.divide(
        np.where(known, series, 0.0).sum(axis=0), count_all, out=np.zeros(series.shape[1]), where=count_all > 0
    )
    x = np.where(known, series - centre, 0.0)  # about the common mean, or small variances are lost in rounding
    parts = []
    for chosen in (in_first.astype(np.float64), (~in_first).astype(np.float64)):
        n, total, squares = chosen @ known.astype(np.float64), chosen @ x, chosen @ x**2
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = total / n
            variance = np.maximum(squares - n * mean**2, 0.0) / (n - 1)
        parts.append((n, mean, variance))
    (n1, mean1, var1), (n2, mean2, var2) = parts
    scale = np.mean(x**2, axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        error = var1 / n1 + var2 / n2
        t: Floats = np.where((n1 < 2) | (n2 < 2) | (error <= 1e-14 * scale), np.nan, (mean1 - mean2) / np.sqrt(error))
    return t


def _divisions(
    people: int, first: int, permutations: int, exact: bool, seed: int, moments: int
) -> Iterator[NDArray[np.bool_]]:
    """Divisions (division, participant) of the participants into two groups, in parts that fit into memory."""
    step = max(1, _AT_ONCE // max(moments, 1))
    if exact:
        chosen = np.array(list(combinations(range(people), first)))
        everything = np.zeros((len(chosen), people), bool)
        np.put_along_axis(everything, chosen, True, axis=1)
        yield from (everything[start : start + step] for start in range(0, len(everything), step))
        return
    rng = np.random.default_rng(seed)
    for start in range(0, permutations, step):
        order = rng.random((min(step, permutations - start), people)).argsort(axis=1)
        yield order < first


def _largest_masses(t: Floats, threshold: float) -> Floats:
    """The largest absolute mass of a cluster (division,) of t (division, time); 0 without a cluster."""
    largest = np.zeros(len(t))
    for sign in (1.0, -1.0):
        running = np.zeros(len(t))
        for moment in np.nan_to_num(sign * t).T:
            running = np.where(moment > threshold, running + moment, 0.0)
            np.maximum(largest, running, out=largest)
    return largest


def _clusters(t: Floats, threshold: float) -> list[tuple[int, int, float]]:
    """(first, last, mass) of every cluster of t (time,), in order of time."""
    side = np.where(np.nan_to_num(np.abs(t)) > threshold, np.sign(t), 0.0)
    starts = np.flatnonzero(np.diff(side, prepend=0.0))
    ends = np.append(starts[1:], len(t))
    return [(int(start), int(end) - 1, float(t[start:end].sum())) for start, end in zip(starts, ends) if side[start]]


def _t_quantile(alpha: float, degrees: int) -> float:
    from scipy.stats import t

    return float(t.ppf(1 - alpha / 2, degrees))
