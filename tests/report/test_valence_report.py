"""The page of a cross-validation of valence."""

from __future__ import annotations

import re

import pytest
from page_checks import Page, check_accessible, check_self_contained
from study_reports import valence_report
from typed import on_values

from seqfer.core.errors import InputError
from seqfer.report import valence_report as pages
from seqfer.runs.kinds.cv_valence import CvValenceReport

write_valence_report = on_values(pages.write_valence_report, CvValenceReport)


def page_of(report, tmp_path) -> str:
    write_valence_report(report, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    check_self_contained(text)
    check_accessible(text)
    return text


def test_the_page_shows_every_score_and_example(tmp_path) -> None:
    report = valence_report()
    text = page_of(report, tmp_path)
    shown = Page(text).text
    for words in (
        "0.950 ± 0.004",
        "0.060 ± 0.004",
        "PCC undefined",
        "One clip is missing.",
        "BiLSTM − LSTM",
        "p = 0.013",
    ):
        assert words in shown, words
    for clip, place in (
        ("clip 1", "best, RMSE 0.010"),
        ("clip 12", "12 of 24, RMSE 0.120"),
        ("clip 24", "worst, RMSE 0.240"),
    ):
        assert clip in shown
        assert place in shown
    assert "nan" not in shown.lower()
    assert "BiLSTM, repeat 2, fold 1: CCC 0.940" in text
    assert "Constant, repeat 1, fold 1: CCC" not in text  # it would compress the axis
    assert "2, 2 0.960 0.060 0.950 0.070" in shown  # CCC and RMSE of each head in the last fold


def test_the_interval_of_a_difference_is_that_of_the_t_distribution(tmp_path) -> None:
    """Of 3 degrees of freedom 3.182 standard errors of 0.004 to either side of 0.0104."""
    text = page_of(valence_report(), tmp_path)
    (zero, *_), (low, high) = xs(text, "zero"), xs(text, "interval")[:2]
    place = float(re.findall(r'<circle cx="([\d.]+)" [^>]*class="m s0 ink"', text)[0])
    unit = (place - zero) / 0.0104
    assert (low - zero) / unit == pytest.approx(0.0104 - 3.182 * 0.004, abs=2e-4)
    assert (high - zero) / unit == pytest.approx(0.0104 + 3.182 * 0.004, abs=2e-4)


def xs(text: str, css: str) -> list[float]:
    """Where the first line of a class begins and ends."""
    found = re.findall(rf'<line x1="([\d.]+)" y1="[\d.]+" x2="([\d.]+)" y2="[\d.]+" class="{css}"', text)[0]
    return [float(x) for x in found]


def test_one_head_without_a_comparison(tmp_path) -> None:
    report = valence_report()
    report |= {
        "heads": {"lstm": report["heads"]["lstm"]},
        "comparison": None,
        "comparisons": {"ccc": [], "rmse": []},
        "examples": [],
    }
    shown = Page(page_of(report, tmp_path)).text
    assert "Comparisons" not in shown


def test_undefined_differences_and_odd_titles(tmp_path) -> None:
    report = valence_report()
    report["comparison"]["ccc"] |= dict.fromkeys(("difference", "standard_error", "t", "p_value"))
    report["heads"]["lstm"]["title"] = "<script>x</script>"
    text = page_of(report, tmp_path)
    assert "<script" not in text
    assert "nan" not in Page(text).text.lower()
    assert "undefined" in Page(text).text


def test_no_heads_write_nothing(tmp_path) -> None:
    with pytest.raises(InputError, match="no heads"):
        write_valence_report(valence_report() | {"heads": {}}, tmp_path / "report.html")
    assert not list(tmp_path.iterdir())
