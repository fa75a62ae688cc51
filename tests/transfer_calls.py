"""Short transfers of a tiny encoder to a drawn corpus."""

from __future__ import annotations

from seqfer.cli import main

LABELS = ("anger", "happiness", "surprise")
QUICK = ["training.epochs=2", "head_training.epochs=2", "scratch_training.epochs=2"]
QUICK += [
    f"{t}training.{s}" for t in ("", "head_", "scratch_") for s in ("augment=0.1", "cutout=0.0", "precision='fp32'")
]
SETS = [word for setting in QUICK for word in ("--set", setting)]


def transfer(*arguments: object) -> int:
    """The exit code of `seqfer transfer` with these arguments."""
    return main(["transfer", *map(str, arguments), *SETS, "--quiet", "--jobs", "1"])
