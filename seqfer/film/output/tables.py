"""Writes `frames.csv` and `frames.parquet`: one row per analysed frame and face, one for a frame without a face; the same numbers in both.

Rows are written in batches, a batch being a row group of the Parquet file, so memory does not grow with the video. Both files get their
names when the tables are closed. Undefined values are empty in the CSV and null in the Parquet file.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from seqfer import __version__
from seqfer.core.arrow_arrays import arrow_array
from seqfer.core.csv_text import csv_text
from seqfer.core.errors import InputError
from seqfer.core.files import ClosedOrDiscarded, StagedFile, unwritable_error
from seqfer.core.records import FaceRow
from seqfer.film.output.order import RowCounts, RowOrder
from seqfer.film.output.rounding import (
    BOX_DECIMALS,
    SCORE_DECIMALS,
    SHARE_DECIMALS,
    TIME_DECIMALS,
    measure_decimals,
    rounded_probabilities,
    rounded_time,
    top_index,
)
from seqfer.runs.names import FRAMES_CSV, FRAMES_PARQUET

BATCH_ROWS = 8192  # a few megabytes in memory
BOX_COLUMNS = ("x1", "y1", "x2", "y2")


@dataclass(frozen=True)
class Columns:
    """What the rows of a video hold beside their faces' places: `classes`, the names of the probabilities; whether they have a `valence`; the file
    names of a folder's `pictures` by frame number, empty for other videos; the names of `measures` of geometry, empty where there are none."""

    classes: tuple[str, ...]
    valence: bool = True
    pictures: Sequence[str] = ()
    measures: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        first = ("frame", *(["picture"] if self.pictures else []), "time_s", "shot", "face", *BOX_COLUMNS, "score")
        return (*first, *self.classes, "emotion", *(["valence"] if self.valence else []), *self.measures)


def schema_of(columns: Columns) -> pa.Schema:
    """Types of the Parquet file: float64, so that its numbers equal the rounded decimals of the CSV."""
    kinds = {
        "frame": pa.int64(),
        "shot": pa.int64(),
        "face": pa.int64(),
        "emotion": pa.dictionary(pa.int32(), pa.string()),
        "picture": pa.string(),
    }
    given = {"frame", "picture", "time_s", "shot"}
    fields = [pa.field(n, kinds.get(n, pa.float64()), nullable=n not in given) for n in columns.names]
    about = {
        "seqfer_version": __version__,
        "seqfer_classes": json.dumps(columns.classes),
        "seqfer_valence": json.dumps(columns.valence),
    }
    if columns.measures:
        about["seqfer_measures"] = json.dumps(columns.measures)
    return pa.schema(fields, metadata=about)


