"""Raters become one trace: means over those who are there, and weights that good raters earn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from seqfer.core.errors import InputError, SeqferError, SettingsError
from seqfer.traces.fusion import correlations_with_others, fuse

NAN = math.nan


def raters(*noise: float, seconds: int = 400, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A true trace (time,) and one noisy rater of it per noise level (rater, time)."""
    generator = np.random.default_rng(seed)
    truth = np.sin(np.arange(seconds) / 20) * 0.6
    return truth, np.stack([truth + generator.normal(0, level, seconds) for level in noise])


def test_mean_worked_by_hand() -> None:
    fused = fuse([[1.0, 2.0, NAN, NAN], [3.0, 2.0, 5.0, NAN], [5.0, 5.0, 6.0, NAN]])
    np.testing.assert_allclose(fused.values, [3, 3, 5.5, NAN])
    np.testing.assert_allclose(fused.spread, [2, math.sqrt(3), math.sqrt(0.5), NAN])
    assert fused.raters.tolist() == [3, 3, 2, 0]
    assert fused.weights == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert fused.zero_weight_raters == ()


def test_weights_are_correlations_with_the_mean_of_the_others() -> None:
    _, ratings = raters(0.1, 0.2, 0.6)
    expected = [np.corrcoef(ratings[k], np.delete(ratings, k, axis=0).mean(axis=0))[0, 1] for k in range(len(ratings))]
    np.testing.assert_allclose(correlations_with_others(ratings), expected, rtol=1e-12)
    fused = fuse(ratings, "ewe")
    np.testing.assert_allclose(fused.weights, np.array(expected) / sum(expected), rtol=1e-12)
    np.testing.assert_allclose(fused.values, np.average(ratings, axis=0, weights=expected), rtol=1e-9)
    np.testing.assert_allclose(fused.spread, ratings.std(axis=0, ddof=1), rtol=1e-9)


def test_weighing_beats_the_mean_where_raters_differ_in_care() -> None:
    truth, ratings = raters(0.1, 0.15, 2.0)
    error = {method: np.sqrt(np.mean((fuse(ratings, method).values - truth) ** 2)) for method in ("mean", "ewe")}
    assert error["ewe"] < 0.7 * error["mean"]


def test_weights_are_renormalised_in_every_second() -> None:
    _, ratings = raters(0.1, 0.2, 0.6)
    ratings[0, :30], ratings[1:, 30:40], ratings[:, 40] = NAN, NAN, NAN
    fused = fuse(ratings, "ewe")
    w = np.array(fused.weights)
    np.testing.assert_allclose(fused.values[:30], w[1:] @ ratings[1:, :30] / w[1:].sum())
    np.testing.assert_allclose(fused.values[30:40], ratings[0, 30:40])
    assert fused.raters[[0, 35, 40, 50]].tolist() == [2, 1, 0, 3]
    assert np.isnan(fused.values[40])
    assert np.isnan(fused.spread[30:41]).all()


@pytest.mark.parametrize("others", [2, 3])
def test_a_reversed_axis_is_not_heard_and_does_not_silence_the_others(others: int) -> None:
    truth, ratings = raters(*[0.1] * others, 0.1)
    ratings[-1] *= -1
    fused = fuse(ratings, "ewe")
    assert fused.zero_weight_raters == (others,)
    assert min(fused.weights[:-1]) > 0.8 / others
    assert np.corrcoef(fused.values, truth)[0, 1] > 0.97
    assert set(fused.raters) == {others}  # who is not heard is not counted


def test_a_rater_who_never_moves_is_not_heard() -> None:
    _, ratings = raters(0.1, 0.1, 0.1)
    ratings[1] = 0.1
    assert fuse(ratings, "ewe").zero_weight_raters == (1,)


def test_one_rater_is_their_own_mean() -> None:
    fused = fuse([[0.1, NAN, 0.3]])
    np.testing.assert_array_equal(fused.values, [0.1, NAN, 0.3])
    assert np.isnan(fused.spread).all()
    assert fused.weights == (1.0,)


@given(arrays.arrays(np.float64, (3, 20), elements=st.floats(-1, 1) | st.just(NAN)), st.sampled_from(["mean", "ewe"]))
def test_a_fused_value_lies_between_its_raters(ratings: np.ndarray, method: str) -> None:
    try:
        fused = fuse(ratings, method)
    except InputError:
        return
    for column, value, count in zip(ratings.T, fused.values, fused.raters, strict=True):
        assert math.isnan(value) == (count == 0)
        if count:
            assert np.nanmin(column) - 1e-9 <= value <= np.nanmax(column) + 1e-9
    assert sum(fused.weights) == pytest.approx(1.0)


def refused(kind: type[SeqferError], *args, **named) -> str:
    with pytest.raises(kind) as caught:
        fuse(*args, **named)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("method", ["mean", "ewe"])
def test_a_rater_who_misses_most_is_named(method: str) -> None:
    _, ratings = raters(0.1, 0.1, 0.1, seconds=100)
    ratings[1, 10:] = NAN
    fuse(ratings, method)  # 90 % missing is just allowed
    ratings[1, 9] = NAN
    message = refused(InputError, ratings, method, names=["anna", "bert", "carl"])
    assert "rater bert misses 91.0%" in message
    assert "90%" in message
    assert "rater 2 " in refused(InputError, ratings, method)


def test_missing_is_counted_over_the_seconds_that_anyone_rated() -> None:
    _, ratings = raters(0.1, 0.1, seconds=400)
    ratings[:, 20:] = NAN  # the study rated the first 20 seconds of the film
    assert np.isfinite(fuse(ratings).values).sum() == 20


@pytest.mark.parametrize("method", ["mean", "ewe"])
def test_raters_who_share_no_seconds_are_refused_by_name(method: str) -> None:
    _, ratings = raters(0.1, 0.1, seconds=100)
    ratings[0, 51:], ratings[1, :50] = NAN, NAN
    assert "rater anna shares 1 seconds" in refused(InputError, ratings, method, names=["anna", "bert"])


def test_bad_input_is_refused_in_one_line() -> None:
    _, good = raters(0.1, 0.1)
    assert "mean, ewe" in refused(SettingsError, good, "median")
    assert "1 names for 2" in refused(InputError, good, names=["anna"])
    assert "(rater, time)" in refused(InputError, good[0])
    assert "(rater, time)" in refused(InputError, np.zeros((0, 4)))
    assert "(rater, time)" in refused(InputError, np.full((1, 4), np.inf))
    assert "anna" in refused(InputError, np.full((1, 4), NAN), names=["anna"])
    assert "no second" in refused(InputError, np.zeros((1, 0)))
    assert "one rater" in refused(InputError, good[:1], "ewe")
    assert "no rater correlates with" in refused(InputError, np.stack([good[0], -good[0]]), "ewe")
    assert "no rater correlates with" in refused(InputError, np.zeros((3, 9)), "ewe")
