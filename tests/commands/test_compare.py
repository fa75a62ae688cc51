"""`seqfer compare`: two folders in, one paired test out, as text or JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_calls import refused

from seqfer.cli import main
from seqfer.experiments.prediction_files import write_predictions


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    names = [f"c{k}" for k in range(8)]
    for run, right in (("a", 3), ("b", 7)):
        predicted = ["fear"] * right + ["anger"] * (8 - right)
        columns = {"clip": names, "person": names, "label": ["fear"] * 8, "predicted": predicted}
        write_predictions(tmp_path / run, columns)
        values = {"truth": [k / 10 for k in range(8)], "predicted": [k / 10 + right / 100 for k in range(8)]}
        write_predictions(tmp_path / f"valence-{run}", {"clip": names, "person": names, **values})
    return tmp_path


def test_text_and_file(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", str(runs / "a"), str(runs / "b"), "--out", str(runs / "out")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [f"first:  {runs / 'a'}", f"second: {runs / 'b'}", "8 clips of 8 people are in both runs"]
    assert lines[3].startswith("accuracy in %: 37.50 and 87.50, difference +50.00 (95 % interval +")
    assert lines[4] == "McNemar (exact): only the first is right on 0 clips, only the second on 4; p = 0.125"
    assert json.loads((runs / "out" / "comparison.json").read_text())["mcnemar"]["p_value"] == 0.125


def test_valence_and_json(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["compare", str(runs / "valence-a"), str(runs / "valence-b"), "--samples", "50"]
    assert main(words) == 0
    assert "RMSE: 0.030 and 0.070, difference +0.040 (95 % interval +0.040 to +0.040)" in capsys.readouterr().out
    assert main([*words, "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["task"], made["samples"], made["mcnemar"]) == ("valence", 50, None)


def test_what_cannot_be_compared_is_one_line(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no predictions.csv" in refused(capsys, "compare", str(runs), str(runs / "a"))
    assert "predictions of classes" in refused(capsys, "compare", str(runs / "a"), str(runs / "valence-a"))