class RowTables(ClosedOrDiscarded):
    """Writes both tables in `folder`. As a context manager: closed at the end, discarded on an exception.

    A video damaged in the middle is not an exception: its tables are closed as usual, and the summary says that they are partial.
    """

    def __init__(self, folder: Path, columns: Columns) -> None:
        """Raises InputError when the folder cannot be written."""
        self.folder, self.columns = folder, columns
        self._order = RowOrder(columns.classes)
        self._schema = schema_of(columns)
        self._formats = [_FORMATS.get(name) or _measure_format(name, columns) for name in self._schema.names]
        self._waiting: list[tuple[Any, ...]] = []
        self._csv_rows = 0
        self._csv_bytes = 0
        self._open = True
        self._writer: Any = None
        self._csv = StagedFile(folder / FRAMES_CSV)
        try:
            self._parquet = StagedFile(folder / FRAMES_PARQUET)
        except InputError:
            self._csv.discard()
            raise
        try:
            self._to_csv([columns.names])
            self._writer = pq.ParquetWriter(
                self._parquet.file, self._schema, compression="zstd", write_page_checksum=True
            )
        except OSError as error:
            raise self._disk_failed(error) from None

    @property
    def counts(self) -> RowCounts:
        """Counts of the rows written so far."""
        return self._order.counts

    def write(self, row: FaceRow) -> None:
        """Write the next row. Raises InputError when it is out of order or incomplete, or when the disk is full."""
        if not self._open:
            raise InputError(f"{self.folder}: the tables are closed; rows cannot be added")
        self._order.check(row)
        self._waiting.append(self._values(row))
        if len(self._waiting) >= BATCH_ROWS:
            self._flush()

    def close(self) -> RowCounts:
        """Write the buffered rows and give both files their names. Raises InputError when that fails."""
        if self._open:
            self._flush()
            try:
                self._writer.close()
            except OSError as error:
                raise self._disk_failed(error) from None
            self._open = False
            try:
                self._csv.commit()
                self._parquet.commit()
            finally:  # after a commit nothing is left to discard
                self._abandon_parquet()
        return self.counts

    def discard(self) -> None:
        """Remove incomplete files. Without effect after `close`."""
        if self._open:
            self._open = False
            self._abandon_parquet()
            self._csv.discard()

    def _values(self, row: FaceRow) -> tuple[Any, ...]:
        """The written values of one row, in the order of the columns; None where there is no value."""
        columns = self.columns
        picture = (columns.pictures[row.frame],) if columns.pictures else ()
        known = (row.frame, *picture, rounded_time(row.time_s), row.shot, row.face)
        if row.box_xyxy_px is None or row.probabilities is None:
            return known + (None,) * (len(self._schema) - len(known))
        box = [round(edge, BOX_DECIMALS) + 0.0 for edge in row.box_xyxy_px]
        top = columns.classes[top_index(row.probabilities)]
        valence = (_number(row.valence, SHARE_DECIMALS),) if columns.valence else ()
        score, shares = _number(row.score, SCORE_DECIMALS), rounded_probabilities(row.probabilities)
        return (*known, *box, score, *shares, top, *valence, *self._measures(row))

    def _measures(self, row: FaceRow) -> Iterator[float | None]:
        if self.columns.measures:
            values = row.geometry.measures if row.geometry else (math.nan,) * len(self.columns.measures)
            yield from (_number(v, measure_decimals(n)) for n, v in zip(self.columns.measures, values, strict=True))

    def _flush(self) -> None:
        if not self._waiting:
            return
        columns = list(zip(*self._waiting))
        arrays = [arrow_array(values, field.type) for values, field in zip(columns, self._schema)]
        try:
            self._to_csv(self._cells(columns))
            self._csv.file.flush()
            self._writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=self._schema))
            self._parquet.file.flush()
        except OSError as error:
            raise self._disk_failed(error) from None
        self._csv_rows += len(self._waiting)
        self._csv_bytes = self._csv.file.tell()
        self._waiting.clear()

    def _cells(self, columns: list[tuple[Any, ...]]) -> Any:
        """The rows of a batch as text with fixed decimals, made column by column."""
        return zip(*(_texts(values, pattern) for pattern, values in zip(self._formats, columns)))

    def _to_csv(self, rows: Any) -> None:
        self._csv.file.write(csv_text(rows).encode())

    def _abandon_parquet(self) -> None:
        if self._writer is not None:
            self._writer.is_open = False  # else its destructor would write to the closed file
        self._parquet.discard()

    def _disk_failed(self, error: OSError) -> InputError:
        """Keep the CSV up to the last complete batch: a Parquet file needs free space for its footer, and cannot be read without one."""
        self._open = False
        self._abandon_parquet()
        kept = f"no row of {FRAMES_CSV} was kept"
        try:
            if self._csv_rows:
                self._csv.file.truncate(self._csv_bytes)
                self._csv.commit()
                kept = f"{FRAMES_CSV} has the first {self._csv_rows} rows, {FRAMES_PARQUET} was left out"
        except (OSError, InputError):  # that failed too: the error below says that nothing was kept
            pass
        self._csv.discard()
        return unwritable_error(self.folder, error, kept)


_FORMATS = {
    **dict.fromkeys(("frame", "shot", "face"), "%d"),
    **dict.fromkeys(BOX_COLUMNS, f"%.{BOX_DECIMALS}f"),
    "time_s": f"%.{TIME_DECIMALS}f",
    "score": f"%.{SCORE_DECIMALS}f",
    "emotion": "%s",
    "picture": "%s",
}


def _measure_format(name: str, columns: Columns) -> str:
    return f"%.{measure_decimals(name) if name in columns.measures else SHARE_DECIMALS}f"


def _texts(values: tuple[Any, ...], pattern: str) -> list[str]:
    return ["" if value is None else pattern % value for value in values]


def _number(value: float, decimals: int) -> float | None:
    """Rounded, without a negative zero; None for NaN."""
    return None if value != value else round(value, decimals) + 0.0
