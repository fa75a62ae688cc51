"""Means over seconds: samples, bins, gaps, rates that do not divide, and what the mean over everything keeps."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqfer.core.errors import InputError, SettingsError
from seqfer.traces.resampling import MOST_BINS, at_every_bin, resample
from seqfer.traces.trace import Trace, rate_of, step_of

NAN = math.nan


def samples(times, values) -> Trace:
    return Trace("a", np.array(times, dtype=float), np.array(times, dtype=float), np.array(values, dtype=float))


def bins(width, values, first=0.0) -> Trace:
    edges = first + np.arange(len(values) + 1) * width
    return Trace("a", edges[:-1], edges[1:], np.array(values, dtype=float))


def test_twenty_hertz_to_one() -> None:
    rng = np.random.default_rng(0)
    values = rng.uniform(-1, 1, 20 * 600)
    seconds = resample(samples(np.arange(12_000) * 0.05, values))  # 0.05 * 60 is not 3 in floating point
    np.testing.assert_allclose(seconds.values, values.reshape(600, 20).mean(1), atol=1e-15)
    np.testing.assert_allclose(seconds.coverage, 1, atol=1e-9)
    np.testing.assert_array_equal(resample(bins(0.05, values)).coverage.round(9), np.ones(600))
    np.testing.assert_allclose(resample(bins(0.05, values)).values, seconds.values, atol=1e-12)


def test_film_rates() -> None:
    times = np.round(np.arange(24 * 60) * 1001 / 24_000, 6)
    seconds = resample(samples(times, np.floor(times) / 100))
    assert np.array_equal(seconds.values, np.arange(len(seconds.values)) / 100)  # every frame in its own second
    np.testing.assert_allclose(seconds.coverage[:-1], 1, atol=1e-6)
    assert rate_of(np.round(times, 3)) == pytest.approx(24_000 / 1001, rel=1e-3)
    half = resample(samples(times, np.floor(times * 0.5) / 100), 0.5)
    assert np.array_equal(half.values, np.arange(len(half.values)) / 100)


def test_irregular_samples_count_once_each() -> None:
    seconds = resample(samples([0, 0, 0.3, 0.999999, 1.0, 1.7], [0.1, 0.2, 0.3, 0.4, 0.5, 0.7]))
    np.testing.assert_allclose(seconds.values, [0.25, 0.6])
    assert seconds.coverage[0] == pytest.approx(1)


def test_bins_of_a_second_stay_as_they_are() -> None:
    values = np.random.default_rng(1).uniform(-1, 1, 500)
    seconds = resample(bins(1.0, values))
    assert np.array_equal(seconds.values, values)
    assert np.array_equal(seconds.coverage, np.ones(500))


def test_finer_and_coarser_bins() -> None:
    assert resample(bins(0.5, [0.2, 0.4, -1, 1])).values.tolist() == pytest.approx([0.3, 0])
    wide = np.random.default_rng(2).uniform(-1, 1, 50)
    assert np.array_equal(resample(bins(2.0, wide)).values, np.repeat(wide, 2))
    thirds = resample(bins(1.5, [0.3, 0.6]))
    np.testing.assert_allclose(thirds.values, [0.3, 0.45, 0.6])


def test_the_last_bin_is_covered_in_part() -> None:
    seconds = resample(bins(0.5, [0.1, 0.2, 0.3]))
    np.testing.assert_allclose(seconds.values, [0.15, 0.3])
    np.testing.assert_allclose(seconds.coverage, [1, 0.5])
    sampled = resample(samples(np.arange(30) * 0.05, np.full(30, 0.5)))
    np.testing.assert_allclose(sampled.coverage, [1, 0.5])


def test_gaps_stay_gaps() -> None:
    times = np.concatenate([np.arange(0, 1.5, 0.1), np.arange(4, 5, 0.1)])
    seconds = resample(samples(times, np.full(len(times), 0.5)))
    np.testing.assert_array_equal(seconds.values, [0.5, 0.5, NAN, NAN, 0.5])
    np.testing.assert_allclose(seconds.coverage, [1, 0.5, 0, 0, 1], atol=1e-6)
    seconds = resample(bins(0.5, [0.5, NAN, NAN, NAN, 0.5, 0.5]))
    np.testing.assert_array_equal(seconds.values, [0.5, NAN, 0.5])
    np.testing.assert_array_equal(seconds.coverage, [0.5, 0, 1])


def test_seconds_without_a_sample_are_not_filled() -> None:
    seconds = resample(samples([0, 2, 4], [0.1, 0.2, 0.3]))  # a frame every two seconds
    np.testing.assert_array_equal(seconds.values, [0.1, NAN, 0.2, NAN, 0.3])
    np.testing.assert_array_equal(seconds.coverage, [1, 0, 1, 0, 1])
    np.testing.assert_array_equal(resample(samples([0.5], [0.3])).values, [0.3])


def test_where_the_bins_begin_and_how_many() -> None:
    trace = bins(1.0, [0.1, 0.2, 0.3], first=2.0)
    np.testing.assert_array_equal(resample(trace).values, [NAN, NAN, 0.1, 0.2, 0.3])
    np.testing.assert_array_equal(resample(trace, start_s=3.0, bins=4).values, [0.2, 0.3, NAN, NAN])
    np.testing.assert_array_equal(resample(trace.shifted(-2), bins=2).values, [0.1, 0.2])
    np.testing.assert_allclose(resample(trace.shifted(-2.5)).values, [0.15, 0.25, 0.3])
    assert resample(trace, start_s=9).values.size == 0
    assert resample(samples([], [])).values.size == 0
    shown = resample(trace, 2.0, start_s=2.0)
    np.testing.assert_allclose(shown.edges_s, [2, 2.5, 3, 3.5, 4, 4.5, 5])
    again = resample(shown.as_trace("b"), start_s=2.0)
    assert again.values.tolist() == pytest.approx([0.1, 0.2, 0.3])


def test_what_cannot_be_asked_for() -> None:
    trace = samples([0, 1e11], [0, 0])
    for rate in (0.0, -1.0, NAN, math.inf):
        with pytest.raises(SettingsError, match="give a number above 0"):
            resample(trace, rate)
    with pytest.raises(SettingsError, match="0 bins or more"):
        resample(trace, bins=-1)
    with pytest.raises(InputError, match="a time is damaged"):
        resample(trace)
    with pytest.raises(InputError, match="a time is damaged"):
        resample(trace, bins=MOST_BINS + 1)
    assert resample(trace, bins=1).values.tolist() == [0]


def test_steps_and_rates() -> None:
    assert math.isnan(step_of([1.0]))
    assert math.isnan(rate_of([]))
    assert math.isnan(rate_of([0, 1, 3, 3.2, 9]))
    assert rate_of([0, 0.5, 1, 9, 9.5, 10]) == 2.0


@given(
    st.lists(st.floats(-1, 1), min_size=1, max_size=60),
    st.sampled_from([0.05, 0.25, 0.5, 1.0, 1.5, 2.0, 4.0, 1001 / 24_000]),
    st.sampled_from([0.5, 1.0, 2.0, 3.0, 23.976]),
)
def test_the_mean_over_everything_is_kept(values: list[float], width: float, rate: float) -> None:
    seconds = resample(bins(width, values), rate)
    some = ~np.isnan(seconds.values)
    assert some.all()  # there is no gap
    whole = (seconds.values[some] * seconds.coverage[some]).sum() / seconds.coverage[some].sum()
    assert whole == pytest.approx(float(np.mean(values)), abs=1e-6)
    assert seconds.coverage.sum() / rate == pytest.approx(width * len(values), abs=1e-5)
    assert seconds.coverage.max() <= 1
    assert seconds.values.min() >= min(values) - 1e-12
    assert seconds.values.max() <= max(values) + 1e-12


@given(st.lists(st.tuples(st.floats(0, 20), st.floats(-1, 1)), min_size=1, max_size=60))
def test_every_sample_counts_once(pairs: list[tuple[float, float]]) -> None:
    times, values = np.array(sorted(pairs)).T
    seconds = resample(samples(times, values))
    for place, value in enumerate(seconds.values):
        own = values[np.floor(times + 5e-7) == place]
        assert math.isnan(value) if not own.size else value == pytest.approx(own.mean(), abs=1e-12)
    assert ((seconds.coverage == 0) | ~np.isnan(seconds.values)).all()


def test_bins_between_samples_have_the_value_of_the_line() -> None:
    """One sample per second on a grid of 5 Hz: lines between samples, the last one holds for a second, nothing before the first."""
    found = at_every_bin(samples([1, 2, 3], [0.0, 1.0, 0.5]), 5.0, 25)
    rising, falling = np.arange(0.1, 1.0, 0.2), 1.0 - 0.5 * np.arange(0.1, 1.0, 0.2)
    rising[0], falling[0] = 0.0, 1.0  # a bin with a sample has its value
    np.testing.assert_allclose(found, [*[NAN] * 5, *rising, *falling, *[0.5] * 5, *[NAN] * 5])


def test_no_line_goes_across_a_gap_or_to_a_missing_value() -> None:
    gap = at_every_bin(samples([0, 1, 2, 8, 9, 10], [0.0, 0.0, 0.4, 1.0, 1.0, 1.0]), 2.0, 20)
    np.testing.assert_allclose(gap[:6], [0.0, 0.0, 0.0, 0.3, 0.4, 0.4])  # held for one usual step
    assert np.isnan(gap[6:16]).all()
    np.testing.assert_allclose(gap[16:], 1.0)
    missing = at_every_bin(samples([0, 1, 2, 3], [0.2, NAN, 0.6, 0.8]), 2.0, 8)
    np.testing.assert_allclose(missing, [0.2, 0.2, NAN, NAN, 0.6, 0.75, 0.8, 0.8])


def test_bins_that_have_samples_and_traces_of_bins_are_as_resampled() -> None:
    quick = samples(np.arange(0, 5, 0.05), np.linspace(-1, 1, 100))
    np.testing.assert_array_equal(at_every_bin(quick, 4.0, 20), resample(quick, 4.0, bins=20).values)
    seconds = bins(1.0, [0.1, NAN, 0.3])
    np.testing.assert_array_equal(at_every_bin(seconds, 4.0, 14), resample(seconds, 4.0, bins=14).values)
    assert np.isnan(at_every_bin(samples([], []), 4.0, 3)).all()


@given(
    st.lists(st.floats(-1, 1), min_size=2, max_size=30),
    st.floats(0.2, 5.0),
    st.floats(0.3, 20.0),
)
def test_every_bin_of_a_regular_trace_has_a_value_within_those_of_the_trace(values, rate, grid) -> None:
    trace = samples(np.arange(len(values)) / rate, values)
    found = at_every_bin(trace, grid, max(1, int(len(values) / rate * grid)))
    known = found[~np.isnan(found)]
    assert known.size >= found.size - 1  # the last bin may end after the last value
    assert min(values) - 1e-9 <= known.min() <= known.max() <= max(values) + 1e-9
