"""Agreement between raters: intraclass correlation and Krippendorff's alpha, for ratings (rater, time) with NaN for missing.

Sources: Shrout & Fleiss, "Intraclass Correlations: Uses in Assessing Rater Reliability", Psychological Bulletin 86, 1979
(their cases 2 and 3); names and two-way mean squares also in McGraw & Wong, Psychological Methods 1, 1996: ICC(2,k) is
their ICC(A,k), absolute agreement; ICC(3,k) their ICC(C,k), consistency. Alpha: Krippendorff, "Computing Krippendorff's
Alpha-Reliability", 2011.

Intraclass correlations need every rater at every moment, so the seconds where a rater is missing are left out
(`complete_seconds` counts those that remain). Alpha uses every second that two or more raters rated.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqfer.core.errors import InputError

Floats = NDArray[np.float64]

LEVELS = ("interval", "ordinal")

# A mean square below this share of the ratings' variance is a rounding error of zero.
_ROUNDING = 1e-12


def icc2k(ratings: ArrayLike) -> float:
    """ICC(2,k) of ratings (rater, time): how far the mean of these k raters would agree in level with that of k others.

    At most 1. NaN with fewer than two raters or two complete seconds, when all ratings are equal, and when the estimated
    variance below the fraction line is not positive (raters who contradict each other).
    """
    return _icc(ratings, single=False, absolute=True)


def icc3k(ratings: ArrayLike) -> float:
    """ICC(3,k) of ratings (rater, time): consistency of the mean of exactly these k raters, ignoring constant offsets.

    At most 1. NaN with fewer than two raters or two complete seconds, and when the raters' mean is constant.
    """
    return _icc(ratings, single=False, absolute=False)


def icc21(ratings: ArrayLike) -> float:
    """ICC(2,1) of ratings (rater, time): absolute agreement of one rater; NaN as in `icc2k`."""
    return _icc(ratings, single=True, absolute=True)


def icc31(ratings: ArrayLike) -> float:
    """ICC(3,1) of ratings (rater, time): consistency of one rater; NaN with too few ratings or when all are equal."""
    return _icc(ratings, single=True, absolute=False)


def complete_seconds(ratings: ArrayLike) -> int:
    """How many columns of ratings (rater, time) hold a value of every rater: those that the intraclass correlations use."""
    return int((~np.isnan(_checked(ratings))).all(axis=0).sum())


def krippendorff_alpha(ratings: ArrayLike, level: str = "interval") -> float:
    """Krippendorff's alpha of ratings (rater, time) at the "interval" or "ordinal" level of measurement.

    1 is perfect agreement, 0 that of chance, below 0 worse. Seconds with fewer than two ratings cannot disagree and are
    left out. NaN when no second has two ratings, or when all that remain are equal. Raises InputError for other levels.
    """
    r = _checked(ratings)
    if level not in LEVELS:
        raise InputError(f"alpha at the level {level!r}; allowed: {', '.join(LEVELS)}")
    r = r[:, (~np.isnan(r)).sum(axis=0) >= 2]
    rated = ~np.isnan(r)
    values = r[rated]
    if not values.size or values.min() == values.max():
        return np.nan
    if level == "ordinal":
        # Krippendorff's ordinal distance - the ratings between two values, half of those at either end - is the distance
        # of their mid-ranks.
        from scipy.stats import rankdata

        values = rankdata(values)
    values = values - values.mean()
    x = np.zeros(r.shape)
    x[rated] = values
    # The mean squared distance of all pairs of m numbers is twice their sum of squares about the mean over m - 1.
    raters = rated.sum(axis=0)
    within = np.where(rated, x - x.sum(axis=0) / raters, 0.0)
    observed = 2 * np.sum(raters * np.sum(within**2, axis=0) / (raters - 1)) / values.size
    expected = 2 * np.sum(values**2) / (values.size - 1)
    return float(1 - observed / expected)


def _icc(ratings: ArrayLike, *, single: bool, absolute: bool) -> float:
    r = _checked(ratings)
    r = r[:, ~np.isnan(r).any(axis=0)]
    k, n = r.shape
    if k < 2 or n < 2 or r.min() == r.max():
        return np.nan
    between_seconds, between_raters, error = _mean_squares(r)
    denominator = between_seconds + ((k - 1) * error if single else 0.0)
    if absolute:
        denominator += (k if single else 1) * (between_raters - error) / n
    return float((between_seconds - error) / denominator) if denominator > _ROUNDING * r.var() else np.nan


def _mean_squares(r: Floats) -> tuple[float, float, float]:
    """Mean squares of complete (rater, time) ratings: between seconds, between raters, residual (MSR, MSC, MSE)."""
    k, n = r.shape
    centred = r - r.mean()
    seconds, raters = centred.mean(axis=0), centred.mean(axis=1)
    residual = centred - seconds - raters[:, None]
    return (
        float(k * np.sum(seconds**2) / (n - 1)),
        float(n * np.sum(raters**2) / (k - 1)),
        float(np.sum(residual**2) / ((k - 1) * (n - 1))),
    )


def _checked(ratings: ArrayLike) -> Floats:
    r = np.asarray(ratings, np.float64)
    if r.ndim != 2 or np.isinf(r).any():
        raise InputError(
            f"ratings of shape {r.shape}; give a finite (rater, time) array, NaN where a rating is missing"
        )
    return r
