"""A prediction and its raters on one grid: bins by hand, delays found and taken back, what does not overlap."""

from __future__ import annotations

import math

import numpy as np
import pytest
from drawn_traces import late, wave

from seqfer.core.errors import InputError
from seqfer.raters.alignment import FilmTraces, align, applied_shifts, estimated_lags
from seqfer.raters.settings import TraceSettings
from seqfer.traces.lag import Lag
from seqfer.traces.trace import Trace

NAN = math.nan


def bins(name: str, values: list[float], start_s: float = 0.0) -> Trace:
    edges = start_s + np.arange(len(values) + 1.0)
    return Trace(name, edges[:-1], edges[1:], np.array(values, float))


def samples(name: str, curve, seconds: float = 60, hz: float = 10) -> Trace:
    t = np.arange(round(seconds * hz)) / hz
    return Trace(name, t, t, np.clip(curve(t), -1, 1))


def film(prediction: Trace, *raters: Trace) -> FilmTraces:
    return FilmTraces("f", prediction, raters, (prediction.name,))


def test_bins_reach_to_the_longest_trace_and_are_fused() -> None:
    both = film(bins("p", [0.1, NAN, 0.3]), bins("a", [0.0, 0.2, 0.4, 0.6]), bins("b", [0.2, NAN, 0.8]))
    aligned = align(both, TraceSettings())
    np.testing.assert_allclose(aligned.prediction, [0.1, NAN, 0.3, NAN])
    np.testing.assert_allclose(aligned.ratings, [[0.0, 0.2, 0.4, 0.6], [0.2, NAN, 0.8, NAN]])
    np.testing.assert_allclose(aligned.fused.values, [0.1, 0.2, 0.6, 0.6])
    assert aligned.both.tolist() == [True, False, True, False]
    assert aligned.start_s.tolist() == [0, 1, 2, 3]
    assert aligned.shifts_s == (0.0, 0.0)


def test_a_finer_grid_has_bins_of_its_width() -> None:
    aligned = align(film(bins("p", [0.1, 0.2]), bins("a", [0.0, 0.4])), TraceSettings(rate_hz=2.0))
    assert aligned.start_s.tolist() == [0, 0.5, 1.0, 1.5]
    np.testing.assert_allclose(aligned.prediction, [0.1, 0.1, 0.2, 0.2])


def test_each_rater_is_moved_earlier_by_its_own_shift() -> None:
    both = film(bins("p", [0.0] * 3), bins("a", [0.1, 0.2, 0.3, 0.4]), bins("b", [0.5, 0.6, 0.7, 0.8]))
    aligned = align(both, TraceSettings(), (1.0, 2.0))
    np.testing.assert_allclose(aligned.ratings, [[0.2, 0.3, 0.4], [0.7, 0.8, NAN]])
    assert aligned.shifts_s == (1.0, 2.0)


def test_delays_are_found_against_the_prediction() -> None:
    both = film(samples("p", wave(), 120), samples("a", late(wave(), 1.5), 120), samples("b", late(wave(), 3.0), 120))
    lags, rate_hz = estimated_lags(both, TraceSettings())
    assert rate_hz == pytest.approx(10)
    assert [lag.seconds for lag in lags] == pytest.approx([1.5, 3.0], abs=0.05)
    pooled, _ = estimated_lags(both, TraceSettings(lag_per="pooled"))
    assert pooled[0].seconds == pooled[1].seconds
    assert 1.5 <= pooled[0].seconds <= 3.0


def test_the_grid_of_the_search_is_that_of_the_coarsest_trace() -> None:
    seconds = bins("p", list(wave()(np.arange(60))))
    assert estimated_lags(film(seconds, samples("a", wave(), 60, 4)), TraceSettings())[1] == pytest.approx(1)
    quick = samples("p", wave(), 60, 50)
    assert estimated_lags(film(quick, samples("a", wave(), 60, 4)), TraceSettings())[1] == pytest.approx(4)
    assert estimated_lags(film(quick, samples("a", wave(), 60, 50)), TraceSettings())[1] == pytest.approx(10)


def test_no_delay_shorter_than_a_bin_can_be_found() -> None:
    coarse = bins("a", [0.1, 0.5, -0.3, 0.2])
    lags, rate_hz = estimated_lags(film(samples("p", wave(), 4), coarse), TraceSettings(max_lag_s=0.5))
    assert rate_hz == 1
    assert [math.isnan(lag.seconds) for lag in lags] == [True]


@pytest.mark.parametrize(
    ("lag", "shifts"), [("none", None), ("2.5", (2.5, 2.5, 2.5)), ("-1", (-1, -1, -1)), ("estimate", (1.5, 0.0, 0.0))]
)
def test_what_is_taken_back(lag: str, shifts: tuple[float, ...] | None) -> None:
    """A delay that could not be estimated, or lies at the end of the search, takes nothing back."""
    found = (Lag(1.5, 0.9), Lag(NAN, NAN), Lag(6.0, 0.9, True))
    assert applied_shifts(found, TraceSettings(lag=lag)) == shifts


def test_sides_that_do_not_meet_are_one_line() -> None:
    with pytest.raises(InputError, match=r"f: prediction \(0 to 2 s\) and annotation \(3 to 5 s\) do not overlap"):
        align(film(bins("p", [0.1, 0.2]), bins("a", [0.1, 0.2], start_s=3.0)), TraceSettings())
    with pytest.raises(InputError, match=r"f: the annotation has no value at video time 0 or later \(a\)"):
        align(film(bins("p", [0.1]), bins("a", [NAN])), TraceSettings())
    with pytest.raises(InputError, match=r"f: the prediction has no value at video time 0 or later \(p\)"):
        align(film(bins("p", [NAN]), bins("a", [0.1])), TraceSettings())
