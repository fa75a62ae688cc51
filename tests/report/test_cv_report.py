"""The page and the terminal table of `seqfer cv`: the right numbers, undefined values named, nothing fetched, odd names harmless."""

from __future__ import annotations

import json
import math

import pytest
from page_checks import Page, check_accessible, check_self_contained
from report_examples import cv_report
from typed import on_values

from seqfer.core.errors import InputError
from seqfer.report import cv_report as pages
from seqfer.runs.kinds.cv import CvReport

console_table = on_values(pages.console_table, CvReport)
write_cv_report = on_values(pages.write_cv_report, CvReport)


def page_of(report, tmp_path) -> str:
    path = tmp_path / "report.html"
    write_cv_report(report, path)
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]
    return path.read_text(encoding="utf-8")


@pytest.fixture
def report():
    made = cv_report()
    made["heads"]["bilstm"] |= {"error_rate_mean": 0.132, "error_rate_sem": 0.008}
    made["heads"]["lstm"] |= {"error_rate_mean": 0.146, "error_rate_sem": 0.007}
    return made


def test_page_shows_the_numbers(report, tmp_path):
    text = page_of(report, tmp_path)
    shown = Page(text).text
    for words in (
        "13.2 ± 0.8 %",
        "71,686",
        "90,292",
        "73,206",
        "94,606",
        "309",
        "106",
        "5 × 5",
        "no person in two parts of a fold",
    ):
        assert words in shown
    for words in (
        "resezap-fer2013",
        "3f9c3f9c3f9c",
        "p < 0.001",
        "optimiser.rate",
        "0.001",
        "2.6.0",
        "11 clips of the published 320",
    ):
        assert words in shown
    assert 'title="p = 2.6e-14"' in text
    for row in report["heads"]["linear_svm"]["confusion"]:
        assert str(max(row)) in shown
    for name, head in report["heads"].items():
        for r, repeat in enumerate(head["error_rates"]):
            for f, error in enumerate(repeat):
                assert f"{head['title']}, repeat {r + 1}, fold {f + 1}: {100 * error:.1f}\u00a0%" in text, name


def test_page_is_self_contained_and_accessible(report, tmp_path):
    text = page_of(report, tmp_path)
    check_self_contained(text)
    check_accessible(text)
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


def test_fold_scatter_joins_the_same_folds(report, tmp_path):
    assert page_of(report, tmp_path).count('class="pair"/>') == 25 * 3


def test_mean_marks_lie_in_order_of_the_errors(report, tmp_path):
    heads = [
        attributes
        for tag, attributes in Page(page_of(report, tmp_path)).tags
        if attributes.get("class", "").startswith("meanline")
    ]
    heights = [float(a["y1"]) for a in heads]
    assert heights == sorted(heights, reverse=True)
    assert len(set(heights)) == 4


def test_odd_names_are_escaped(report, tmp_path):
    evil = '<script>alert("x")</script>&'
    report["heads"]["bilstm"]["title"] = evil
    report["protocol"]["corpus"] = evil
    report["protocol"]["notes"] = [evil]
    report["settings"] = {evil: evil}
    report["command"] = evil
    text = page_of(report, tmp_path)
    assert "<script" not in text
    assert Page(text).text.count(evil) > 6
    check_self_contained(text)


@pytest.mark.parametrize("undefined", [None, math.nan])
def test_undefined_is_named_and_never_zero(report, tmp_path, undefined):
    head = report["heads"]["lstm"]
    head["per_class"]["fear"] |= {"precision": undefined, "f1": undefined}
    head |= {"undefined": 2, "ece": undefined, "error_rate_sem": undefined}
    head["error_rates"][1][2] = undefined
    report["comparisons"][0] |= {
        "t": undefined,
        "p_value": undefined,
        "standard_error": undefined,
        "difference": undefined,
        "df": undefined,
    }
    text = page_of(report, tmp_path)
    shown = Page(text).text
    assert "nan" not in text.lower()
    assert "2 undefined" in shown
    assert "(SEM undefined)" in shown
    assert "p undefined" in shown
    assert "1 undefined" in shown, "the class picture counts what it leaves out"
    assert text.count('class="pair"/>') == 25 * 3 - 2, "lines to an undefined fold are left out"
    table = console_table(report)
    assert "(2 undefined)" in table
    assert "BiLSTM against mean of frames: undefined" in table
    assert "nan" not in table.lower()


def test_a_report_read_back_from_json_gives_the_same_page(report, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    again = json.loads(json.dumps(report))
    assert page_of(report, tmp_path / "a") == page_of(again, tmp_path / "b")


def test_one_head_one_repeat_no_comparison(report, tmp_path):
    small = cv_report(repeats=1, folds=3)
    small["heads"] = {"linear_svm": small["heads"]["linear_svm"]}
    small |= {"comparison": None, "comparisons": []}
    shown = Page(page_of(small, tmp_path)).text
    assert "Comparisons" not in shown
    assert "Learning curves" not in shown
    assert "(SEM undefined)" in shown


def test_no_heads_is_an_input_error(report, tmp_path):
    report["heads"] = {}
    with pytest.raises(InputError, match="no heads"):
        write_cv_report(report, tmp_path / "x.html")
    assert not list(tmp_path.iterdir())
