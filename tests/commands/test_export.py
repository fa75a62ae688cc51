"""`seqfer export` writes what `seqfer.export` writes, and ends with code 2 where it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_models import film_model

import seqfer
from seqfer.cli import main


def test_the_command_writes_the_same_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, _, _ = film_model(tmp_path, "gru")
    assert main(["export", str(path), "-o", str(tmp_path / "a.onnx")]) == 0
    said = capsys.readouterr().out
    made = seqfer.export(path, tmp_path / "b.onnx")
    assert said == f"{made}\n".replace("b.onnx", "a.onnx")
    assert (tmp_path / "a.onnx").read_bytes() == made.path.read_bytes()


def test_a_head_that_the_model_lacks_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "small", "--head", "temporal", "-o", str(tmp_path / "m.onnx")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
