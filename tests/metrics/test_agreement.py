"""Agreement of raters against the papers' own tables, and against alpha computed from its coincidence matrix."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from seqfer.core.errors import InputError
from seqfer.metrics.agreement import complete_seconds, icc2k, icc3k, icc21, icc31, krippendorff_alpha

NAN = math.nan

# Shrout & Fleiss 1979, table 2: six targets rated by four judges; here (rater, target)
SHROUT_FLEISS = np.array([[9, 6, 8, 7, 10, 6], [2, 1, 4, 1, 5, 2], [5, 3, 6, 2, 6, 4], [8, 2, 8, 6, 9, 7]])

# Krippendorff 2011, sections C and D: four observers, twelve units, missing data
KRIPPENDORFF = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
        [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
    ]
)


def test_intraclass_correlations_of_the_paper() -> None:
    # table 4 of Shrout & Fleiss 1979
    assert icc21(SHROUT_FLEISS) == pytest.approx(0.29, abs=0.005)
    assert icc31(SHROUT_FLEISS) == pytest.approx(0.71, abs=0.005)
    assert icc2k(SHROUT_FLEISS) == pytest.approx(0.62, abs=0.005)
    assert icc3k(SHROUT_FLEISS) == pytest.approx(0.91, abs=0.005)


def test_intraclass_correlations_from_the_mean_squares_of_the_paper() -> None:
    # table 3: between targets 11.24, between judges 32.49, residual 1.02; k = 4, n = 6
    assert icc2k(SHROUT_FLEISS) == pytest.approx((11.24 - 1.02) / (11.24 + (32.49 - 1.02) / 6), abs=1e-3)
    assert icc3k(SHROUT_FLEISS) == pytest.approx((11.24 - 1.02) / 11.24, abs=1e-3)
    assert icc21(SHROUT_FLEISS) == pytest.approx((11.24 - 1.02) / (11.24 + 3 * 1.02 + 4 * (32.49 - 1.02) / 6), abs=1e-3)


def test_seconds_where_a_rater_is_missing_are_left_out() -> None:
    ratings = np.insert(SHROUT_FLEISS.astype(float), 2, [NAN, 1, 9, NAN], axis=1)
    assert complete_seconds(ratings) == 6
    assert icc2k(ratings) == icc2k(SHROUT_FLEISS)
    assert icc3k(ratings) == icc3k(SHROUT_FLEISS)


def test_cronbachs_alpha_is_the_consistency_of_the_mean() -> None:
    # ICC(3,k) = k / (k - 1) * (1 - sum of the raters' variances / variance of their sum)
    ratings = np.random.default_rng(0).normal(size=(3, 50)) + np.sin(np.arange(50) / 5)
    cronbach = 3 / 2 * (1 - ratings.var(axis=1).sum() / ratings.sum(axis=0).var())
    assert icc3k(ratings) == pytest.approx(cronbach, rel=1e-12)


def test_consistency_forgives_an_offset_and_agreement_does_not() -> None:
    trace = np.sin(np.arange(40) / 4)
    ratings = np.stack([trace, trace + 0.5])
    assert icc3k(ratings) == pytest.approx(1.0)
    assert icc31(ratings) == pytest.approx(1.0)
    assert icc2k(ratings) < 0.97
    assert icc2k(np.stack([trace, trace])) == pytest.approx(1.0)


@pytest.mark.parametrize("measure", [icc2k, icc3k, icc21, icc31])
@pytest.mark.parametrize(
    "ratings",
    [
        np.full((3, 5), 0.1),
        np.array([[1.0, 2.0, 3.0]]),
        np.array([[1.0], [2.0]]),
        np.array([[1.0, NAN, 2.0], [NAN, 1.0, 2.0]]),
        np.zeros((0, 0)),
        np.zeros((2, 0)),
    ],
)
def test_undefined_intraclass_correlations_are_nan(measure, ratings: np.ndarray) -> None:
    assert math.isnan(measure(ratings))


def test_raters_whose_mean_never_moves_have_no_consistency() -> None:
    trace = np.sin(2 * np.pi * np.arange(40) / 40)
    ratings = np.stack([trace, -trace])
    assert math.isnan(icc3k(ratings))
    assert math.isnan(icc2k(ratings))  # the variance below the line is estimated as negative
    assert icc31(ratings) == pytest.approx(-1.0)


def test_alpha_of_the_paper() -> None:
    assert krippendorff_alpha(KRIPPENDORFF) == pytest.approx(0.849, abs=5e-4)
    assert krippendorff_alpha(KRIPPENDORFF, "ordinal") == pytest.approx(0.815, abs=5e-4)


def alpha_by_coincidences(ratings: np.ndarray, level: str) -> float:
    """Krippendorff 2011, sections C and D, letter by letter: coincidences, expectations, squared distances."""
    values = np.unique(ratings[~np.isnan(ratings)])
    coincidences = np.zeros((len(values), len(values)))
    for unit in ratings.T:
        own = unit[~np.isnan(unit)]
        for i in range(len(own)):
            for j in range(len(own)):
                if i != j:
                    at = np.searchsorted(values, own[i]), np.searchsorted(values, own[j])
                    coincidences[at] += 1 / (len(own) - 1)
    counts = coincidences.sum(axis=1)
    expected = np.outer(counts, counts) - np.diag(counts)
    distances = np.zeros_like(expected)
    for c in range(len(values)):
        for k in range(c, len(values)):
            between = counts[c : k + 1].sum() - (counts[c] + counts[k]) / 2
            gap = values[c] - values[k] if level == "interval" else between
            distances[c, k] = distances[k, c] = gap**2
    return 1 - (counts.sum() - 1) * (coincidences * distances).sum() / (expected * distances).sum()


@pytest.mark.parametrize("level", ["interval", "ordinal"])
@pytest.mark.parametrize("seed", range(4))
def test_alpha_equals_its_definition(level: str, seed: int) -> None:
    generator = np.random.default_rng(seed)
    ratings = np.round(np.sin(np.arange(25) / 3) + generator.normal(0, 0.5, (4, 25)), 1)
    ratings[generator.random(ratings.shape) < 0.3] = NAN
    assert krippendorff_alpha(ratings, level) == pytest.approx(alpha_by_coincidences(ratings, level), rel=1e-12)


def test_alpha_of_agreement_and_of_contradiction() -> None:
    trace = np.sin(np.arange(40) / 4)
    assert krippendorff_alpha([trace, trace]) == 1.0
    assert krippendorff_alpha([trace, -trace]) < -0.9
    noise = np.random.default_rng(0).normal(size=(3, 4000))
    assert krippendorff_alpha(noise) == pytest.approx(0.0, abs=0.03)


@pytest.mark.parametrize(
    "ratings", [[[1.0, NAN], [NAN, 2.0]], [[0.1, 0.1], [0.1, 0.1]], np.zeros((0, 0)), [[1.0, 2.0]]]
)
def test_undefined_alpha_is_nan(ratings) -> None:
    assert math.isnan(krippendorff_alpha(ratings))


ratings_of_three = arrays.arrays(np.float64, (3, 8), elements=st.integers(-9, 9).map(float))


@given(ratings_of_three, st.permutations([0, 1, 2]), st.floats(0.5, 4), st.floats(-3, 3))
def test_order_of_raters_scale_and_offset_change_nothing(
    ratings: np.ndarray, order: list[int], scale: float, offset: float
) -> None:
    for measure in (icc21, icc31, krippendorff_alpha):
        assert measure(scale * ratings[order] + offset) == pytest.approx(
            measure(ratings), rel=1e-6, abs=1e-6, nan_ok=True
        )


@pytest.mark.parametrize(
    "call",
    [
        lambda: icc2k([1.0, 2.0]),
        lambda: krippendorff_alpha([[math.inf, 1.0], [1.0, 2.0]]),
        lambda: krippendorff_alpha([[1.0, 2.0], [1.0, 2.0]], "ratio"),
    ],
)
def test_bad_input_is_refused_in_one_line(call) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert "\n" not in str(caught.value)
