"""Drawn videos with raters, and their whole reports, for the tests of pages."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
from drawn_traces import late, wave

from seqfer.raters.alignment import FilmTraces
from seqfer.raters.evaluation import evaluate_film
from seqfer.raters.figures import over_films
from seqfer.raters.settings import TraceSettings
from seqfer.runs.kinds.evaluate_trace import EvaluateTraceReport
from seqfer.traces.trace import Trace

SEEN = wave()


def trace(name, curve, seconds=90, hz=4):
    t = np.arange(seconds * hz) / hz
    return Trace(name, t, t, np.clip(np.broadcast_to(curve(t), t.shape), -1, 1))


def film_of(stem, raters=2, predicted=SEEN, seconds=90):
    rated = [trace(f"rater {k}", late(wave(), 2.0, 0.1, k), seconds) for k in range(raters)]
    return FilmTraces(stem, trace("face 1", predicted, seconds), tuple(rated), ("face 1",))


def report_of(*films, **settings):
    chosen = TraceSettings(**settings)
    done = [evaluate_film(film, chosen, chosen.fixed_smooth_s()) for film in films]
    report = EvaluateTraceReport(
        seqfer="0.1.0",
        created="2025-01-31T12:00:05+00:00",
        command="seqfer evaluate-trace a b",
        settings=asdict(chosen),
        films=tuple(one.report for one in done),
        summary=over_films([one.compared for one in done]),
        failed=(),
        without_annotation=(),
        without_prediction=(),
        versions={},
        machine={},
    )
    return report, {film.stem: one.aligned for film, one in zip(films, done)}
