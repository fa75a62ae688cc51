"""`seqfer train`: options become settings, and one line says where the weights are."""

from dataclasses import replace

from command_calls import recorded, refused

from seqfer.cli import main
from seqfer.runs.kinds.train import TrainHistory

HISTORY = TrainHistory(
    validation_error=(),
    corpus="fer",
    images=950,
    held_back=50,
    held_back_error=0.1234,
    held_back_macro_f1=0.8,
    held_back_ece=0.02,
    temperature=1.3,
    sha256="ab",
    seconds=61.4,
)


def test_options_over_the_config_file(tmp_path, monkeypatch, capsys):
    work = recorded(monkeypatch, "seqfer.training.train_encoder.train_encoder", HISTORY)
    (tmp_path / "a.toml").write_text('encoder = "tiny"\nseed = 5\n[training]\nepochs = 3\n')
    words = [
        "train",
        "--config",
        str(tmp_path / "a.toml"),
        "--data",
        "fer.jsonl",
        "--seed",
        "7",
        "--out",
        str(tmp_path / "r"),
    ]
    assert main([*words, "--set", "training.batch_size=8", "--quiet"]) == 0
    (settings, out), named = work.only
    assert (settings.encoder, settings.seed, settings.data) == ("tiny", 7, "fer.jsonl")
    assert (settings.training.epochs, settings.training.batch_size) == (3, 8)
    assert (out, named) == (tmp_path / "r", {"resume": False, "quiet": True})
    said = capsys.readouterr().out
    assert said.startswith(f"{tmp_path / 'r' / 'encoder.safetensors'}: error 12.3% on 50 held-out images")
    assert said.endswith("temperature 1.30, 61 s\n")


def test_a_new_run_is_named_after_encoder_and_seed_and_a_process_that_writes_nothing_says_nothing(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    work = recorded(monkeypatch, "seqfer.training.train_encoder.train_encoder", replace(HISTORY, sha256=""))
    assert main(["train", "--data", "fer.jsonl", "--encoder", "tiny", "--seed", "3"]) == 0
    assert str(work.only[0][1]) == "runs/train-tiny-seed3"
    assert capsys.readouterr().out == ""


def test_no_data_and_no_run_to_resume(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert "no data; give a manifest with --data" in refused(capsys, "train")
    assert "has no run to resume" in refused(capsys, "train", "--data", "a.jsonl", "--out", "x", "--resume")
    assert not (tmp_path / "runs").exists()
