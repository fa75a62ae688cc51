"""The page and the table of an ensemble."""

from __future__ import annotations

import pytest
from page_checks import Page, check_accessible, check_self_contained
from study_reports import ensemble_report
from typed import on_values

from seqfer.report import ensemble_report as pages
from seqfer.runs.kinds.ensemble import EnsembleReport

best = on_values(pages.best, EnsembleReport)
console_table = on_values(pages.console_table, EnsembleReport)
summary = on_values(pages.summary, EnsembleReport)
write_ensemble_report = on_values(pages.write_ensemble_report, EnsembleReport)


@pytest.fixture
def report():
    return ensemble_report()


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_the_best_of_each_kind_is_the_first_of_equal_ones(report) -> None:
    assert best(report, "member").name == "runs/two/encoder.safetensors"
    assert best(report, "combination").name == "multinomial"
    report["rows"][2]["accuracy"] = 0.74
    assert best(report, "combination").name == "average"


def test_the_sentence_with_and_without_an_interval(report) -> None:
    assert plain(summary(report)) == (
        "Multinomial has an accuracy of 74.0 % on 100 clips, the best member, two, of 70.0 %: +4.0 points (95 % interval +2.0 to +6.0)."
    )
    report["rows"][3]["over_best_member"] |= {"low": None, "high": None}
    assert plain(summary(report)).endswith("of 70.0 %: +4.0 points.")


def test_the_table_for_the_terminal(report) -> None:
    table = console_table(report)
    lines = table.splitlines()
    assert table.isascii()
    assert lines[0].split("  ")[-1].strip() == "over best member"
    assert lines[2].split() == [
        "one",
        "60.0",
        "%",
        "55.0",
        "to",
        "65.0",
        "%",
        "60.0",
        "%",
        "5.0",
        "%",
        "-10.0",
        "(-12.0",
        "to",
        "-8.0)",
    ]
    assert lines[3].split()[-1] == "-"  # the best member against itself
    assert "Fitted on 300 clips of 60 people (split PublicTest)." in lines
    assert lines[-1] == "Scored without surprise."


def test_members_of_one_name_have_their_whole_names(report) -> None:
    for member, row, name in zip(
        report["members"], report["rows"], ("a/x/encoder.safetensors", "b/x/encoder.safetensors")
    ):
        member["name"] = row["name"] = row["title"] = name
    report["best_member"] = "b/x/encoder.safetensors"
    assert "the best member, b/x/encoder.safetensors, of" in summary(report)


def test_the_page(report, tmp_path) -> None:
    write_ensemble_report(report, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    check_self_contained(text)
    check_accessible(text)
    shown = Page(text).text
    for words in (
        "3,500 parameters together",
        "0.25 one, 0.75 two",
        "7 clips with duplicates among the scored clips were left out of the fit.",
        "multinomial: too few people for choosing the penalty by cross-validation; C = 0.1.",
        "multinomial: the optimiser did not converge; its scores may be slightly too low.",
        "Scored without surprise.",
        "best member",
        "69.0 to 79.0 %",
    ):
        assert words in shown, words
