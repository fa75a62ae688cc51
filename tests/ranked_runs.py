"""Small real runs for the leaderboard."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from mock_corpus import write_mock

from seqfer.cli import main

HEAD = ("--set", "head_training.epochs=1")
CV = ("--encoder", "tiny", "--classes", "six", "--folds", "2", "--quiet", "--jobs", "1", *HEAD)


def write_runs(folder: Path) -> Path:
    """A folder with a training `t`, its two evaluations `e` and `m` (with mirror images), and cross-validations `a`, `b`
    (same folds) and `c` (`a`, as if on other folds)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEQFER_CACHE", str(folder / "cache"))
        data = str(write_mock(folder, people=8))
        few = ("--set", "held_back=0.3", "--set", "split=", "--set", "classes=six", "--set", "training.epochs=1")
        train = ["train", "--data", data, "--set", "encoder=tiny", "--quiet", "--out", str(folder / "t"), *few]
        assert main(train) == 0
        weights = str(folder / "t" / "encoder.safetensors")
        assert main(["evaluate", weights, "--data", data, "--out", str(folder / "e")]) == 0
        assert main(["evaluate", weights, "--data", data, "--mirror", "--out", str(folder / "m")]) == 0
        for name, heads in (("a", "linear_svm"), ("b", "gru")):
            options = ["--heads", heads, "--out", str(folder / name), "--encoder-weights", weights]
            assert main(["cv", "--data", data, *CV, *options]) == 0
    other = json.loads((folder / "a" / "report.json").read_text())
    other["protocol"]["folds_checksum"] = "0" * 64
    (folder / "c").mkdir()
    (folder / "c" / "report.json").write_text(json.dumps(other))
    return folder
