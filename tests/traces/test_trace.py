"""The record of a trace: what it refuses, its counts, its rate."""

from __future__ import annotations

import math

import numpy as np
import pytest

from seqfer.core.errors import InputError
from seqfer.traces.trace import Trace, rate_of, step_of

NAN = math.nan


def test_traces_are_checked_and_shifted() -> None:
    trace = Trace("a", np.array([0.0, 1]), np.array([1.0, 2]), np.array([0.5, NAN]))
    assert list(trace.shifted(-2.5).start_s) == [-2.5, -1.5]
    assert list(trace.shifted(-2.5).end_s) == [-1.5, -0.5]
    for start, end, values, words in (
        ([0, 1], [1], [0, 0], "one shape"),
        ([0, NAN], [1, NAN], [0, 0], "a time is not a number"),
        ([0, 1], [0, 2], [0, 0], "not both"),
        ([0, 1], [2, 3], [0, 0], "overlap at 1 s"),
        ([1, 0], [1, 0], [0, 0], "run backwards or overlap at 0 s"),
        ([0, 1], [0, 1], [0, 1.5], "must lie in"),
    ):
        with pytest.raises(InputError, match=words):
            Trace("a", np.array(start), np.array(end), np.array(values))


def samples(*times_s: float) -> Trace:
    return Trace("a", np.array(times_s), np.array(times_s), np.zeros(len(times_s)))


def test_counts_of_a_trace() -> None:
    log = Trace("a", np.array([0, 0, 0, 1.0]), np.array([0, 0, 0, 1.0]), np.array([0, NAN, 1, NAN]))
    assert (log.samples, log.doubled, log.missing) == (True, 2, 2)
    assert not Trace("a", np.array([0.0]), np.array([1.0]), np.array([0.0])).samples


def test_a_message_names_the_file_and_the_trace() -> None:
    with pytest.raises(InputError, match=r"^a\.csv: trace 'joy': values must lie in"):
        Trace("joy", np.zeros(1), np.zeros(1), np.array([2.0]), source="a.csv")
    with pytest.raises(InputError, match="a time is not a number or impossibly large"):
        samples(0, 1e12)


def test_a_shift_that_is_not_finite_is_refused() -> None:
    with pytest.raises(InputError, match="a time is not a number"):
        samples(0, 1).shifted(math.nan)


def test_the_usual_step_ignores_gaps_and_repeated_times() -> None:
    assert step_of([0, 0.5, 0.5, 1, 1.5, 9]) == 0.5
    assert math.isnan(step_of([3, 3, 3]))
    assert math.isnan(step_of([]))


@pytest.mark.parametrize("rate_hz", [24000 / 1001, 25, 29.97, 10, 0.5])
def test_the_rate_of_times_in_whole_milliseconds(rate_hz: float) -> None:
    times = np.round(np.arange(500) / rate_hz, 3)
    assert rate_of(times) == pytest.approx(rate_hz, rel=1e-4)
    assert rate_of(np.delete(times, range(100, 140))) == pytest.approx(rate_hz, rel=1e-3)  # with a gap


def test_uneven_times_have_no_rate() -> None:
    assert math.isnan(rate_of([0, 0.1, 0.25, 0.3, 0.47, 0.5, 0.66]))
    assert math.isnan(rate_of([1.0]))
