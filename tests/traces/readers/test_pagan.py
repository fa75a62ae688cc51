"""Logs of PAGAN: several raters and videos, changes of a rating, values without bounds."""

from __future__ import annotations

import numpy as np
import pytest

from seqfer.core.errors import InputError
from seqfer.traces.reading import films_in, read_traces, recognise
from seqfer.traces.request import Video
from seqfer.traces.resampling import resample

HEADER = "OriginalName,DatabaseName,Participant,SessionID,Timestamp,VideoTime,Value"
EPOCH_MS = 1_700_000_000_000


def rows(
    events: list[tuple[int, float]],
    film: str = "a, b.mp4 - 6.5",
    who: str = "P1",
    session: str = "S1",
    later_ms: int = 0,
) -> list[str]:
    """A row per (time in ms, value), and the row with 0 that PAGAN adds at the end of the video."""
    return [
        f"{film},x_1,{who},{session},{EPOCH_MS + later_ms + time},{time},{value}"
        for time, value in [*events, (6000, 0)]
    ]


def log(*parts: list[str]) -> str:
    return "\n".join([HEADER, *(row for part in parts for row in part)]) + "\n"


GTRACE = [(0, 0), (1000, 50), (2500, -100)]
BINS = [(0.0, 1.0, 0.0), (1.0, 2.5, 0.5), (2.5, 6.0, -1.0)]


def bins(trace) -> list[tuple[float, float, float]]:
    return [tuple(map(float, row)) for row in zip(trace.start_s, trace.end_s, trace.values, strict=True)]


def test_a_value_lasts_until_the_next_one(saved) -> None:
    path = saved(log(rows(GTRACE)))
    assert recognise(path) == "pagan"
    (trace,) = read_traces(path)
    assert bins(trace) == BINS
    assert (trace.name, trace.film, trace.length_s, trace.range) == ("P1", "a, b.mp4", 6.5, (-100, 100))
    assert trace.notes == (
        "PAGAN: the table does not say which tool was used; values are read as GTrace's, -100 to 100; for others give --range",
    )
    np.testing.assert_allclose(resample(trace).values, [0, 0.5, -0.25, -1, -1, -1])


def test_videos_are_chosen_by_name_and_raters_kept_apart(saved) -> None:
    mixed = [
        row for pair in zip(rows(GTRACE), rows([(0, 0), (500, 10), (900, 20)], who="P2"), strict=True) for row in pair
    ]
    path = saved(log(mixed, rows([(0, 0), (3000, 80)], film="other.mp4 - 9")))
    assert films_in(path) == ("a, b.mp4", "other.mp4")
    one, two = read_traces(path, video=Video("A, B.avi"))
    assert (one.name, two.name) == ("P1", "P2")
    assert bins(one) == BINS
    assert bins(two)[-1] == (0.9, 6.0, 0.2)
    (other,) = read_traces(path, video=Video("other.mp4"))
    assert bins(other) == [(0, 3, 0), (3, 6, 0.8)]
    assert len(read_traces(path)) == 3


def test_values_without_bounds_are_divided_by_the_largest(saved) -> None:
    (trace,) = read_traces(saved(log(rows([(0, 0), (1000, 240), (2000, -60)]))))
    assert trace.values.tolist() == [0, 1, -0.25]
    assert trace.notes == (
        "PAGAN: values of P1 have no bounds (RankTrace) and are divided by 240, their largest magnitude",
    )
    (trace,) = read_traces(saved(log(rows([(0, 0), (1000, 240), (2000, -60)]))), value_range=(-480, 480))
    assert trace.values.tolist() == [0, 0.5, -0.125]
    assert trace.notes == ()


def test_labels_of_up_and_down_need_a_range(saved) -> None:
    path = saved(log(rows([(0, 0), (1000, 1), (2000, -1)])))
    with pytest.raises(InputError, match=r"PAGAN's labels of up and down, which are no ratings; .* --range=-1,1"):
        read_traces(path)
    assert bins(read_traces(path, value_range=(-1, 1))[0]) == [(0, 1, 0), (1, 2, 1), (2, 6, -1)]


def test_rows_in_another_order_and_a_page_loaded_again(saved) -> None:
    again = rows([(0, 0), (700, 30)], later_ms=-60_000)[:-1]
    (trace,) = read_traces(saved(log(rows(GTRACE)[::-1], again)))
    assert bins(trace) == BINS
    assert "PAGAN: P1 began the video 2 times; the pass that goes furthest is used" in trace.notes


def test_sessions_of_one_rater_and_a_session_broken_off(saved) -> None:
    one, two = read_traces(saved(log(rows(GTRACE), rows(GTRACE, session="S2")[:-1])))
    assert (one.name, two.name) == ("P1 S1", "P1 S2")
    assert bins(two) == [*BINS[:2], (2.5, 3.75, -1.0)]


def test_the_test_mode(saved) -> None:
    table = "Timestamp,VideoTime,Value\r\n" + "".join(f"{EPOCH_MS + t},{t},{v}\r\n" for t, v in [*GTRACE, (6000, 0)])
    (trace,) = read_traces(saved(table))
    assert bins(trace) == BINS
    assert (trace.name, trace.film) == ("export", "")
