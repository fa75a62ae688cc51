"""`seqfer train-valence-head`: options become settings, and one line says what the head is worth."""

from command_calls import recorded, refused

from seqfer.cli import main
from seqfer.runs.kinds.train_valence_head import TrainValenceHeadHistory
from seqfer.runs.results import TraceMeasures

HISTORY = TrainValenceHeadHistory(
    train_loss=(),
    validation_loss=(),
    validation_error=(),
    clips=12,
    held_back=6,
    scores=TraceMeasures(n=900, rmse=0.21, ccc=0.64, pcc=0.65, sagr=0.7, mae=0.2),
    sha256="ab",
    seconds=9.0,
)


def test_options_and_the_result(tmp_path, monkeypatch, capsys):
    work = recorded(monkeypatch, "seqfer.training.train_valence_head.train_valence_head", HISTORY)
    words = [
        "train-valence-head",
        "--data",
        "v.jsonl",
        "--head",
        "lstm",
        "--set",
        "held_back=0.3",
        "--out",
        str(tmp_path),
    ]
    assert main(words) == 0
    (settings, out), _ = work.only
    assert (settings.head, settings.held_back, out) == ("lstm", 0.3, tmp_path)
    said = capsys.readouterr().out
    assert said.startswith(f"{tmp_path / 'sequence.safetensors'}: RMSE 0.210, CCC 0.640 on 900 frames")


def test_no_data_says_which_command_makes_it(capsys):
    assert "seqfer prepare-films" in refused(capsys, "train-valence-head")
