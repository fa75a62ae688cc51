"""Columns of times and their units."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from seqfer.core.errors import InputError
from seqfer.traces.request import Request, Video
from seqfer.traces.times import Scale, end_unit, first_of, names_frames, scale_of, time_column, time_unit

NAN = math.nan


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("time_s", 1), ("start_s", 1), ("Second", 1), ("seconds", 1), ("sec", 1), ("Time [s]", 1), ("ms", 1e-3), ("TimeMs", 1e-3),
        ("Time (ms)", 1e-3), ("timestamp_ms", 1e-3), ("Time in milliseconds", 1e-3), ("time_us", 1e-6), ("time (min)", 60),
        ("Time (ns)", 1e-9), ("time_\u00b5s", 1e-6), ("unix_time_ms", 1e-3),
    ],
)  # fmt: skip
def test_a_unit_in_the_name(name: str, unit: float) -> None:
    assert time_unit(name) == unit


@pytest.mark.parametrize(
    "name",
    [
        "time",
        "Timestamp",
        "t",
        "Video time",
        "Begin Time - hh:mm:ss.ms",
        "time_stamp",
        "lsl_timestamp",
        "epoch",
        "Unix time",
    ],
)
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


def scale(column: str, times: object, unit: str = "auto", length_s: float = NAN, rate_hz: float = NAN) -> Scale:
    return scale_of(
        Path("a.csv"), column, np.asarray(times, float), Request(time_unit=unit, video=Video("", length_s, rate_hz))
    )


SPAN = np.arange(0, 20.001, 0.04)  # a rating of a video of 20 s


@pytest.mark.parametrize("column", ["time_s", "time_ms", "time", "timestamp", "t", "Time (min)", "time_us"])
@pytest.mark.parametrize("unit", [1.0, 1e-3, 1e-6, 1e-9, 60.0])
def test_the_length_of_the_video_decides_whatever_the_name_says(column: str, unit: float) -> None:
    found = scale(column, SPAN / unit, length_s=20)
    np.testing.assert_allclose(found.seconds(SPAN / unit), SPAN)
    stated = time_unit(column)
    assert stated is not None
    told = stated != unit if not math.isnan(stated) else unit not in (1, 1e-3)
    assert len(found.notes) == told  # one note where name and length contradict, or the name says nothing


@pytest.mark.parametrize("part", [0.1, 0.3, 0.6, 1.0, 1.2])
def test_a_rating_of_a_part_of_the_video(part: float) -> None:
    times = SPAN[: int(len(SPAN) * part)] if part < 1 else SPAN * part
    for column, unit in (("time_s", 1e-3), ("time", 1e-3), ("time", 1.0), ("time_s", 1.0), ("ms", 1e-3)):
        np.testing.assert_allclose(scale(column, times / unit, length_s=20).seconds(times / unit), times)


def test_names_decide_where_the_length_is_unknown() -> None:
    for column, unit in (("time_s", 1.0), ("time_ms", 1e-3), ("Time (ns)", 1e-9), ("time_min", 60.0)):
        assert scale(column, SPAN / unit) == Scale(unit)


def test_the_distance_decides_where_nothing_else_is_known() -> None:
    for times, unit in (
        ([0, 40, 80], 1e-3),
        ([0, 1, 2], 1),
        ([0, 0.04, 0.08], 1),
        ([0], 1),
        ([0, 40_000, 80_000], 1e-6),
        ([0, 4e7, 8e7], 1e-9),
    ):
        assert scale("time", times).unit == unit
    with pytest.raises(
        InputError, match="'time', 0 to 19995, may be seconds or milliseconds; state the unit with --time-unit"
    ):
        scale("time", np.arange(0, 20_000, 5))


def test_milliseconds_every_five_and_seconds_every_thirty() -> None:
    assert scale("timestamp", np.arange(0, 20_000, 5), length_s=20) == Scale(1e-3)
    assert scale("timestamp", np.arange(0, 3600, 30), length_s=3600) == Scale(1.0)


def test_the_user_decides() -> None:
    assert scale("time_s", [0, 40, 80], "ms", length_s=80) == Scale(1e-3)
    assert scale("time", [0, 25, 50], "25fps") == Scale(0.04)
    assert scale("time", [0, 1, 2], "min") == Scale(60.0)


def test_frame_numbers() -> None:
    np.testing.assert_allclose(scale("frame", [0, 25, 50], rate_hz=25).seconds(np.array([0, 25, 50])), [0, 1, 2])
    np.testing.assert_allclose(
        scale("Frame number", [1, 2, 3], rate_hz=25).seconds(np.array([1, 2, 3])), [0, 0.04, 0.08]
    )
    (note,) = scale("t", np.arange(500), length_s=20, rate_hz=25).notes
    assert note == "times of 't' are read as frame numbers at 25 per second, by the video's length of 20 s"
    with pytest.raises(
        InputError, match=r"'frame' counts frames, and the video's frame rate is not known; .* --time-unit 25fps"
    ):
        scale("frame", [0, 1, 2])


@pytest.mark.parametrize("unit", [1.0, 1e-3, 1e-6, 1e-9])
def test_times_since_1970_begin_with_the_video(unit: float) -> None:
    times = (1.7e9 + SPAN) / unit
    found = scale("timestamp", times)
    np.testing.assert_allclose(found.seconds(times), SPAN, atol=1e-6)
    assert "since 1970" in found.notes[0]


def test_a_clock_that_started_long_before_the_video() -> None:
    times = 86_400.5 + SPAN
    found = scale("lsl_timestamp", times, length_s=20)
    np.testing.assert_allclose(found.seconds(times), SPAN)
    assert "the first one, 86400.5 s, counts as 0:00" in found.notes[0]
    np.testing.assert_allclose(scale("time", 10 + SPAN / 2, length_s=20).seconds(10 + SPAN / 2), 10 + SPAN / 2)


def test_times_that_fit_in_no_unit() -> None:
    with pytest.raises(
        InputError, match=r"'time_s' reach 300, which fits a video of 20 s in no unit; state the unit with --time-unit"
    ):
        scale("time_s", [0, 150.5, 300], length_s=20)


def test_the_column_that_states_its_unit_comes_first() -> None:
    assert time_column(["timestamp", "time_s", "frame"]) == 1
    assert time_column(["frame", "timestamp", "valence"]) == 1
    assert time_column(["valence", "frame"]) == 1
    assert time_column(["valence"]) is None
    assert names_frames("frame_idx")
    assert not names_frames("frame rate")


def test_minutes_with_few_decimals_stay_in_their_second() -> None:
    times = np.array([0, 0.016667, 0.033333, 0.05])
    assert scale("time (min)", times).seconds(times).tolist() == [0, 1, 2, 3]
