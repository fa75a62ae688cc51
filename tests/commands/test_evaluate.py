"""`seqfer evaluate`: options become settings, and every side of the report has a line."""

import json
import math

from command_calls import recorded, refused
from report_examples import evaluate_report
from typed import typed

from seqfer.cli import main
from seqfer.runs.kinds.evaluate import EvaluateReport


def report(**more):
    return {**evaluate_report(), "prior": "training", "with_training_prior": None, **more}


def test_options_and_the_lines(tmp_path, monkeypatch, capsys):
    made = report(without_crossing_duplicates=None)
    made["as_given"] |= {"accuracy": 0.7, "macro_f1": math.nan, "ece": 0.052}
    work = recorded(monkeypatch, "seqfer.experiments.evaluate.evaluate_encoder", typed(EvaluateReport, made))
    words = [
        "evaluate",
        "small",
        "--data",
        "fer.jsonl",
        "--split",
        "Test",
        "--classes",
        "six",
        "--mirror",
        "--out",
        str(tmp_path),
    ]
    assert main(words) == 0
    (settings,), _ = work.only
    assert (settings.model, settings.split, settings.classes, settings.mirror) == ("small", "Test", "six", True)
    count = made["as_given"]["count"]
    assert capsys.readouterr().out.splitlines() == [
        f"as given: {count} clips, accuracy 70.00 %, macro-F1 undefined, ECE 5.20 %",
        f"Report: {tmp_path / 'evaluate.html'}",
    ]
    assert json.loads((tmp_path / "evaluate.json").read_text())["as_given"]["macro_f1"] is None


def test_both_priors_and_the_clips_without_copies(tmp_path, monkeypatch, capsys):
    made = report(prior="equal", with_training_prior=evaluate_report()["as_given"])
    recorded(monkeypatch, "seqfer.experiments.evaluate.evaluate_encoder", typed(EvaluateReport, made))
    assert main(["evaluate", "small", "--data", "fer.jsonl", "--out", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert lines[0].startswith("as given, all classes equally frequent: ")


def test_the_folder_is_named_after_model_data_and_split(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    recorded(monkeypatch, "seqfer.experiments.evaluate.evaluate_encoder", typed(EvaluateReport, report()))
    assert main(["evaluate", "small", "--data", "x/fer.jsonl", "--split", "Test"]) == 0
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["evaluate-small-fer-Test"]
    assert "prior = 'uniform'" in refused(capsys, "evaluate", "small", "--data", "a.jsonl", "--set", "prior=uniform")
