"""`aligned.csv`: the bins that the figures of evaluate-trace come from, for whoever wants to compute their own."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seqfer.manifest import write_atomically
from seqfer.rater_comparison.alignment import Aligned


def write_aligned(aligned: Aligned, report: Mapping[str, Any], stem: str, path: Path) -> None:
    """A row per bin: start_s, prediction, annotation (fused), spread between raters, how many rated, and a column per rater.

    Delays are taken back where the report of film `stem` says so. Empty: nothing there. Raises InputError when it cannot be written.
    """
    film = next(film for film in report["films"] if film["film"] == stem)
    page = io.StringIO()
    table = csv.writer(page, lineterminator="\n")
    raters = [f"rater {rater['name']}" for rater in film["raters"]]
    table.writerow(["start_s", "prediction", "annotation", "spread", "raters", *raters])
    fused = aligned.fused
    columns = (aligned.prediction, fused.values, fused.spread)
    for k, start_s in enumerate(aligned.start_s):
        cells = [_cell(column[k]) for column in columns]
        table.writerow([f"{start_s:.10g}", *cells, int(fused.raters[k]), *map(_cell, aligned.ratings[:, k])])
    write_atomically(path, page.getvalue())


def _cell(value: float) -> str:
    return "" if math.isnan(value) else f"{round(value, 6) + 0.0:.6f}"
