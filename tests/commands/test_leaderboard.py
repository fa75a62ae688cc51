"""`seqfer leaderboard`: finished runs in, one table out; runs of other data are refused or get a table each."""

from __future__ import annotations

import json

import pytest
from command_calls import refused
from report_examples import evaluate_report

from seqfer.cli import main


@pytest.fixture
def runs(tmp_path):
    """Three evaluations of a tiny encoder: `a` is wrong more often than `b`, `c` is of other data."""
    for name, accuracy, checksum in (("a", 0.5, "1" * 64), ("b", 0.75, "1" * 64), ("c", 0.9, "2" * 64)):
        report = {**evaluate_report(), "encoder": "tiny", "input_size": 0, "data_checksum": checksum}
        report |= {"prior": "training", "with_training_prior": None, "without_crossing_duplicates": None}
        report["as_given"] = {**report["as_given"], "accuracy": accuracy, "macro_f1": 1 - accuracy}
        (tmp_path / name).mkdir()
        (tmp_path / name / "evaluate.json").write_text(json.dumps(report))
    return tmp_path


def board(capsys, *words):
    capsys.readouterr()
    assert main(["leaderboard", *map(str, words), "--json", "--quiet"]) == 0
    return json.loads(capsys.readouterr().out)


def test_ranked_by_error_or_by_macro_f1(runs, capsys):
    for more, order in (((), [("b", 1), ("a", 2)]), (("--by", "macro_f1"), [("a", 1), ("b", 2)])):
        (group,) = board(capsys, runs / "a", runs / "b", *more)["groups"]
        assert [(row["run"], row["rank"]) for row in group["rows"]] == [
            (str(runs / name), rank) for name, rank in order
        ]
    assert group["rows"][0]["error"] == 0.5


def test_other_data_needs_groups(runs, capsys):
    assert main(["leaderboard", str(runs / "a"), str(runs / "c"), "--quiet"]) == 2
    *groups, last = capsys.readouterr().err.splitlines()
    assert len(groups) == 2
    assert "other data than group 1" in groups[1]
    assert "add --groups" in last
    made = board(capsys, runs / "a", runs / "c", "--groups")
    assert [[row["run"] for row in group["rows"]] for group in made["groups"]] == [[str(runs / "a")], [str(runs / "c")]]


def test_files_and_the_table(runs, tmp_path, capsys):
    out = tmp_path / "board"
    assert main(["leaderboard", str(runs / "a"), str(runs / "b"), "--out", str(out), "--quiet"]) == 0
    said = capsys.readouterr().out
    assert said.endswith(f"Report: {out / 'leaderboard.html'}\n")
    assert sorted(path.name for path in out.iterdir()) == ["leaderboard.csv", "leaderboard.html", "leaderboard.json"]


def test_what_cannot_be_ranked_is_one_line(runs, tmp_path, capsys):
    assert "by = 'speed'" in refused(capsys, "leaderboard", str(runs / "a"), "--by", "speed")
    assert "no such folder" in refused(capsys, "leaderboard", str(tmp_path / "none"))
