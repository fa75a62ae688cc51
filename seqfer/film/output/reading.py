"""Reads the rows of `frames.parquet`, a batch at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import repeat
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from seqfer.core.errors import InputError
from seqfer.core.input_files import parse_json, regular_file
from seqfer.core.records import FaceGeometry, FaceRow
from seqfer.film.output.tables import BATCH_ROWS, BOX_COLUMNS
from seqfer.runs.names import FRAMES_PARQUET

# The errors of pyarrow for a damaged file: its own, and Python's for invalid names and numbers.
_DAMAGE = (OSError, pa.ArrowException, ValueError, KeyError, TypeError)


def read_classes(folder: Path) -> tuple[str, ...]:
    """The emotions, in the order of `FaceRow.probabilities`. Raises InputError as `read_rows` does."""
    with _open(folder / FRAMES_PARQUET) as file:
        return _classes(file)


def read_measures(folder: Path) -> tuple[str, ...]:
    """The names of the columns of geometry, in the order of `FaceGeometry.measures`; none where it was not requested. Raises InputError as
    `read_rows` does."""
    with _open(folder / FRAMES_PARQUET) as file:
        return _measures(file)


def read_table(folder: Path) -> pa.Table:
    """The whole table of a folder, in memory. Raises InputError as `read_rows` does."""
    path = folder / FRAMES_PARQUET
    with _open(path) as file:
        _classes(file)  # a table of another program is refused
        try:
            return file.read()
        except _DAMAGE as error:
            raise _unusable(path, str(error)) from None


def read_rows(folder: Path) -> Iterator[FaceRow]:
    """The rows of a folder's `frames.parquet`, in its order, with the written numbers. Their geometry has no landmarks, which are in another file.

    Raises InputError when the file is missing, damaged, or was not written by seqfer.
    """
    path = folder / FRAMES_PARQUET
    with _open(path) as file:
        classes, measures = _classes(file), _measures(file)
        try:
            for batch in file.iter_batches(batch_size=BATCH_ROWS):
                yield from _rows(batch, classes, measures)
        except _DAMAGE as error:
            raise _unusable(path, str(error)) from None


def _rows(batch: pa.RecordBatch, classes: tuple[str, ...], measures: tuple[str, ...]) -> Iterator[FaceRow]:
    columns = {name: batch.column(name).to_pylist() for name in batch.schema.names if name != "emotion"}
    valences = columns.get("valence") or [None] * batch.num_rows
    boxes = zip(*(columns[name] for name in BOX_COLUMNS))
    shares = zip(*(columns[name] for name in classes))
    places = zip(columns["frame"], columns["time_s"], columns["shot"], columns["face"])
    geometry = zip(*(map(_number, columns[name]) for name in measures)) if measures else repeat(None, batch.num_rows)
    for place, box, score, share, valence, values in zip(
        places, boxes, columns["score"], shares, valences, geometry, strict=True
    ):
        if place[3] is None:
            yield FaceRow(*place)
        else:
            shape = None if values is None else FaceGeometry(values)
            frame, time_s, shot, face = place
            yield FaceRow(frame, time_s, shot, face, box, _number(score), share, _number(valence), shape)


def _number(value: float | None) -> float:
    return math.nan if value is None else value


@contextmanager
def _open(path: Path) -> Iterator[pq.ParquetFile]:
    """The open table. pyarrow gets an open file: of a path it would expand `~`, and take some names for addresses."""
    with ExitStack() as stack:
        try:
            regular_file(path, "make it with `seqfer annotate-video`")
            content = stack.enter_context(open(path, "rb"))
            file = stack.enter_context(pq.ParquetFile(content, page_checksum_verification=True))
        except _DAMAGE as error:
            raise _unusable(path, getattr(error, "strerror", None) or str(error)) from None
        yield file


def _measures(file: pq.ParquetFile) -> tuple[str, ...]:
    about = file.schema_arrow.metadata or {}
    try:
        names = tuple(str(name) for name in parse_json(about.get(b"seqfer_measures", b"[]").decode()))
    except (ValueError, TypeError):
        names = ("",)
    if not set(names) <= set(file.schema_arrow.names):
        raise InputError(
            f"{FRAMES_PARQUET}: its list seqfer_measures names columns that it has not; annotate the video again"
        )
    return names


def _classes(file: pq.ParquetFile) -> tuple[str, ...]:
    about = file.schema_arrow.metadata or {}
    try:
        return tuple(str(name) for name in parse_json(about[b"seqfer_classes"].decode()))
    except (KeyError, ValueError, TypeError):
        raise InputError(
            f"{FRAMES_PARQUET}: no list seqfer_classes in its metadata; it was not written by `seqfer annotate-video`"
        ) from None


def _unusable(path: Path, reason: str) -> InputError:
    first = reason.partition("\n")[0]
    return InputError(f"{path}: cannot be read as rows ({first}); make it with `seqfer annotate-video`")
