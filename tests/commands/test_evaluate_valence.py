"""`seqfer evaluate-valence`: options become settings, and the model stands beside its baselines."""

import json

from command_calls import recorded, refused
from study_reports import evaluate_valence_report
from typed import typed

from seqfer.cli import main
from seqfer.runs.kinds.evaluate_valence import EvaluateValenceReport

REPORT = typed(EvaluateValenceReport, evaluate_valence_report())


def test_options_and_the_table(tmp_path, monkeypatch, capsys):
    work = recorded(monkeypatch, "seqfer.experiments.evaluate_valence.evaluate_valence", REPORT)
    words = [
        "evaluate-valence",
        "compact",
        "--data",
        "fer.jsonl",
        "--split",
        "Test",
        "--min-votes",
        "4",
        "--out",
        str(tmp_path),
    ]
    assert main(words) == 0
    (settings,), _ = work.only
    assert (settings.model, settings.split, settings.min_votes) == ("compact", "Test", 4)
    first, heads, model, norms, constant = capsys.readouterr().out.splitlines()
    assert "90 images with at least 6 votes (10 left out)" in first
    assert heads.split() == ["RMSE", "CCC", "PCC", "SAGR", "MAE"]
    assert model.split()[:4] == ["compact", "0.200", "[0.100,", "0.300]"]
    assert "0.300" in norms
    assert "[" not in norms  # no interval
    assert "undefined" in constant
    assert json.loads((tmp_path / "evaluation.json").read_text())["scores"]["constant"]["ccc"] is None
    assert "90 images with at least 6 votes" in (tmp_path / "report.html").read_text()


def test_json_in_place_of_the_table(monkeypatch, capsys):
    recorded(monkeypatch, "seqfer.experiments.evaluate_valence.evaluate_valence", REPORT)
    assert main(["evaluate-valence", "compact", "--data", "fer.jsonl", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["images"] == 90
    assert "min_votes" in refused(capsys, "evaluate-valence", "compact", "--data", "a.jsonl", "--min-votes", "0")
