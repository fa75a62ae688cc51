"""The text and the page of `seqfer compare`: classes and valence, both forms of McNemar's test, undefined intervals."""

from __future__ import annotations

import math
from dataclasses import replace

from page_checks import Page, check_accessible, check_self_contained

from seqfer.experiments.compare_runs import RunComparison
from seqfer.metrics.paired import McNemar, PairedDifference
from seqfer.report.comparison_report import console_text, page
from seqfer.runs.records import Provenance

FOUND = RunComparison(
    task="classes",
    runs=("runs/a", "runs/<b>"),
    variants=("", "lstm"),
    rows=1200,
    clips=1200,
    people=40,
    left_out=(0, 3),
    samples=2000,
    seed=1,
    differences={"accuracy": PairedDifference(0.5, 0.625, 0.125, math.nan, math.nan)},
    mcnemar=McNemar(40, 70, False, 7.65, 0.0057),
)
VALENCE = replace(
    FOUND,
    task="valence",
    rows=9000,
    left_out=(0, 0),
    differences={"ccc": PairedDifference(0.5, 0.25, -0.25, -0.5, 0.125)},
    mcnemar=None,
)


def test_the_text_of_classes_and_of_valence() -> None:
    assert console_text(FOUND).splitlines() == [
        "first:  runs/a",
        "second: runs/<b> (lstm)",
        "1,200 clips of 40 people are in both runs; left out: 0 of the first, 3 of the second",
        "accuracy in %: 50.00 and 62.50, difference +12.50 (95 % interval undefined to undefined)",
        "McNemar (chi-squared 7.65, 1 degree of freedom): only the first is right on 40 clips, only the second on 70; p = 0.0057",
    ]
    assert console_text(VALENCE).splitlines()[2:] == [
        "1,200 clips (9,000 frames) of 40 people are in both runs",
        "CCC: 0.500 and 0.250, difference -0.250 (95 % interval -0.500 to +0.125)",
    ]


def test_the_page_has_the_same_numbers() -> None:
    text = page(FOUND, Provenance(command="seqfer compare a b", seqfer="0.1.0"))
    check_self_contained(text)
    check_accessible(text)
    shown = Page(text).text
    assert "accuracy in % 50.00 62.50 +12.50 undefined undefined" in shown
    assert "only the second on 70; p = 0.0057" in shown
    assert "seqfer compare a b" in shown
    assert "runs/<b> (lstm) (second)" in shown
    assert "CCC 0.500 0.250 -0.250 -0.500 +0.125" in Page(page(VALENCE, Provenance())).text
