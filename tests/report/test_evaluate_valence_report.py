"""The page and the table of `seqfer evaluate-valence`: every measure with its interval, undefined ones in words."""

from __future__ import annotations

from pathlib import Path

from page_checks import Page, check_accessible, check_self_contained
from study_reports import evaluate_valence_report
from typed import typed

from seqfer.report.evaluate_valence_report import console_table, summary, write_evaluate_valence_report
from seqfer.runs.kinds.evaluate_valence import EvaluateValenceReport

REPORT = typed(EvaluateValenceReport, evaluate_valence_report())


def test_the_page_has_the_numbers_of_the_table(tmp_path: Path) -> None:
    write_evaluate_valence_report(REPORT, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    check_self_contained(text)
    check_accessible(text)
    shown = Page(text).text
    assert "compact 0.200 [0.100, 0.300] 0.750 [0.100, 0.300]" in shown
    assert "norms of small 0.300 0.500" in shown
    assert "constant mean 0.400 [0.100, 0.300] undefined" in shown
    assert "Test: 90 images with at least 6 votes (10 left out)" in shown
    assert "3 images have a true valence of 0" in shown
    assert "seqfer ..." in shown


def test_the_sentence_and_the_table() -> None:
    assert summary(REPORT) == (
        "compact predicts the mean valence of the raters with CCC 0.750 and RMSE 0.200; "
        "the valence norms of small's emotions do with 0.500 and 0.300."
    )
    assert console_table(REPORT).splitlines()[2].split() == [
        "compact",
        *("0.200", "[0.100,", "0.300]", "0.750", "[0.100,", "0.300]"),
        *("0.500", "[0.100,", "0.300]") * 3,
    ]
