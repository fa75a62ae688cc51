"""The page of `seqfer evaluate-trace`: figures, both traces with the band, what is undefined, nothing fetched."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from browser import CHROMIUM, dump_dom
from page_checks import Page, check_accessible, check_self_contained
from trace_reports import film_of, report_of

from seqfer.report.trace_report import write_trace_report
from seqfer.report.trace_text import console, sentence


def page_of(report, aligned, tmp_path):
    write_trace_report(report, aligned, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    check_self_contained(text)
    check_accessible(text)
    return text


def test_page_of_one_film(tmp_path):
    report, aligned = report_of(film_of("movie"), lag="estimate", every_s=2.0)
    shown = Page(page_of(report, aligned, tmp_path)).text
    for one in report.films[0].figures:
        assert f"{one.rmse:.4f} [{one.intervals['rmse'][0]:.4f}, {one.intervals['rmse'][1]:.4f}]" in shown
        assert f"{one.ccc:.3f}" in shown
    for heading in ("As rated", "Delay removed", "Every 2 s, as rated", "Every 2 s, delay removed"):
        assert heading in shown
    assert "movie: RMSE" in shown
    assert "against the mean of 2 raters, every 2 s, delay removed." in shown
    assert "standard deviation between raters" in shown
    assert "ICC(2,k)" in shown
    assert "2025-01-31 12:00 UTC" in shown


def test_page_of_several_films_has_means_and_failures(tmp_path):
    report, aligned = report_of(film_of("one"), film_of("two", 1))
    failed = ({"film": "three", "problem": "it <b>broke</b>"},)
    report = replace(report, failed=failed, without_annotation=("four",))
    text = page_of(report, aligned, tmp_path)
    shown = Page(text).text
    values = [film.figures[0].rmse for film in report.films]
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
    report = replace(report, failed=({"film": "a", "problem": "gone"},))
    assert sentence(report) == "None of the 1 videos could be compared."
    page_of(report, aligned, tmp_path)


@pytest.mark.skipif(CHROMIUM is None, reason="needs a browser")
def test_page_in_a_browser(tmp_path: Path):
    report, aligned = report_of(film_of("movie"))
    page_of(report, aligned, tmp_path)
    seen, said = dump_dom(tmp_path / "report.html", tmp_path / "profile")
    assert "movie: RMSE" in seen
    assert "CONSOLE" not in said
