"""CARMA: the fused raters as one more rater, `STEM_fused.csv`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from seqfer.traces.trace import Trace
from seqfer.traces.writing import write_carma

ABOUT = "the fused raters, as CARMA exports ratings"


def write(folder: Path, stem: str, traces: Sequence[Trace]) -> None:
    """Write the first trace, the fused raters. Raises InputError where it cannot be written."""
    write_carma(folder / f"{stem}_fused.csv", traces[0])
