"""The page and the table of `seqfer evaluate-aus`: every measure with its interval, undefined ones in words, and what is left out."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

from page_checks import Page, check_accessible, check_self_contained

from seqfer.report.evaluate_aus_report import console, summary, write_evaluate_aus_report
from seqfer.runs.kinds.evaluate_aus import EvaluateAusReport, EvaluatedUnit, LabelledVideoFacts

ENDS = dict.fromkeys(("pcc", "icc31", "mae", "f1", "auc"), (0.1, 0.9))
UNITS = (
    EvaluatedUnit(
        action_unit=1, frames=2000, active=500, people=3, pcc=0.5, icc31=0.25, mae=0.75, f1=0.6, auc=0.7, intervals=ENDS
    ),
    EvaluatedUnit(
        action_unit=12,
        frames=100,
        active=0,
        people=2,
        pcc=0.5,
        icc31=0.75,
        mae=0.25,
        f1=math.nan,
        auc=math.nan,
        intervals={**ENDS, "f1": (math.nan, math.nan), "auc": (math.nan, math.nan)},
    ),
)
REPORT = EvaluateAusReport(
    seqfer="1.0",
    created="2026-01-02T03:04:05+00:00",
    command="seqfer ...",
    settings={"folds": 0, "level": 0.95, "least_intensity": 2.0},
    labels="ActionUnit_Labels",
    labels_kind="disfa",
    intensities=True,
    units=UNITS,
    mean={"pcc": 0.5, "icc31": 0.5, "mae": 0.5, "f1": 0.6, "auc": 0.7},
    videos=(
        LabelledVideoFacts(
            video="SN001", person="SN001", prediction="LeftVideoSN001_comp", labelled=1500, matched=1400
        ),
        LabelledVideoFacts(video="SN002", person="SN002", prediction="LeftVideoSN002_comp", labelled=700, matched=700),
    ),
    without_estimate=(6, 25),
    without_labels=("other",),
    without_prediction=("SN009", "SN010"),
    seconds=1.0,
    versions={},
    machine={},
)


def test_the_page_has_the_numbers_of_the_table(tmp_path: Path) -> None:
    write_evaluate_aus_report(REPORT, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    check_self_contained(text)
    check_accessible(text)
    shown = Page(text).text
    assert "0.50 [0.10, 0.90] 0.25 [0.10, 0.90] 0.75 [0.10, 0.90]" in shown
    assert "Labelled, but without estimates of two people: AU06, AU25." in shown
    assert "fitted on all other people" in shown
    assert "an intensity of 2 or more" in shown
    assert "seqfer ..." in shown


def test_the_sentence_and_the_table() -> None:
    assert summary(REPORT) == "Estimates of 2 action units agree with the coders' labels with ICC(3,1) 0.50 on average."
    lines = console(REPORT).splitlines()
    assert lines[0] == "2 videos of 2 people; 2,100 of 2,200 labelled frames have an estimate"
    assert lines[2].split()[:3] == ["AU01", "2,000", "25.0"] or lines[2].split()[:3] == ["AU01", "2,000", "25.0%"]
    assert lines[3].split()[-2:] == ["undefined", "undefined"]
    assert lines[4].split() == ["mean", "0.50", "0.50", "0.50", "0.60", "0.70"]
    assert lines[5:] == [
        "Note: Labelled, but without estimates of two people: AU06, AU25.",
        "Note: 2 videos labelled without an annotated video: SN009, SN010.",
        "Note: 1 video annotated without labels: other.",
    ]


def test_occurrences_are_told_by_f1_and_have_no_scaling(tmp_path: Path) -> None:
    nothing = (math.nan, math.nan)
    units = tuple(
        replace(one, icc31=math.nan, mae=math.nan, intervals={**one.intervals, "icc31": nothing, "mae": nothing})
        for one in UNITS
    )
    report = replace(
        REPORT,
        intensities=False,
        units=units,
        mean={**REPORT.mean, "icc31": math.nan, "mae": math.nan},
        settings={**REPORT.settings, "folds": 3},
    )
    assert "with F1 0.60 on average" in summary(report)
    write_evaluate_aus_report(report, tmp_path / "report.html")
    shown = Page((tmp_path / "report.html").read_text(encoding="utf-8")).text
    assert "ICC(3,1) and MAE are undefined" in shown
    assert "the people of the other 2 of 3 folds" in shown
