"""The page, the sentence and the tables of a model under corruptions."""

from __future__ import annotations

import csv

import pytest
from page_checks import Page, check_accessible
from study_reports import stress_report
from typed import on_values

from seqfer.report import stress_report as pages
from seqfer.runs.kinds.stress import StressReport

console_table = on_values(pages.console_table, StressReport)
csv_table = on_values(pages.csv_table, StressReport)
summary = on_values(pages.summary, StressReport)
write_stress_report = on_values(pages.write_stress_report, StressReport)


@pytest.fixture
def report():
    return stress_report()


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u2212", "-")


def test_the_sentence(report) -> None:
    assert plain(summary(report)) == (
        "compact has an accuracy of 80.0 % on 100 clips and of 64.0 % on average under 2 corruptions: largest loss for shift (-30.0 points), "
        "smallest for mirror (-2.0); the worst group is glasses yes (50.0 %)."
    )
    report["corruptions"] = report["corruptions"][:1]
    assert (
        plain(summary(report)) == "compact has an accuracy of 80.0 % on 100 clips and of 50.0 % on average under shift."
    )


def test_every_score_is_a_line_of_the_csv(report) -> None:
    report["corruptions"][0]["levels"][2] |= dict.fromkeys(("accuracy", "low", "high", "macro_f1", "ece"))
    rows = list(csv.DictReader(csv_table(report).splitlines()))
    assert len(rows) == 3 * (3 + 2)  # all clips, then each group
    assert [row["group"] for row in rows] == [""] * 5 + ["yes"] * 5 + ["no"] * 5
    assert (rows[1]["corruption"], rows[1]["level"], rows[1]["strength"], rows[1]["clips"]) == (
        "shift",
        "1",
        "1 px",
        "100",
    )
    assert [float(rows[1][key]) for key in ("accuracy", "low", "high", "macro_f1", "ece")] == pytest.approx(
        [0.6, 0.55, 0.65, 0.58, 0.1]
    )
    assert [rows[2][key] for key in ("accuracy", "low", "ece")] == ["", "", ""]
    assert float(rows[5]["accuracy"]) == 0.7


def test_the_table_for_the_terminal(report) -> None:
    lines = plain(console_table(report)).splitlines()
    assert lines[3].split() == ["shift", "-30.0", "80.0", "60.0", "40.0"]
    assert lines[4].split() == ["mirror", "-2.0", "80.0", "78.0"]
    assert lines[5] == "glasses yes: 50.0 % on average, 70.0 % uncorrupted, 40 clips"


def test_the_page(report, tmp_path) -> None:
    write_stress_report(report, tmp_path / "stress.html")
    text = (tmp_path / "stress.html").read_text(encoding="utf-8")
    check_accessible(text)
    assert "img-src data:" in text
    shown = Page(text).text
    for row in report["corruptions"]:
        for level in row["levels"]:
            assert f"{row['name']} {level['level']} {level['strength']} {100 * level['accuracy']:.1f} %" in shown
    assert "20 clips" in shown
    assert shown.index("shift") < shown.index("mirror")
    assert "95 % interval 75.0 % to 85.0 %" in shown


def test_groups_are_compared_corruption_by_corruption(report, tmp_path) -> None:
    """A corruption under which the groups do not differ has no lowest group."""
    for group in report["groups"]:
        group["corruptions"][1]["mean_accuracy"] = 0.8
    write_stress_report(report, tmp_path / "stress.html")
    shown = Page((tmp_path / "stress.html").read_text(encoding="utf-8")).text
    assert "shift 40.0 % 60.0 % 20.0 yes mirror 80.0 % 80.0 % 0.0 none" in shown  # the largest gap first


def test_without_groups_and_with_odd_names(report, tmp_path) -> None:
    report["groups"], report["model"] = [], "<b>x</b>"
    report["corruptions"][1]["name"] = "of_another_version"
    write_stress_report(report, tmp_path / "stress.html")
    text = (tmp_path / "stress.html").read_text(encoding="utf-8")
    assert "<b>x" not in text
    assert "Groups by" not in text
    assert "of_another_version" in Page(text).text  # without a strip of faces
