"""Plain tables of samples and of bins."""

from __future__ import annotations

import math

from trace_files import numbers

from seqfer.traces.reading import read_traces
from seqfer.traces.request import Video

NAN = math.nan


def test_plain_tables(saved) -> None:
    (trace,) = read_traces(saved("time_s,value\n0,0.5\n0,-0.5\n0.5,\n"))
    assert numbers(trace)[:2] == [(0, 0, 0.5), (0, 0, -0.5)]  # two samples of one moment
    assert trace.name == "value"
    assert (trace.doubled, trace.missing) == (1, 1)
    (trace,) = read_traces(saved("Time_ms;Arousal;Valence\n0;9;0,5\n40;9;-0,5\n"))
    assert numbers(trace) == [(0, 0, 0.5), (0.04, 0.04, -0.5)]
    one, two = read_traces(
        saved("start_s\tend_s\tanna\tben\n0\t2\t1\t7\n2\t3\t4\t9\n"), axis="anna,ben", value_range=(1, 9)
    )
    assert numbers(one) == [(0, 2, -1), (2, 3, -0.25)]
    assert numbers(two) == [(0, 2, 0.5), (2, 3, 1)]
    assert two.range == (1.0, 9.0)
    (trace,) = read_traces(saved("time,a,b\n0,0.1,0.2\n"), axis="B")
    assert trace.values[0] == 0.2


def times_of(
    saved, table: str, length_s: float = NAN, rate_hz: float = NAN, unit: str = "auto"
) -> tuple[list[float], tuple[str, ...]]:
    (trace,) = read_traces(saved(table), time_unit=unit, video=Video("", length_s, rate_hz))
    return trace.start_s.round(6).tolist(), trace.notes


EVERY_5_MS = [place / 200 for place in range(0, 4001)]


def test_milliseconds_are_found_by_the_length_of_the_video(saved) -> None:
    rows = "".join(f"{round(time * 1000)},0.5\n" for time in EVERY_5_MS)
    assert times_of(saved, "timestamp,valence\n" + rows, 20) == (EVERY_5_MS, ())
    times, notes = times_of(saved, "time_s,valence\n" + rows, 20)
    assert times == EVERY_5_MS
    assert notes == (
        "times of 'time_s' are read as milliseconds and not as seconds: they reach 20000, and the video has 20 s",
    )
    assert times_of(saved, "time_s,valence\n" + rows, unit="ms") == (EVERY_5_MS, ())


def test_seconds_every_thirty(saved) -> None:
    table = "timestamp,valence\n" + "".join(f"{second},0.5\n" for second in range(0, 3600, 30))
    assert times_of(saved, table, 3600) == ([float(second) for second in range(0, 3600, 30)], ())


def test_frame_numbers_nanoseconds_and_dates(saved) -> None:
    quarters = [0.0, 0.25, 0.5]
    assert times_of(saved, "frame,valence\n0,0\n5,0\n10,0\n", 0.5, 20)[0] == quarters
    assert times_of(saved, "frame,valence\n0,0\n5,0\n10,0\n", unit="20fps")[0] == quarters
    epoch = "".join(f"{1_700_000_000_000_000_000 + place * 250_000_000},0\n" for place in range(3))
    assert times_of(saved, "timestamp,valence\n" + epoch)[0] == quarters
    epoch = "".join(f"{1_700_000_000.125 + place / 4!r},0\n" for place in range(3))
    assert times_of(saved, "unix_time,valence\n" + epoch)[0] == quarters
    dates = "".join(f"2024-05-31 23:59:59.{place},0\n" for place in ("50", "75")) + "2024-06-01T00:00:00,0\n"
    assert times_of(saved, "datetime,valence\n" + dates)[0] == quarters
    clocks = "".join(f"14:03:05.{place},0\n" for place in ("00", "25", "50"))
    assert times_of(saved, "time,valence\n" + clocks, 0.5)[0] == quarters


def test_ends_of_bins_have_the_unit_of_the_starts_unless_they_state_another(saved) -> None:
    (trace,) = read_traces(saved("start,end,valence\n0,1000,0\n1000,2000,0\n"), video=Video("", 2))
    assert numbers(trace) == [(0, 1, 0), (1, 2, 0)]
    (trace,) = read_traces(saved("start_s,end_ms,valence\n0,1000,0\n1,2000,0\n"))
    assert numbers(trace) == [(0, 1, 0), (1, 2, 0)]
    (trace,) = read_traces(saved("start_s,end_s,valence\n0,1000,0\n1000,2000,0\n"), video=Video("", 2))
    assert numbers(trace) == [(0, 1, 0), (1, 2, 0)]
    (trace,) = read_traces(saved("start,end,valence\n1700000000,1700000001,0\n1700000001,1700000002,0\n"))
    assert numbers(trace) == [(0, 1, 0), (1, 2, 0)]


def test_other_kinds_of_tables_find_the_unit_too(saved) -> None:
    for table in ("0,0.5\n1000,0.5\n2000,0.5\n", "timestamp;valence\n0;0.5\n1000;0.5\n2000;0.5\n"):
        assert times_of(saved, table, 2)[0] == [0, 1, 2]
