"""The page of `seqfer evaluate-trace`: figures, both traces with the band, what is undefined, nothing fetched."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from browser import CHROMIUM, dump_dom
from drawn_traces import late, wave
from page_checks import Page, check_accessible, check_self_contained

from seqfer.raters.alignment import FilmTraces, align
from seqfer.raters.evaluation import evaluate_film
from seqfer.raters.figures import over_films
from seqfer.raters.settings import TraceSettings
from seqfer.report import trace_chart
from seqfer.report.trace_report import write_trace_report
from seqfer.report.trace_text import console, sentence, tables
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
    done = [evaluate_film(film, chosen) for film in films]
    return {
        "seqfer": "0.1.0",
        "created": "2025-01-31T12:00:05+00:00",
        "command": "seqfer evaluate-trace a b",
        "settings": vars(chosen),
        "films": [report for report, _ in done],
        "summary": over_films([report["figures"] for report, _ in done]),
        "failed": [],
        "without_annotation": [],
        "without_prediction": [],
        "versions": {},
        "machine": {},
    }, {film.stem: aligned for film, (_, aligned) in zip(films, done)}


def page_of(report, aligned, tmp_path):
    write_trace_report(report, aligned, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    check_self_contained(text)
    check_accessible(text)
    return text


def test_page_of_one_film(tmp_path):
    report, aligned = report_of(film_of("movie"), lag="estimate", every_s=2.0)
    shown = Page(page_of(report, aligned, tmp_path)).text
    for one in report["films"][0]["figures"]:
        assert f"{one['rmse']:.4f} [{one['intervals']['rmse'][0]:.4f}, {one['intervals']['rmse'][1]:.4f}]" in shown
        assert f"{one['ccc']:.3f}" in shown
    for heading in ("As rated", "Delay removed", "Every 2 s, as rated", "Every 2 s, delay removed"):
        assert heading in shown
    assert "movie: RMSE" in shown
    assert "against the mean of 2 raters, every 2 s, delay removed." in shown
    assert "standard deviation between raters" in shown
    assert "ICC(2,k)" in shown
    assert "2025-01-31 12:00 UTC" in shown


def test_page_of_several_films_has_means_and_failures(tmp_path):
    report, aligned = report_of(film_of("one"), film_of("two", 1))
    report["failed"] = [{"film": "three", "problem": "it <b>broke</b>"}]
    report["without_annotation"] = ["four"]
    text = page_of(report, aligned, tmp_path)
    shown = Page(text).text
    values = [film["figures"][0]["rmse"] for film in report["films"]]
    assert f"{np.mean(values):.4f} ± {np.std(values, ddof=1):.4f}" in shown
    assert "three could not be compared: it <b>broke</b>" in shown
    assert "<b>broke" not in text
    assert "1 without annotation: four." in shown
    assert text.count('role="img"') == 2


def test_undefined_is_named_and_counted(tmp_path):
    report, aligned = report_of(film_of("flat", predicted=lambda t: 0.0 * t), film_of("moving"))
    text = page_of(report, aligned, tmp_path)
    assert "nan" not in text.lower()
    assert "undefined" in Page(text).text
    assert "(1 of 2 videos)" in Page(text).text
    assert "flat: Undefined figures: PCC 1 of 1." in Page(text).text
    assert "nan" not in console(report).lower()


def test_all_films_failed(tmp_path):
    report, aligned = report_of()
    report["failed"] = [{"film": "a", "problem": "gone"}]
    assert sentence(report) == "None of the 1 videos could be compared."
    page_of(report, aligned, tmp_path)


def test_console_says_what_the_page_says():
    report, _ = report_of(film_of("movie"), lag="none")
    said = console(report)
    assert f"{report['films'][0]['figures'][0]['rmse']:.4f}" in said
    assert "not removed (--lag estimate does)" in said
    assert "agreement of 2 raters, as rated: ICC(2,k)" in said
    assert len(tables(report)) == 1


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
    assert trace_chart.bins_per_point(aligned) == 5
    assert len(str(trace_chart.traces(aligned, "long"))) < 50_000


@pytest.mark.skipif(CHROMIUM is None, reason="needs a browser")
def test_page_in_a_browser(tmp_path: Path):
    report, aligned = report_of(film_of("movie"))
    page_of(report, aligned, tmp_path)
    seen, said = dump_dom(tmp_path / "report.html", tmp_path / "profile")
    assert "movie: RMSE" in seen
    assert "CONSOLE" not in said
