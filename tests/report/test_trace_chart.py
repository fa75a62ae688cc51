"""The chart of a video's traces."""

from __future__ import annotations

import math

import numpy as np
from drawn_traces import late, wave
from trace_reports import trace

from seqfer.raters.alignment import FilmTraces, align
from seqfer.raters.settings import TraceSettings
from seqfer.report import trace_chart
from seqfer.traces.trace import Trace


def test_picture_has_both_lines_the_band_and_gaps():
    t = np.arange(90.0)
    values = np.where((t > 30) & (t < 50), math.nan, wave()(t))
    film = FilmTraces("f", Trace("p", t, t, values), (trace("a", wave()), trace("b", late(wave(), 1))), ("p",))
    svg = str(trace_chart.traces(align(film, TraceSettings()), "what is seen"))
    assert svg.count('class="trace l0"') == 2
    assert svg.count('class="interval"') == 1
    assert svg.count("<polygon") == 1
    assert "nan" not in svg
    assert 'aria-label="what is seen"' in svg


def test_a_smoothed_prediction_is_a_line_of_its_own():
    rated, predicted = trace("a", wave()), trace("p", wave())
    film = FilmTraces("f", predicted, (rated,), ("p",), smoothed=trace("p", late(wave(), 1)))
    svg = str(trace_chart.traces(align(film, TraceSettings()), "both"))
    assert svg.count('class="trace l0"') == svg.count('class="trace l1"') == 1


def test_one_rater_has_no_band_and_a_single_second_is_drawn():
    t = np.array([0.0, 1, 2, 3, 4])
    film = FilmTraces(
        "f", Trace("p", t, t, np.array([0.1, math.nan, 0.3, math.nan, 0.4])), (trace("a", wave(), 5),), ("p",)
    )
    svg = str(trace_chart.traces(align(film, TraceSettings()), "few"))
    assert "<polygon" not in svg
    assert svg.count('class="trace l0"') == 3


def test_a_long_film_is_thinned_to_means():
    t = np.arange(4500.0)
    film = FilmTraces("f", Trace("p", t, t, wave()(t)), (Trace("a", t, t, wave()(t)),), ("p",))
    aligned = align(film, TraceSettings())
    assert trace_chart.bins_per_point(len(aligned.prediction)) == 5
    assert len(str(trace_chart.traces(aligned, "long"))) < 50_000
