"""`seqfer stress`: options become settings; page, CSV and JSON are of the same report."""

import csv
import json

from command_calls import recorded, refused
from study_reports import stress_report
from typed import typed

from seqfer.cli import main
from seqfer.runs.kinds.stress import StressReport


def test_options_and_the_files(tmp_path, monkeypatch, capsys):
    work = recorded(monkeypatch, "seqfer.experiments.stress.run.stress_model", typed(StressReport, stress_report()))
    words = [
        "stress",
        "compact",
        "--data",
        "fer.jsonl",
        "--only",
        "blur,light",
        "--groups",
        "glasses",
        "--images",
        "40",
    ]
    assert main([*words, "--out", str(tmp_path), "--quiet"]) == 0
    (settings, out), named = work.only
    assert (settings.model, settings.only, settings.groups, settings.images) == (
        "compact",
        ("blur", "light"),
        "glasses",
        40,
    )
    assert out == tmp_path
    assert (named["resume"], named["quiet"]) == (False, True)
    assert json.loads((tmp_path / "stress.json").read_text())["mean_accuracy"] == 0.64
    assert len(list(csv.DictReader((tmp_path / "stress.csv").read_text().splitlines()))) == 15
    assert (tmp_path / "stress.html").is_file()
    assert "shift" in capsys.readouterr().out


def test_a_new_run_is_named_after_model_data_and_split(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    work = recorded(monkeypatch, "seqfer.experiments.stress.run.stress_model", typed(StressReport, stress_report()))
    assert main(["stress", "small", "--data", "x/fer.jsonl", "--split", "Test", "--quiet"]) == 0
    assert str(work.only[0][1]) == "runs/stress-small-fer-Test"
    assert "images = -1" in refused(capsys, "stress", "small", "--data", "x.jsonl", "--images", "-1")
