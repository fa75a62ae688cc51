"""The cluster permutation test: against a literal enumeration, with missing values, and how often it is wrong."""

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import ttest_ind

from seqfer.core.errors import InputError
from seqfer.metrics.cluster_permutation import cluster_permutation_test, welch_t


def groups(seed, first=4, second=5, moments=40, size=1.5):
    rng = np.random.default_rng(seed)
    series = np.cumsum(rng.normal(size=(first + second, moments)), axis=1) / 4
    series[:first, 10:20] += size
    return series[:first], series[first:]


def literal(first, second, threshold):
    """Every division written out: the largest masses, and those of the given groups."""
    everyone = np.concatenate([first, second])
    largest = []
    for chosen in combinations(range(len(everyone)), len(first)):
        others = [k for k in range(len(everyone)) if k not in chosen]
        t = ttest_ind(everyone[list(chosen)], everyone[others], equal_var=False).statistic
        masses, mass = [0.0], 0.0
        for before, value in zip(np.r_[0.0, t[:-1]], t):
            same = abs(before) > threshold and np.sign(before) == np.sign(value)
            mass = (mass if same else 0.0) + value if abs(value) > threshold else 0.0
            masses.append(abs(mass))
        largest.append(max(masses))
    return np.array(largest)


@pytest.mark.parametrize("seed", range(3))
def test_all_divisions_are_those_written_out(seed):
    first, second = groups(seed, size=3.0)
    found = cluster_permutation_test(first, second)
    assert (found.exact, found.permutations) == (True, 126)
    largest = literal(first, second, found.threshold)
    assert found.clusters
    for cluster in found.clusters:
        assert cluster.p == pytest.approx(np.mean(largest >= abs(cluster.mass) - 1e-9))
        assert cluster.p >= 1 / 126


def test_welch_leaves_out_missing_values_and_is_undefined_for_fewer_than_two():
    first, second = groups(0)
    first[0, 3:6] = np.nan
    first[1:, 5] = np.nan  # and so no value is left in bin 5
    second[:, 7] = np.nan
    everyone = np.concatenate([first, second])
    t = welch_t(everyone, np.arange(9)[None] < 4)[0]
    defined = [k for k in range(40) if k not in (5, 7)]
    expected = ttest_ind(first[:, defined], second[:, defined], equal_var=False, nan_policy="omit").statistic
    np.testing.assert_allclose(t[defined], expected, rtol=1e-9)
    assert np.isnan(t[[5, 7]]).all()
    found = cluster_permutation_test(first, second)
    assert not any(c.first <= k <= c.last for c in found.clusters for k in (5, 7))


def test_swapped_groups_have_the_same_p_values_and_other_signs():
    first, second = groups(1, 5, 5)
    one, other = cluster_permutation_test(first, second), cluster_permutation_test(second, first)
    assert [(c.first, c.last, c.p) for c in one.clusters] == [(c.first, c.last, c.p) for c in other.clusters]
    np.testing.assert_allclose([c.mass for c in one.clusters], [-c.mass for c in other.clusters])


def test_constant_and_equal_series_have_no_cluster():
    found = cluster_permutation_test(np.ones((3, 9)), np.ones((4, 9)))
    assert np.isnan(found.t).all()
    assert found.clusters == ()


def test_drawn_divisions_include_the_given_one_and_repeat():
    first, second = groups(2, 9, 9, size=6.0)
    found = cluster_permutation_test(first, second, permutations=199)
    assert (found.exact, found.permutations) == (False, 200)
    assert min(c.p for c in found.clusters) >= 1 / 200
    assert found.clusters == cluster_permutation_test(first, second, permutations=199).clusters


def test_groups_without_a_difference_are_found_different_one_time_in_twenty():
    """5 % of 400 runs: 20 plus or minus 4.4; three standard deviations are allowed."""
    wrong = 0
    for seed in range(400):
        first, second = groups(1000 + seed, size=0.0)
        wrong += any(c.p <= 0.05 for c in cluster_permutation_test(first, second).clusters)
    assert wrong <= 33


@pytest.mark.parametrize(
    ("first", "second"),
    [(np.ones((1, 5)), np.ones((3, 5))), (np.ones((3, 5)), np.ones((3, 6))), (np.ones(5), np.ones(5))],
)
def test_other_shapes_are_refused(first, second):
    with pytest.raises(InputError, match="two participants or more"):
        cluster_permutation_test(first, second)
    with pytest.raises(InputError, match="0 permutations"):
        cluster_permutation_test(np.ones((2, 5)), np.ones((2, 5)), permutations=0)
