"""Tests whether one model is better than another: a paired t-test with a variance corrected for overlapping training sets.

Source: Nadeau & Bengio, "Inference for the Generalization Error", Machine Learning 52, 2003, section 3 (corrected
resampled t-test); in the form for r times repeated k-fold cross-validation of Bouckaert & Frank, "Evaluating the
Replicability of Significance Tests for Comparing Learning Algorithms", PAKDD 2004, section 3.3:

    t = mean(d) / sqrt((1 / n + n_test / n_train) * var(d)),   n = k * r differences, var with n - 1, df = n - 1

Differs in that fold sizes may vary: n_test / n_train is then the ratio of their totals. p is two-sided.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from seqfer.core.errors import InputError

NAME = "corrected resampled t-test (Nadeau & Bengio 2003)"


def corrected_resampled_t_test(differences: ArrayLike, n_train: ArrayLike, n_test: ArrayLike) -> dict[str, Any]:
    """Test whether the mean of paired differences (n,), one per repeat and fold, is zero.

    `n_train` and `n_test` are the clips (or whatever unit the errors count) fitted on and tested on: one number, or
    (n,) of them. Returns test, difference (the mean), standard_error, t, df, p_value, n. With one difference the
    variance is undefined, so that standard_error, t and p_value are NaN; where all differences are equal (up to
    rounding) the standard error is 0 and t and p_value are NaN, because the variance cannot be estimated. Raises
    InputError for no or non-finite differences and for sizes < 1.
    """
    d = np.asarray(differences, np.float64)
    if d.ndim != 1 or not d.size or not np.isfinite(d).all():
        raise InputError(f"differences of shape {d.shape}; give one finite number per repeat and fold, at least one")
    n, mean, ratio = d.size, float(d.mean()), _size_ratio(n_train, n_test, d.size)
    deviation = float(d.std(ddof=1)) if n > 1 else math.nan
    if deviation <= 1e-12 * float(np.abs(d).max()):  # the rounding error of equal differences
        deviation = 0.0
    standard_error = math.sqrt(1 / n + ratio) * deviation
    t = mean / standard_error if standard_error > 0 else math.nan
    return {
        "test": NAME,
        "difference": mean,
        "standard_error": standard_error,
        "t": t,
        "df": n - 1,
        "p_value": _two_sided_p(t, n - 1),
        "n": n,
    }


def _size_ratio(n_train: ArrayLike, n_test: ArrayLike, n: int) -> float:
    sizes = []
    for name, value in (("n_train", n_train), ("n_test", n_test)):
        v = np.asarray(value, np.float64)
        if v.shape not in ((), (n,)) or not np.isfinite(v).all() or v.min() < 1:
            raise InputError(f"{name} = {v.tolist()}; give one number >= 1, or one per difference ({n})")
        sizes.append(float(v.mean()))
    return sizes[1] / sizes[0]


def _two_sided_p(t: float, df: int) -> float:
    from scipy.special import stdtr  # Student's t; scipy.stats has it too, but is slow to import

    return math.nan if math.isnan(t) else float(2 * stdtr(df, -abs(t)))
