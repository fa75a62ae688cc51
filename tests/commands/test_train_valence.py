"""`seqfer train-valence`: options become settings, and one line says what the model is worth."""

from command_calls import recorded, refused

from seqfer.cli import main
from seqfer.runs.kinds.train_valence import TrainValenceHistory

HISTORY = TrainValenceHistory(
    images=270, held_back=30, sha256="ab", held_back_rmse=0.2, held_back_ccc=0.75, seconds=12.0
)


def test_options_and_the_result(tmp_path, monkeypatch, capsys):
    work = recorded(monkeypatch, "seqfer.training.train_valence.train_valence", HISTORY)
    words = [
        "train-valence",
        "--data",
        "fer.jsonl",
        "--encoder",
        "small",
        "--set",
        "target=rounded",
        "--out",
        str(tmp_path),
    ]
    assert main([*words, "--quiet"]) == 0
    (settings, out), named = work.only
    assert (settings.encoder, settings.target, out) == ("small", "rounded", tmp_path)
    assert named == {"resume": False, "quiet": True}
    assert capsys.readouterr().out.startswith(
        f"{tmp_path / 'valence.safetensors'}: RMSE 0.200, CCC 0.750 on 30 held-out images"
    )


def test_bad_settings_and_no_data(capsys):
    assert "target" in refused(capsys, "train-valence", "--data", "a.jsonl", "--set", "target=levels")
    assert "no data" in refused(capsys, "train-valence")
