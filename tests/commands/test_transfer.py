"""`seqfer transfer`: options become settings; table, page and JSON are of the same report."""

import json

import pytest
from command_calls import recorded, refused
from study_reports import transfer_report
from typed import typed

from seqfer.cli import main
from seqfer.runs.kinds.transfer import TransferReport


@pytest.fixture
def work(monkeypatch):
    recorded(monkeypatch, "seqfer.experiments.transfer.summary.summarise", typed(TransferReport, transfer_report()))
    return recorded(monkeypatch, "seqfer.experiments.transfer.run.transfer", "the run")


def test_options_and_the_table(work, tmp_path, capsys):
    words = ["transfer", "small", "--data", "ck.jsonl", "--unfreeze", "all", "--stages", "1,2", "--out", str(tmp_path)]
    assert main([*words, "--split-protocol", "person,plain", "--from-scratch", "--quiet"]) == 0
    (settings, out), named = work.only
    assert (settings.model, settings.unfreeze, settings.stages) == ("small", "all", ("1", "2"))
    assert (settings.protocols, settings.from_scratch, out) == (("person", "plain"), True, tmp_path)
    assert named == {"resume": False, "jobs": 0, "quiet": True}
    assert "Retrained on ck48" in capsys.readouterr().out
    assert (tmp_path / "report.html").is_file()


def test_json_in_place_of_the_table(work, tmp_path, capsys):
    assert main(["transfer", "small", "--data", "ck.jsonl", "--out", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads((tmp_path / "report.json").read_text())


def test_a_new_run_is_named_after_model_data_and_seed(work, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["transfer", "runs/vgg/encoder.safetensors", "--data", "x/ck.jsonl", "--seed", "1"]) == 0
    assert str(work.only[0][1]) == "runs/transfer-vgg-encoder-ck-seed1"
    assert "no data" in refused(capsys, "transfer", "small")
