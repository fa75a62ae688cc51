"""`seqfer evaluate-aus`: the table, the files, and errors of one line."""

import json

import pytest
from coded_videos import intensities, write_disfa, write_results
from command_calls import refused

from seqfer.cli import main


@pytest.fixture
def study(tmp_path):
    coded = intensities()
    return str(write_results(tmp_path / "results", coded)), str(write_disfa(tmp_path / "labels", coded))


def test_the_table_and_the_files(study, tmp_path, capsys):
    out = tmp_path / "run"
    assert main(["evaluate-aus", *study, "--samples", "50", "--folds", "3", "--out", str(out)]) == 0
    first, heads, one, twelve, mean, last = capsys.readouterr().out.splitlines()
    assert first == "5 videos of 5 people; 300 of 300 labelled frames have an estimate"
    assert heads.split() == ["frames", "active", "PCC", "ICC(3,1)", "MAE", "F1", "AUC"]
    assert (one.split()[:2], twelve.split()[:2]) == (["AU01", "300"], ["AU12", "300"])
    assert len(mean.split()) == 6
    assert last == f"Report: {out / 'report.html'}"
    record = json.loads((out / "evaluation.json").read_text())
    assert (record["kind"], record["settings"]["folds"]) == ("evaluate-aus", 3)
    assert record["command"].startswith("seqfer")


def test_the_folder_is_named_after_the_results(study, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["evaluate-aus", *study, "--samples", "10", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["units"][0]["action_unit"] == 1
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["evaluate-aus-results"]


def test_errors_are_one_line(study, tmp_path, capsys):
    results, labels = study
    assert "no labels of action units" in refused(capsys, "evaluate-aus", results, results)
    assert "least_intensity" in refused(capsys, "evaluate-aus", results, labels, "--least-intensity", "9")
    assert "disfa, bp4d, csv" in refused(capsys, "evaluate-aus", results, labels, "--kind", "elan")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "summary.json").write_text("{}")
    assert "of another command" in refused(capsys, "evaluate-aus", results, labels, "--out", str(tmp_path / "run"))
