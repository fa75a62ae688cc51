"""Columns of times and their units."""

from __future__ import annotations

import math

import numpy as np
import pytest

from seqfer.traces.times import end_unit, first_of, plausible_unit, time_unit


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("time_s", 1), ("start_s", 1), ("Second", 1), ("seconds", 1), ("sec", 1), ("Time [s]", 1), ("ms", 1e-3), ("TimeMs", 1e-3),
        ("Time (ms)", 1e-3), ("timestamp_ms", 1e-3), ("Time in milliseconds", 1e-3), ("time_us", 1e-6), ("time (min)", 60),
    ],
)  # fmt: skip
def test_a_unit_in_the_name(name: str, unit: float) -> None:
    assert time_unit(name) == unit


@pytest.mark.parametrize("name", ["time", "Timestamp", "t", "Video time", "Begin Time - hh:mm:ss.ms"])
def test_a_name_without_a_unit(name: str) -> None:
    unit = time_unit(name)
    assert unit is not None
    assert math.isnan(unit)


@pytest.mark.parametrize("name", ["valence", "min", "frame", "second look", "end_s", "", "time of day rater"])
def test_other_columns_are_no_start_times(name: str) -> None:
    assert time_unit(name) is None


def test_ends_of_bins() -> None:
    assert (end_unit("end_s"), end_unit("end_ms"), end_unit("valence")) == (1, 1e-3, None)
    assert end_unit("End Time - ss.msec") is not None
    assert first_of([None, None, 1.0]) == 2
    assert first_of([None]) is None


def test_whole_numbers_far_apart_are_milliseconds() -> None:
    assert plausible_unit(np.array([0.0, 40, 80])) == 1e-3
    assert plausible_unit(np.array([0.0, 1, 2])) == 1
    assert plausible_unit(np.array([0.0, 0.04, 0.08])) == 1
    assert plausible_unit(np.array([0.0])) == 1
