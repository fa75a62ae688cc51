"""Writes the bins that the figures of evaluate-trace are computed from, `aligned.csv`, and the fused annotation for other programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from seqfer.core import registry
from seqfer.core.csv_text import csv_text, decimal_cell
from seqfer.core.files import write_atomically
from seqfer.raters.alignment import Aligned
from seqfer.raters.settings import FORMATS
from seqfer.runs.kinds.evaluate_trace import EvaluateTraceReport
from seqfer.traces.trace import Trace


def aligned_columns(aligned: Aligned, raters: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Columns (bin,) by name: start_s, prediction, prediction_smoothed where it is compared, annotation (fused), spread between raters,
    raters (how many rated), and "rater NAME" for each of the names `raters`; NaN where there is no value."""
    smoothed = {} if aligned.smoothed is None else {"prediction_smoothed": aligned.smoothed}
    return {
        "start_s": aligned.start_s,
        "prediction": aligned.prediction,
        **smoothed,
        "annotation": aligned.fused.values,
        "spread": aligned.fused.spread,
        "raters": aligned.fused.raters,
        **{f"rater {name}": own for name, own in zip(raters, aligned.ratings, strict=True)},
    }


def write_aligned(aligned: Aligned, report: EvaluateTraceReport, stem: str, path: Path) -> None:
    """A row per bin with the columns of `aligned_columns`.

    Delays are removed where the report of video `stem` says so. Cells without a value are empty. Raises InputError when it cannot be written.
    """
    film = next(film for film in report.films if film.film == stem)
    columns = aligned_columns(aligned, [rater.name for rater in film.raters])
    cells: dict[str, Callable[[Any], object]] = {"start_s": "{:.10g}".format, "raters": int}
    rows = zip(*(map(cells.get(name, decimal_cell), values) for name, values in columns.items()), strict=True)
    write_atomically(path, csv_text([list(columns), *rows]))


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
