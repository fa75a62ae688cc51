"""The page of `seqfer evaluate`: both sides with their numbers, intervals, undefined values, nothing fetched."""

from __future__ import annotations

import math

import pytest
from page_checks import Page, check_accessible, check_self_contained
from report_examples import evaluate_report
from typed import on_values

from seqfer.report import evaluate_report as pages
from seqfer.report.evaluate_report import wilson
from seqfer.runs.kinds.evaluate import EvaluateReport

summary = on_values(pages.summary, EvaluateReport)
write_evaluate_report = on_values(pages.write_evaluate_report, EvaluateReport)


@pytest.fixture
def report():
    return evaluate_report()


def page_of(report, tmp_path) -> str:
    write_evaluate_report(report, tmp_path / "evaluate.html")
    return (tmp_path / "evaluate.html").read_text(encoding="utf-8")


def test_page_shows_both_sides(report, tmp_path):
    text = page_of(report, tmp_path)
    shown = Page(text).text
    for side in (report["as_given"], report["without_crossing_duplicates"]):
        assert f"{100 * side['accuracy']:.1f} % accuracy on {side['count']:,} images" in shown
        assert f"{100 * side['macro_f1']:.1f} %" in shown
        for label, row in side["per_class"].items():
            assert (
                f"{label} {100 * row['precision']:.1f} % {100 * row['recall']:.1f} % {100 * row['f1']:.1f} % {row['support']}"
                in shown
            )
    assert "Duplicates crossing splits removed" in shown
    assert "ab12ab12ab12" in shown
    check_self_contained(text)
    check_accessible(text)


def test_sentence_counts_the_duplicates(report):
    report["as_given"] |= {"accuracy": 0.7, "count": 3589}
    report["without_crossing_duplicates"] |= {"accuracy": 0.69, "count": 3500}
    assert summary(report).replace("\u00a0", " ") == (
        "resezap-fer2013 classifies 70.0 % of 3,589 images correctly (95 % interval 68.5 % to 71.5 %); "
        "without the 89 images that also occur in another split it is 69.0 %."
    )
    report["without_crossing_duplicates"]["count"] = 3589
    assert summary(report).endswith("no image occurs in another split as well.")


def test_one_side_only(report, tmp_path):
    report["without_crossing_duplicates"] = None
    assert "Duplicates" not in Page(page_of(report, tmp_path)).text


def test_undefined_is_named(report, tmp_path):
    report["as_given"]["per_class"]["fear"] |= {"precision": math.nan, "recall": None, "f1": None, "support": 0}
    report["as_given"]["confusion"][2] = [0] * 6
    report["as_given"]["reliability"] = None
    text = page_of(report, tmp_path)
    assert "nan" not in text.lower()
    assert "fear undefined undefined undefined 0" in Page(text).text


def test_odd_names_are_escaped(report, tmp_path):
    report["model"] = report["data"] = "<b onclick='x()'>&"
    text = page_of(report, tmp_path)
    assert "<b " not in text
    assert "<b onclick='x()'>& classifies" in Page(text).text


def test_wilson_against_the_published_formula():
    share, n, z = 0.7, 50, 1.959963984540054
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    interval = wilson(share, n)
    assert (interval.low, interval.high) == pytest.approx((middle - half, middle + half))
    assert math.isnan(wilson(math.nan, 10).low)
    assert math.isnan(wilson(0.5, 0).high)
