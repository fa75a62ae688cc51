"""`seqfer train-head`: options become settings, and one line says what the head is worth."""

from command_calls import recorded, refused

from seqfer.cli import main
from seqfer.runs.kinds.train_head import TrainHeadHistory

HISTORY = TrainHeadHistory(
    train_loss=(),
    validation_loss=(),
    validation_error=(),
    frames=4000,
    temperature=1.1,
    error=0.25,
    calibration_error=0.02,
    encoder_temperature=1.2,
    encoder_error=0.31,
    encoder_calibration_error=0.03,
    sha256="ab",
)


def test_options_and_the_result(tmp_path, monkeypatch, capsys):
    work = recorded(monkeypatch, "seqfer.training.train_head.train_head", HISTORY)
    words = ["train-head", "--data", "fer.jsonl", "--head", "gru", "--set", "length=20", "--out", str(tmp_path / "r")]
    assert main([*words, "--quiet"]) == 0
    (settings, out), named = work.only
    assert (settings.head, settings.length, settings.data, out) == ("gru", 20, "fer.jsonl", tmp_path / "r")
    assert named["quiet"] is True
    said = capsys.readouterr().out
    assert said.startswith(f"{tmp_path / 'r' / 'sequence.safetensors'}: error 25.0% on 4000 held-out frames")
    assert "the encoder alone: 31.0%" in said


def test_a_new_run_is_named_after_head_and_seed_and_needs_data(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    work = recorded(monkeypatch, "seqfer.training.train_head.train_head", HISTORY)
    assert main(["train-head", "--data", "fer.jsonl", "--head", "bilstm", "--seed", "2"]) == 0
    assert str(work.only[0][1]) == "runs/head-bilstm-seed2"
    assert "seqfer prepare fer2013" in refused(capsys, "train-head")
