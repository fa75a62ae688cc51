"""`seqfer ensemble`: fitting or scoring a fitted one; options that would be ignored are refused."""

import json

from command_calls import recorded, refused
from study_reports import ensemble_report
from typed import typed

from seqfer.cli import main
from seqfer.runs.kinds.ensemble import EnsembleReport


def report():
    return typed(EnsembleReport, ensemble_report())


def test_a_fitted_ensemble_is_saved_with_its_report(tmp_path, monkeypatch, capsys):
    work = recorded(monkeypatch, "seqfer.experiments.ensemble.run.fit_ensemble", ("the ensemble", report()))
    saved = recorded(monkeypatch, "seqfer.experiments.ensemble.file.save_ensemble", "ab12")
    words = [
        "ensemble",
        "small",
        "compact",
        "--data",
        "fer.jsonl",
        "--split",
        "Test",
        "--fit-share",
        "0.2",
        "--out",
        str(tmp_path),
    ]
    assert main([*words, "--quiet"]) == 0
    settings = work.only[0][0]
    assert (settings.models, settings.split, settings.fit_share) == (("small", "compact"), "Test", 0.2)
    assert saved.only[0] == (tmp_path / "ensemble.safetensors", "the ensemble")
    assert json.loads((tmp_path / "ensemble.json").read_text())["checksum"] == "ab12"
    assert "Multinomial has an accuracy" in capsys.readouterr().out


def test_a_loaded_ensemble_is_scored_and_nothing_is_fitted(tmp_path, monkeypatch, capsys):
    work = recorded(monkeypatch, "seqfer.experiments.ensemble.run.evaluate_ensemble", report())
    words = ["ensemble", "--load", "e.safetensors", "--data", "fer.jsonl", "--out", str(tmp_path), "--json"]
    assert main(words) == 0
    (file, data), named = work.only
    assert (str(file), data, named["split"], named["models"]) == ("e.safetensors", "fer.jsonl", "", ())
    assert json.loads(capsys.readouterr().out)["loaded"] == "e.safetensors"
    assert not (tmp_path / "ensemble.safetensors").exists()
    for option in (("--fit-split", "Validation"), ("--seed", "3"), ("--mirror",)):
        assert option[0] in refused(capsys, *words[:-1], *option)


def test_no_data(capsys):
    assert "no data" in refused(capsys, "ensemble", "small", "compact")
