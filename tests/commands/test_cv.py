"""`seqfer cv`: options become settings, the task decides the report."""

import json

from command_calls import recorded, refused
from report_examples import cv_report
from study_reports import valence_report
from typed import typed

from seqfer.cli import main
from seqfer.runs.kinds.cv import CvReport
from seqfer.runs.kinds.cv_valence import CvValenceReport


def test_emotion_writes_the_report_and_prints_the_table(tmp_path, monkeypatch, capsys):
    work = recorded(monkeypatch, "seqfer.experiments.crossval.run.cross_validate", "the run")
    made = recorded(monkeypatch, "seqfer.experiments.crossval.summary.summarise", typed(CvReport, cv_report()))
    words = ["cv", "--data", "ck.jsonl", "--heads", "lstm,gru", "--folds", "3", "--jobs", "2", "--out", str(tmp_path)]
    assert main([*words, "--quiet"]) == 0
    (settings, out), named = work.only
    assert (settings.data, settings.heads, settings.folds, out) == ("ck.jsonl", ("lstm", "gru"), 3, tmp_path)
    assert named == {"resume": False, "jobs": 2, "quiet": True}
    assert made.only[0][0] == "the run"
    assert json.loads((tmp_path / "report.json").read_text())["protocol"]["corpus"] == "ck+"
    assert "BiLSTM" in (tmp_path / "report.html").read_text()
    said = capsys.readouterr().out
    assert "BiLSTM against LSTM" in said
    assert said.endswith(f"Report: {tmp_path / 'report.html'}\n")


def test_valence_has_a_report_of_its_own(tmp_path, monkeypatch, capsys):
    recorded(monkeypatch, "seqfer.experiments.crossval.run.cross_validate", "the run")
    recorded(
        monkeypatch,
        "seqfer.experiments.crossval.valence_summary.summarise_valence",
        typed(CvValenceReport, valence_report()),
    )
    assert main(["cv", "--task", "valence", "--out", str(tmp_path), "--quiet"]) == 0
    assert "CCC" in capsys.readouterr().out
    assert "predicted against true valence" in (tmp_path / "report.html").read_text()


def test_a_new_run_is_named_after_task_data_and_seed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    work = recorded(monkeypatch, "seqfer.experiments.crossval.run.cross_validate", "the run")
    recorded(monkeypatch, "seqfer.experiments.crossval.summary.summarise", typed(CvReport, cv_report()))
    recorded(
        monkeypatch,
        "seqfer.experiments.crossval.valence_summary.summarise_valence",
        typed(CvValenceReport, valence_report()),
    )
    assert main(["cv", "--data", "x/ck.jsonl", "--seed", "4"]) == 0
    assert main(["cv", "--data", "x/ck.jsonl", "--task", "valence"]) == 0
    assert [str(given[1]) for given, _ in work.calls] == ["runs/cv-ck-seed4", "runs/cv-valence-ck-seed0"]


def test_bad_options(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert "folds = 1" in refused(capsys, "cv", "--folds", "1")
    assert "unknown head 'transformer9'" in refused(capsys, "cv", "--heads", "transformer9")
    assert not list(tmp_path.iterdir())
