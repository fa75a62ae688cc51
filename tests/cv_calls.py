"""Short cross-validations of a tiny encoder on the mock corpus."""

from __future__ import annotations

from pathlib import Path

from seqfer.cli import main

QUICK = [
    *("--folds", "2", "--encoder", "tiny", "--encoder-weights", "none", "--quiet"),
    *(
        "--set",
        "encoder_training.epochs=2",
        "--set",
        "encoder_training.precision=fp32",
        "--set",
        "head_training.epochs=4",
    ),
]


def cv(mock: Path, out: Path, *more: str) -> int:
    """The exit code of `seqfer cv` with these options."""
    return main(["cv", "--data", str(mock), "--out", str(out), "--jobs", "1", *QUICK, *more])
