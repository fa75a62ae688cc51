"""The page and the tables of a transfer."""

from __future__ import annotations

import math

import pytest
from page_checks import Page, check_accessible, check_self_contained
from study_reports import transfer_report
from typed import on_values

from seqfer.report import transfer_report as pages
from seqfer.runs.kinds.transfer import TransferReport

chosen = on_values(pages.chosen, TransferReport)
console_table = on_values(pages.console_table, TransferReport)
plain_split_inflation = on_values(pages.plain_split_inflation, TransferReport)
summary = on_values(pages.summary, TransferReport)
write_transfer_report = on_values(pages.write_transfer_report, TransferReport)


@pytest.fixture
def report():
    return transfer_report()


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_the_chosen_step_under_each_protocol(report) -> None:
    assert chosen(report).accuracy == 0.7
    assert chosen(report, "plain").accuracy == pytest.approx(0.8)


def test_the_sentence_before_after_and_against_scratch(report) -> None:
    assert plain(summary(report)) == (
        "Retrained on ck48, vgg has an accuracy of 70.0 % on clips of people not in training (stage4), before of 50.0 % on the 100 clips "
        "whose class it has; the same network from scratch of 55.0 % (+15.0 points for the transfer, 95 % interval +13.0 to +17.0)."
    )


def test_the_sentence_without_a_before_or_a_network_from_scratch(report) -> None:
    rows = report["protocols"]["person"]
    rows[0]["accuracy"] = math.nan
    rows[2]["over_scratch"] = None
    assert plain(summary(report)) == (
        "Retrained on ck48, vgg has an accuracy of 70.0 % on clips of people not in training (stage4)."
    )
    del report["protocols"]["person"]
    assert "on clips of a plain split, with people in both parts (stage4), before of 60.0 %" in plain(summary(report))


def test_by_how_much_the_plain_split_is_too_high(report) -> None:
    assert plain(plain_split_inflation(report)) == (
        "Under the plain image split of the paper it is 80.0 %, +10.0 points: there, 7 of the tested people are in training."
    )
    report["protocols"]["plain"][2]["accuracy"] = None
    assert plain_split_inflation(report) == ""
    del report["protocols"]["plain"]
    assert plain_split_inflation(report) == ""


def test_the_tables_for_the_terminal(report) -> None:
    table = console_table(report)
    lines = table.splitlines()
    assert table.isascii()
    assert lines[0] == "people not in training:"
    assert lines[3].split() == [
        "zero_shot",
        "50.0",
        "%",
        "45.0",
        "to",
        "55.0",
        "%",
        "50.0",
        "%",
        "5.0",
        "%",
        "-",
        "100",
    ]
    assert lines[5].split()[:2] == ["stage4", "*"]
    assert lines[5].split()[-2:] == ["+20.0", "100"]
    assert "plain image split:" in lines
    assert lines[-1] == "* lowest validation loss"


def test_the_page(report, tmp_path) -> None:
    write_transfer_report(report, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    check_self_contained(text)
    check_accessible(text)
    shown = Page(text).text
    for words in (
        "Clips: 80 to train, 10 to choose, 10 tested. Tested people who are also in the training part: 0.",
        "Clips: 80 to train, 10 to choose, 9 to 10 tested. Tested people who are also in the training part: 7.",
        "new to the model: fear",
        "80-10-10",
        "seed 3",
        "+15.0",
    ):
        assert words in shown, words


def test_folds_are_said(report, tmp_path) -> None:
    report["folds"], report["new_classes"] = 10, []
    del report["protocols"]["plain"]
    write_transfer_report(report, tmp_path / "report.html")
    shown = Page((tmp_path / "report.html").read_text(encoding="utf-8")).text
    assert "10 folds" in shown
    assert "the model has all of them" in shown
    assert "With folds, the scores are over all tested clips together" in shown
    assert "savoiu2017" not in shown
