"""Correlation between participants: against NumPy's correlations, window by window, and with missing values."""

import numpy as np
import pytest

from seqfer.core.errors import InputError
from seqfer.metrics.intersubject import (
    leave_one_out_correlations,
    mean_correlation,
    pairwise_correlations,
    sliding_correlations,
    top_moments,
)


def series(people=5, moments=60, seed=0):
    rng = np.random.default_rng(seed)
    return np.sin(np.arange(moments) / 5) + rng.normal(size=(people, moments))


def test_pairs_and_the_mean_of_the_others():
    x = series()
    found = pairwise_correlations(x)
    expected = np.corrcoef(x)
    np.fill_diagonal(expected, np.nan)
    np.testing.assert_allclose(found, expected)
    others = [np.corrcoef(x[k], np.delete(x, k, axis=0).mean(axis=0))[0, 1] for k in range(5)]
    np.testing.assert_allclose(leave_one_out_correlations(x), others)


def test_missing_values_are_left_out_and_constants_are_undefined():
    x = series(3)
    x[0, 5:9] = np.nan
    x[2] = 1.0
    found = pairwise_correlations(x)
    kept = ~np.isnan(x[0])
    assert found[0, 1] == pytest.approx(np.corrcoef(x[0, kept], x[1, kept])[0, 1])
    assert np.isnan(found[2]).all()


def test_windows_are_those_of_their_own_bins():
    x = series()
    x[1, 20:29] = np.nan
    found = sliding_correlations(x, 10)
    assert len(found) == 51
    for start in (0, 17, 22, 50):
        pairs = []
        for i in range(5):
            for j in range(i):
                part = x[[i, j], start : start + 10]
                part = part[:, ~np.isnan(part).any(axis=0)]
                pairs += [np.corrcoef(part)[0, 1]] if part.shape[1] >= 5 else []
        assert found[start] == pytest.approx(np.mean(pairs))


def test_the_best_windows_do_not_overlap():
    found = top_moments([0.1, 0.9, 0.8, np.nan, 0.2, 0.3, 0.25], 3)
    assert [(m.first, m.last, m.correlation) for m in found] == [(1, 3, 0.9), (5, 7, 0.3)]
    assert top_moments([np.nan], 3) == []


def test_a_common_moment_is_found():
    x = np.random.default_rng(1).normal(size=(6, 100))
    x[:, 40:55] += 4 * np.sin(np.arange(15))
    best = top_moments(sliding_correlations(x, 12), 12)[0]
    assert 37 <= best.first <= 46
    assert best.correlation > 0.7


def test_the_mean_is_through_fishers_z():
    assert mean_correlation([0.2, np.nan, 0.8]) == pytest.approx(np.tanh((np.arctanh(0.2) + np.arctanh(0.8)) / 2))
    assert np.isnan(mean_correlation([np.nan]))
    assert mean_correlation([1.0, 1.0]) == pytest.approx(1, abs=1e-5)


def test_short_and_wrong_series():
    assert sliding_correlations(series(moments=5), 10).size == 0
    with pytest.raises(InputError, match="3 or more"):
        sliding_correlations(series(), 2)
    with pytest.raises(InputError, match=r"shape \(4,\)"):
        pairwise_correlations(np.ones(4))
