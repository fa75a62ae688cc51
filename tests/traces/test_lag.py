"""The lag of a simulated rater comes back, finer than a bin, with noise, gaps and other raters beside."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqfer.core.errors import InputError, SettingsError
from seqfer.traces.lag import estimate_lag, estimate_lags

NAN = math.nan
FINE_HZ = 20.0


def valence(seconds: float, seed: int, delay_s: float = 0.0, noise: float = 0.0) -> np.ndarray:
    """(time,) at 20 Hz: slow waves of random phase, seen `delay_s` later by a rater with white noise."""
    generator = np.random.default_rng(seed)
    periods, phases = generator.uniform(5, 60, 12), generator.uniform(0, 2 * np.pi, 12)
    t = np.arange(round(seconds * FINE_HZ)) / FINE_HZ - delay_s
    trace = np.sin(2 * np.pi * t[:, None] / periods + phases).mean(axis=1)
    return trace + np.random.default_rng((seed, 1)).normal(0, noise, len(t))


def per_second(trace: np.ndarray) -> np.ndarray:
    return trace.reshape(-1, int(FINE_HZ)).mean(axis=1)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("delay_s", [2.5, 0.0, -1.73])
def test_a_noisy_rater_at_20_hz(seed: int, delay_s: float) -> None:
    lag = estimate_lag(valence(300, seed), valence(300, seed, delay_s, noise=0.2), FINE_HZ)
    assert lag.seconds == pytest.approx(delay_s, abs=0.1)
    assert 0.5 < lag.correlation < 0.95
    assert not lag.at_edge


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("delay_s", [2.5, 2.2, 3.9])
def test_a_noisy_rater_at_1_hz_is_placed_within_a_third_of_a_bin(seed: int, delay_s: float) -> None:
    reference, rating = valence(300, seed), valence(300, seed, delay_s, noise=0.2)
    lag = estimate_lag(per_second(reference), per_second(rating), 1.0)
    assert lag.seconds == pytest.approx(delay_s, abs=0.3)
    assert lag.correlation > 0.9


def test_gaps_stay_gaps() -> None:
    reference, rating = valence(300, 0), valence(300, 0, 2.5, noise=0.1)
    reference[1000:1600], rating[3000:3300], rating[::7] = NAN, NAN, NAN
    assert estimate_lag(reference, rating, FINE_HZ).seconds == pytest.approx(2.5, abs=0.1)


def test_correlation_is_that_of_the_shifted_pairs() -> None:
    reference = per_second(valence(200, 3))
    rating = np.concatenate([np.full(4, NAN), reference[:-4]])
    lag = estimate_lag(reference, rating, 1.0)
    assert lag.correlation == pytest.approx(1.0)
    assert lag.seconds == pytest.approx(4.0, abs=0.1)


@given(st.integers(0, 1000), st.floats(-4, 4))
def test_exchanging_the_two_turns_the_sign(seed: int, delay_s: float) -> None:
    one, other = per_second(valence(120, seed)), per_second(valence(120, seed, delay_s, noise=0.1))
    forth, back = estimate_lag(one, other, 1.0), estimate_lag(other, one, 1.0)
    assert forth.seconds == pytest.approx(-back.seconds, abs=1e-9)
    assert forth.correlation == pytest.approx(back.correlation)
    assert forth.at_edge == back.at_edge


@given(st.integers(0, 1000), st.floats(0.1, 10), st.floats(-5, 5))
def test_scale_and_offset_of_a_rater_change_nothing(seed: int, scale: float, offset: float) -> None:
    one, other = per_second(valence(120, seed)), per_second(valence(120, seed, 1.5, noise=0.1))
    plain, scaled = estimate_lag(one, other, 1.0), estimate_lag(one, scale * other + offset, 1.0)
    assert plain.seconds == pytest.approx(scaled.seconds, abs=1e-6)


def test_a_lag_beyond_the_range_is_reported_as_at_its_edge() -> None:
    lag = estimate_lag(valence(300, 0), valence(300, 0, 4.0), FINE_HZ, max_lag_s=3.0)
    assert lag.at_edge
    assert lag.seconds == 3.0
    assert not estimate_lag(valence(300, 0), valence(300, 0, 4.0), FINE_HZ).at_edge


@pytest.mark.parametrize(
    ("reference", "rating"),
    [
        (np.full(50, 0.1), np.sin(np.arange(50))),
        (np.sin(np.arange(50)), np.full(50, 0.1)),
        (np.sin(np.arange(50)), np.full(50, NAN)),
        (np.array([0.1, 0.2]), np.array([0.1, 0.2])),
        (np.zeros(0), np.zeros(0)),
    ],
)
def test_nothing_to_estimate_is_nan(reference: np.ndarray, rating: np.ndarray) -> None:
    lag = estimate_lag(reference, rating, 1.0)
    assert math.isnan(lag.seconds)
    assert math.isnan(lag.correlation)
    assert not lag.at_edge


def test_a_handful_of_pairs_at_a_great_lag_does_not_win() -> None:
    rating = np.random.default_rng(0).normal(size=8)
    reference = np.concatenate([rating[1:], [0.0]]) + np.random.default_rng(1).normal(0, 0.1, 8)
    assert estimate_lag(reference, rating, 1.0).seconds == pytest.approx(1.0, abs=0.5)


def test_each_rater_has_a_lag_or_all_have_one() -> None:
    reference = valence(300, 0)
    ratings = np.stack([valence(300, 0, delay_s, noise=0.1) for delay_s in (2.0, 3.0)])
    own = estimate_lags(reference, ratings, FINE_HZ)
    assert own == tuple(estimate_lag(reference, rating, FINE_HZ) for rating in ratings)
    assert [lag.seconds for lag in own] == pytest.approx([2.0, 3.0], abs=0.1)
    pooled = estimate_lags(reference, ratings, FINE_HZ, pooled=True)
    assert [lag.seconds for lag in pooled] == pytest.approx([2.5, 2.5], abs=0.1)
    assert pooled[0].seconds == pooled[1].seconds
    assert all(lag.correlation < best.correlation for lag, best in zip(pooled, own, strict=True))


def test_pooling_steadies_noisy_raters() -> None:
    reference = valence(60, 5)
    generator = np.random.default_rng(0)
    ratings = valence(60, 5, 2.5) + generator.normal(0, 1.0, (8, len(reference)))
    own = [lag.seconds for lag in estimate_lags(reference, ratings, FINE_HZ)]
    pooled = estimate_lags(reference, ratings, FINE_HZ, pooled=True)[0].seconds
    assert abs(pooled - 2.5) < np.mean(np.abs(np.array(own) - 2.5))


def test_a_constant_rater_has_no_say_in_the_pooled_lag() -> None:
    reference, rating = valence(120, 0), valence(120, 0, 2.5)
    lags = estimate_lags(reference, [rating, np.zeros(len(rating))], FINE_HZ, pooled=True)
    assert lags[0] == estimate_lags(reference, [rating], FINE_HZ, pooled=True)[0]
    assert lags[1].seconds == lags[0].seconds
    assert math.isnan(lags[1].correlation)
    silent = estimate_lags(reference, np.zeros((2, len(rating))), FINE_HZ, pooled=True)
    assert all(math.isnan(lag.seconds) for lag in silent)
    assert len(silent) == 2
    assert estimate_lags(reference, np.zeros((0, len(rating))), FINE_HZ, pooled=True) == ()


@pytest.mark.parametrize(
    ("kind", "call"),
    [
        (InputError, lambda: estimate_lag([1, 2, 3], [1, 2], 1.0)),
        (InputError, lambda: estimate_lag([[1, 2, 3]], [[1, 2, 3]], 1.0)),
        (InputError, lambda: estimate_lags([1, 2, 3], [1, 2, 3], 1.0)),
        (SettingsError, lambda: estimate_lag([1, 2, 3], [1, 2, 3], 0.0)),
        (SettingsError, lambda: estimate_lag([1, 2, 3], [1, 2, 3], NAN)),
        (SettingsError, lambda: estimate_lag([1, 2, 3], [1, 2, 3], 1.0, max_lag_s=0.5)),
        (SettingsError, lambda: estimate_lag([1, 2, 3], [1, 2, 3], 1.0, max_lag_s=-1)),
    ],
)
def test_bad_input_is_refused_in_one_line(kind, call) -> None:
    with pytest.raises(kind) as caught:
        call()
    assert "\n" not in str(caught.value)
