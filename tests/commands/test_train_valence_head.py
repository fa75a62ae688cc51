"""`seqfer train-valence-head` prints where the head is and its scores on people held back."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqfer.cli import main
from seqfer.runs.results import TraceMeasures
from seqfer.training import train_valence_head


def test_the_scores_are_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scores = TraceMeasures(n=12, rmse=0.25, ccc=0.5, pcc=0.6, sagr=0.7, mae=0.2)
    monkeypatch.setattr(train_valence_head, "train_valence_head", lambda *_, **__: {"scores": scores})
    monkeypatch.setattr("seqfer.runs.process_tuning.tune_for_training", lambda: None)
    assert main(["train-valence-head", "--data", "posed", "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert said == f"{tmp_path / 'sequence.safetensors'}: RMSE 0.250, CCC 0.500 on 12 frames of people held back\n"
