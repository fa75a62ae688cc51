"""The leaderboard: rows of small real runs, groups of what may be compared, ranks, and what is refused."""

import csv
import json
import math
from dataclasses import replace

import pytest
from page_checks import Page, check_accessible, check_self_contained

from seqfer.cli import main
from seqfer.experiments.leaderboard import cost_of, ranked
from seqfer.experiments.leaderboard_runs import Network, read_runs


def board(capsys, *arguments):
    capsys.readouterr()
    assert main(["leaderboard", *map(str, arguments), "--json", "--quiet"]) == 0
    return json.loads(capsys.readouterr().out)


def test_heads_of_two_runs_on_the_same_folds(runs, capsys):
    made = board(capsys, runs / "a", runs / "b")
    (group,) = made["groups"]
    assert (group["kind"], group["corpus"], group["how"]) == ("cross-validation", "mock", "1 x 2 folds")
    rows = group["rows"]
    assert sorted(row["model"] for row in rows) == ["GRU on tiny", "Linear SVM", *["Mean of frames on tiny"] * 2]
    errors = [row["error"] for row in rows]
    assert errors == sorted(errors)
    assert rows[0]["rank"] == 1
    report = json.loads((runs / "b" / "report.json").read_text())["heads"]["gru"]
    row = next(row for row in rows if row["model"] == "GRU on tiny")
    assert row["error"] == report["error_rate_mean"]
    assert (row["standard_error"], row["standard_error_over"]) == (report["error_rate_sem"], "folds")
    assert (row["macro_f1"], row["ece"], row["clips"]) == (report["macro_f1"], report["ece"], 24)
    svm = next(row for row in rows if row["model"] == "Linear SVM")
    assert (svm["multiplications"], svm["parameters"]) == (0, 3 * 2305 + 2304)
    assert row["multiplications"] == 12 * 12 * 8 * 9 + 6 * 6 * 16 * 8 * 9
    assert 0 < row["ms_per_face"] < 1000
    assert made["machine"]["processor"]
    assert made["timing"]["threads"] == 1


def test_ranked_by_macro_f1(runs, capsys):
    rows = board(capsys, runs / "a", runs / "b", "--by", "macro_f1")["groups"][0]["rows"]
    defined = [row["macro_f1"] for row in rows if row["rank"]]
    assert defined == sorted(defined, reverse=True)


def test_an_evaluation_with_and_without_mirror_image(runs, capsys):
    (group,) = board(capsys, runs / "e", runs / "m")["groups"]
    report = json.loads((runs / "e" / "evaluate.json").read_text())
    plain, mirrored = sorted(group["rows"], key=lambda row: row["model"])
    assert mirrored["model"] == "tiny with mirror image"
    error = 1 - report["as_given"]["accuracy"]
    assert plain["error"] == pytest.approx(error)
    assert plain["standard_error"] == pytest.approx(math.sqrt(error * (1 - error) / 24))
    assert mirrored["multiplications"] == 2 * plain["multiplications"]
    assert plain["parameters"] == report["parameters"]


def test_what_differs_is_not_ranked_together(runs, tmp_path, capsys):
    capsys.readouterr()
    assert main(["leaderboard", str(runs / "a"), str(runs / "c"), str(runs / "e"), "--out", str(tmp_path / "x")]) == 2
    one, two, three, last = capsys.readouterr().err.strip().splitlines()
    assert one.startswith("group 1: mock, 1 x 2 folds, 3 classes, data ")
    assert two.endswith(f"{runs / 'c'} (other folds than group 1)")
    assert three.endswith(f"{runs / 'e'} (other protocol, folds, split than group 1)")
    assert "add --groups" in last
    assert not (tmp_path / "x").exists()


def test_groups_on_page_in_csv_and_on_screen(runs, tmp_path, capsys):
    capsys.readouterr()
    names = [str(runs / name) for name in "abcemt"]
    assert main(["leaderboard", *names, "--groups", "--quiet", "--out", str(tmp_path)]) == 0
    screen = capsys.readouterr().out
    assert screen.isascii()
    assert screen.count("model  ") == 4
    made = json.loads((tmp_path / "leaderboard.json").read_text())
    assert [len(group["rows"]) for group in made["groups"]] == [4, 2, 2, 1]
    with open(tmp_path / "leaderboard.csv", newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["group"] for row in table] == [*"1111", *"22", *"33", "4"]
    assert float(table[0]["error"]) == made["groups"][0]["rows"][0]["error"]
    assert table[0]["classes"] == "anger happiness surprise"
    text = (tmp_path / "leaderboard.html").read_text(encoding="utf-8")
    check_self_contained(text)
    check_accessible(text)
    shown = Page(text).text
    for row in (row for group in made["groups"] for row in group["rows"]):
        assert row["model"] in shown
    assert "not a test set" in shown  # of the training
    assert "nan" not in shown.lower()


def test_values_that_are_undefined_have_no_rank_and_are_counted(runs, tmp_path, capsys):
    report = json.loads((runs / "e" / "evaluate.json").read_text())
    report["as_given"] |= {"macro_f1": None, "ece": None}
    report["encoder"] = "no_such_part"
    (tmp_path / "evaluate.json").write_text(json.dumps(report))
    made = board(capsys, runs / "e", tmp_path, "--by", "macro_f1", "--out", tmp_path / "out")
    last = made["groups"][0]["rows"][-1]
    assert (last["rank"], last["macro_f1"], last["ms_per_face"]) == (None, None, None)
    assert last["parameters"] == report["parameters"]  # as the evaluation counted them
    shown = Page((tmp_path / "out" / "leaderboard.html").read_text()).text
    assert "1 of 2 models could not be built on this machine and have no time." in shown
    assert "1 of 2 models have no defined macro-F1 and no rank." in shown
    assert "not measured" in shown


def test_equal_values_share_a_rank(runs):
    ((_, (row,)),) = read_runs([runs / "e"]).items()
    rows = [replace(row, error=error) for error in (0.3, 0.1, math.nan, 0.3, 0.4)]
    assert [(r.error, r.rank) for r in ranked(rows, "error")[:4]] == [(0.1, 1), (0.3, 2), (0.3, 2), (0.4, 4)]


def test_a_part_that_is_gone_has_no_cost():
    assert cost_of(Network("tiny", 3, head="no_such_head")) == {}
