"""The trace of a face: rows in any order, the time that a player shows, samples or means over seconds."""

from __future__ import annotations

import numpy as np
import pytest

from seqfer.core.errors import InputError
from seqfer.traces.faces import face_trace
from seqfer.traces.request import Video

VIDEO = Video("a.mp4", 9.0, 25.0)


def test_rows_are_put_in_order_of_the_time_that_a_player_shows() -> None:
    trace = face_trace(3, [2.5, 1.5], [0.2, -0.1], VIDEO, zero_s=0.5, source="a/frames.csv")
    assert (trace.name, trace.film, trace.source) == ("face 3", "a.mp4", "a/frames.csv")
    assert (trace.start_s.tolist(), trace.values.tolist()) == ([1.0, 2.0], [-0.1, 0.2])
    assert trace.samples
    assert (trace.length_s, trace.frame_rate_hz, trace.rate_hz) == (9.0, 25.0, 1.0)


def test_seconds_end_where_the_next_one_begins() -> None:
    trace = face_trace(1, [0, 1], [0.2, np.nan], VIDEO, seconds=True)
    assert trace.end_s.tolist() == [1.0, 2.0]
    assert trace.missing == 1


def test_values_outside_the_range_are_refused() -> None:
    with pytest.raises(InputError, match=r"values must lie in \[-1, 1\]"):
        face_trace(1, [0.0], [1.5], VIDEO)
