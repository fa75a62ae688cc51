"""A leaderboard for the terminal, as CSV, as JSON and as a page."""

from __future__ import annotations

import csv
import json

import pytest
from page_checks import Page, check_accessible, check_self_contained
from study_reports import leaderboard_report

from seqfer.report.leaderboard_report import console_tables, csv_table, page, summary, timing, write_leaderboard


@pytest.fixture
def board():
    return leaderboard_report()


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_the_sentence_of_several_groups_of_one_and_of_none_defined(board) -> None:
    assert summary(board) == "4 models in 2 groups, each tested on other clips and ranked separately."
    board["groups"] = board["groups"][:1]
    assert (
        plain(summary(board)) == "Of 3 models on ck+, 5 x 5 folds: the best error is 13.2 ± 0.8 %, of BiLSTM (runs/a)."
    )
    board["groups"][0]["rows"][1]["rank"] = 1
    assert summary(board).endswith("of BiLSTM (runs/a) and LSTM (runs/a).")
    board["by"] = "macro_f1"
    assert "the best macro-F1 is 86.8 %" in plain(summary(board))
    board["groups"][0]["rows"] = board["groups"][0]["rows"][2:]
    assert summary(board) == "1 model, none of them with a defined macro-F1."


def test_how_times_were_measured(board) -> None:
    assert timing(board) == (
        "ms per face: processor time, batch 1, 1 thread, median of up to 31 runs, on Tested <CPU> (Linux x86_64), 2025-01-31 12:00 UTC."
    )


def test_tables_for_the_terminal_name_what_is_unknown(board) -> None:
    first, second, last = console_tables(board).split("\n\n")
    lines = first.splitlines()
    assert lines[0] == "ck+, 5 x 5 folds, 2 classes"
    assert lines[3].split() == [
        "1",
        "BiLSTM",
        "13.2",
        "+/-",
        "0.8",
        "%",
        "86.8",
        "%",
        "4.1",
        "%",
        "71,686",
        "1,234,567",
        "0.52",
        "309",
        "runs/a",
    ]
    assert lines[5].split() == [
        "-",
        "<odd>",
        "undefined",
        "undefined",
        "4.1",
        "%",
        "not",
        "counted",
        "not",
        "counted",
        "not",
        "measured",
        "309",
        "runs/a",
    ]
    assert second.startswith("fer2013, PrivateTest, 2 classes")
    assert last.startswith("ms per face")
    assert console_tables(board).isascii()


def test_csv_has_fractions_and_empty_cells(board) -> None:
    rows = list(csv.DictReader(csv_table(board).splitlines()))
    assert [row["group"] for row in rows] == ["1", "1", "1", "2"]
    assert (rows[0]["error"], rows[0]["classes"], rows[0]["parameters"]) == ("0.132", "anger fear", "71686")
    assert [rows[2][key] for key in ("rank", "error", "ms_per_face")] == ["", "", ""]
    assert rows[3]["folds_checksum"] == ""
    assert rows[0]["processor"] == "Tested <CPU>"


def test_the_page(board) -> None:
    text = page(board)
    check_self_contained(text)
    check_accessible(text)
    shown = Page(text).text
    assert "<odd>" in shown
    assert "<odd>" not in text
    for words in (
        "1 of 4 models could not be built on this machine and have no time.",
        "1 of 4 models have no defined error and no rank.",
        "not measured",
        "13.2 ± 0.8 %",
    ):
        assert words in shown, words
    assert "nan" not in shown.lower()


def test_notes_are_those_of_the_kinds_of_runs(board) -> None:
    both = Page(page(board)).text
    assert "over repeats of the folds" in both
    assert "standard error of a proportion" in both
    assert "not a test set" not in both
    board["groups"] = board["groups"][1:]
    board["groups"][0]["kind"] = "held back"
    alone = Page(page(board)).text
    assert "over repeats of the folds" not in alone
    assert "not a test set" in alone


def test_three_files_of_the_same_board(board, tmp_path) -> None:
    board["groups"][0]["rows"][2]["error"] = float("nan")
    write_leaderboard(board, tmp_path)
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".csv", ".html", ".json"]
    (made,) = (json.loads(path.read_text()) for path in tmp_path.glob("*.json"))
    assert made["groups"][0]["rows"][2]["error"] is None
    assert next(tmp_path.glob("*.csv")).read_text() == csv_table(board)
