"""The files of per-clip predictions in a run folder: `predictions.csv` with six decimals, and `predictions.parquet` with full precision.

A table is its columns by name. Of classes: clip, person, label, predicted, and one probability per class; of valence: clip, person, truth,
predicted. Columns that tell rows of the same clip apart follow `person`: `head` and `repeat` of a cross-validation, `corruption` and `level` of a
stress test, `frame` of valence over time.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from seqfer.core.csv_text import csv_rows, csv_text, decimal_cell
from seqfer.core.errors import InputError
from seqfer.core.files import write_atomically
from seqfer.core.input_files import read_text, regular_file
from seqfer.core.records import Clip
from seqfer.runs.names import PREDICTIONS_CSV, PREDICTIONS_PARQUET

Columns = dict[str, list[Any]]


def class_columns(clips: Sequence[Clip], classes: Sequence[str], probabilities: np.ndarray, **more: Any) -> Columns:
    """The table of probabilities (clip class) of labelled clips; `more` are columns of one value, such as a level."""
    found = probabilities.argmax(1) if len(clips) else np.zeros(0, np.int64)
    return {
        "clip": [clip.clip for clip in clips],
        "person": [clip.person for clip in clips],
        **{name: [value] * len(clips) for name, value in more.items()},
        "label": [clip.label for clip in clips],
        "predicted": [classes[index] for index in found],
        **{name: probabilities[:, k].tolist() for k, name in enumerate(classes)},
    }


def joined(tables: Sequence[Columns]) -> Columns:
    """Tables of the same columns, one below the other."""
    return {name: [value for table in tables for value in table[name]] for name in tables[0]}


def write_predictions(out: Path, columns: Mapping[str, Sequence[Any]]) -> None:
    """Write both files into a run folder, each whole or not at all. Raises InputError where it cannot be written."""
    import pyarrow.parquet as pq

    from seqfer.core.arrow_arrays import arrow_table

    cells = [[decimal_cell(v) if isinstance(v, float) else v for v in values] for values in columns.values()]
    write_atomically(out / PREDICTIONS_CSV, csv_text([list(columns), *zip(*cells, strict=True)]))
    file = io.BytesIO()
    pq.write_table(arrow_table(columns), file)
    write_atomically(out / PREDICTIONS_PARQUET, file.getvalue())


def read_predictions(run: Path) -> Columns:
    """The table of a run folder, or of a file of predictions itself; numbers of a CSV file are text. Raises InputError where there is none."""
    files = [run / PREDICTIONS_PARQUET, run / PREDICTIONS_CSV] if run.is_dir() else [run]
    file = next((file for file in files if file.is_file()), None)
    if file is None:
        raise InputError(
            f"{run}: no {PREDICTIONS_CSV}; give a folder of `seqfer evaluate`, `evaluate-valence --out`, `stress` or `cv`, or such a file"
        )
    columns = _read_parquet(file) if file.suffix == ".parquet" else _read_csv(file)
    for name in ("clip", "person", "predicted"):
        if name not in columns:
            raise InputError(f"{file}: no column {name!r}; it has {', '.join(columns)}: give predictions of seqfer")
    return columns


def _read_parquet(file: Path) -> Columns:
    import pyarrow as pa
    import pyarrow.parquet as pq

    regular_file(file, "run it again")
    try:
        with open(file, "rb") as content:  # of a path pyarrow would expand `~`
            columns: Columns = pq.read_table(content).to_pydict()
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{file}: cannot be read ({error}); run it again") from None
    return columns


def _read_csv(file: Path) -> Columns:
    try:
        header, *rows = csv_rows(read_text(file, "run it again"))
        return {name: list(values) for name, values in zip(header, zip(*rows, strict=True), strict=True)}
    except (OSError, ValueError, csv.Error) as error:
        raise InputError(f"{file}: cannot be read as a table of predictions ({error}); run it again") from None
