"""ELAN: a document with a tier of every trace, `STEM.eaf`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from seqfer.traces.trace import Trace
from seqfer.traces.writing import write_elan

ABOUT = "tiers of the fused raters, the prediction and each rater, for ELAN"


def write(folder: Path, stem: str, traces: Sequence[Trace]) -> None:
    """Write all traces. Raises InputError where they cannot be written."""
    write_elan(folder / f"{stem}.eaf", traces)
