"""Writes the bins that the figures of evaluate-trace are computed from, `aligned.csv`, and the fused annotation for CARMA and ELAN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seqfer.core.csv_text import csv_text, decimal_cell
from seqfer.core.files import write_atomically
from seqfer.raters.alignment import Aligned
from seqfer.traces.trace import Trace
from seqfer.traces.writing import write_carma, write_elan


def write_aligned(aligned: Aligned, report: Mapping[str, Any], stem: str, path: Path) -> None:
    """A row per bin: start_s, prediction, annotation (fused), spread between raters, how many rated, and a column per rater.

    Delays are removed where the report of video `stem` says so. Cells without a value are empty. Raises InputError when it cannot be written.
    """
    film = next(film for film in report["films"] if film["film"] == stem)
    raters = [f"rater {rater['name']}" for rater in film["raters"]]
    table: list[list[object]] = [["start_s", "prediction", "annotation", "spread", "raters", *raters]]
    fused = aligned.fused
    columns = (aligned.prediction, fused.values, fused.spread)
    for k, start_s in enumerate(aligned.start_s):
        cells = [decimal_cell(column[k]) for column in columns]
        table.append([f"{start_s:.10g}", *cells, int(fused.raters[k]), *map(decimal_cell, aligned.ratings[:, k])])
    write_atomically(path, csv_text(table))


def write_annotation(
    aligned: Aligned, report: Mapping[str, Any], stem: str, formats: Sequence[str], folder: Path
) -> None:
    """`STEM_fused.csv`, the fused raters in CARMA's format, and `STEM.eaf` with tiers of the prediction, the fused raters and each rater.

    Delays are removed where the report of video `stem` says so. Raises InputError when they cannot be written.
    """
    film = next(film for film in report["films"] if film["film"] == stem)
    start_s = aligned.start_s
    named = {"fused": aligned.fused.values, "prediction": aligned.prediction}
    named |= {f"rater {rater['name']}": own for rater, own in zip(film["raters"], aligned.ratings, strict=True)}
    traces = [Trace(name, start_s, start_s + 1 / aligned.rate_hz, values, stem) for name, values in named.items()]
    if "carma" in formats:
        write_carma(folder / f"{stem}_fused.csv", traces[0])
    if "elan" in formats:
        write_elan(folder / f"{stem}.eaf", traces)
