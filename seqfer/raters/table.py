"""Writes the bins that the figures of evaluate-trace are computed from, `aligned.csv`, and the fused annotation for other programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from seqfer.core import registry
from seqfer.core.csv_text import csv_text, decimal_cell
from seqfer.core.files import write_atomically
from seqfer.raters.alignment import Aligned
from seqfer.raters.settings import FORMATS
from seqfer.runs.kinds.evaluate_trace import EvaluateTraceReport
from seqfer.traces.trace import Trace


def write_aligned(aligned: Aligned, report: EvaluateTraceReport, stem: str, path: Path) -> None:
    """A row per bin: start_s, prediction, prediction_smoothed where it is compared, annotation (fused), spread between raters, how many rated, and a
    column per rater.

    Delays are removed where the report of video `stem` says so. Cells without a value are empty. Raises InputError when it cannot be written.
    """
    film = next(film for film in report.films if film.film == stem)
    raters = [f"rater {rater.name}" for rater in film.raters]
    fused = aligned.fused
    named = {
        "prediction": aligned.prediction,
        "prediction_smoothed": aligned.smoothed,
        "annotation": fused.values,
        "spread": fused.spread,
    }
    columns = {name: values for name, values in named.items() if values is not None}
    table: list[list[object]] = [["start_s", *columns, "raters", *raters]]
    for k, start_s in enumerate(aligned.start_s):
        cells = [decimal_cell(column[k]) for column in columns.values()]
        table.append([f"{start_s:.10g}", *cells, int(fused.raters[k]), *map(decimal_cell, aligned.ratings[:, k])])
    write_atomically(path, csv_text(table))


def write_annotation(
    aligned: Aligned, report: EvaluateTraceReport, stem: str, formats: Sequence[str], folder: Path
) -> None:
    """The files of these formats (plug-ins in `seqfer/raters/formats/`) of the fused raters, the prediction and each rater of video `stem`.

    Delays are removed where the report says so. Raises InputError when they cannot be written.
    """
    if not formats:
        return
    film = next(film for film in report.films if film.film == stem)
    start_s = aligned.start_s
    named = {"fused": aligned.fused.values, "prediction": aligned.prediction}
    if aligned.smoothed is not None:
        named["prediction smoothed"] = aligned.smoothed
    named |= {f"rater {rater.name}": own for rater, own in zip(film.raters, aligned.ratings, strict=True)}
    traces = [Trace(name, start_s, start_s + 1 / aligned.rate_hz, values, stem) for name, values in named.items()]
    for name in formats:
        registry.find(FORMATS, name).write(folder, stem, traces)
