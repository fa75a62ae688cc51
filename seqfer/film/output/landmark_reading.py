"""Reads `landmarks.parquet`: the meshes of the rows of a table, in pixels."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from seqfer.core.errors import InputError
from seqfer.film.output.geometry_tables import NUMBERS, PLACE
from seqfer.runs.names import LANDMARKS_PARQUET

_BATCH_ROWS = 4096


def read_landmarks(file: Path | bytes, frames: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """float32 (row 478 3) in pixels for the rows whose frame and face are given, NaN where the file has none. `file` is its path or its content.

    Raises InputError for a file that is missing, damaged, or was not written by seqfer.
    """
    result = np.full((len(frames), NUMBERS // 3, 3), np.nan, np.float32)
    rows = {place: row for row, place in enumerate(zip(frames.astype(int).tolist(), faces.astype(int).tolist()))}
    try:
        with open(file, "rb") if isinstance(file, Path) else io.BytesIO(file) as content:
            for batch in pq.ParquetFile(content, page_checksum_verification=True).iter_batches(_BATCH_ROWS):
                _place(batch, rows, result)
    except (OSError, pa.ArrowException, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).partition("\n")[0]
        raise InputError(f"{LANDMARKS_PARQUET}: cannot be read ({reason}); annotate the video again") from None
    return result


def _place(batch: pa.RecordBatch, rows: dict[tuple[int, int], int], result: np.ndarray) -> None:
    """Put the meshes of a batch into the rows that they belong to."""
    known = batch.filter(batch.column("landmarks").is_valid())
    values = known.column("landmarks").flatten().to_numpy(zero_copy_only=False).astype(np.float32)
    x, y, width = (known.column(name).to_numpy() for name in PLACE)
    points = values.reshape(-1, NUMBERS // 3, 3) * width[:, None, None]
    points += np.stack([x, y, np.zeros_like(x)], axis=-1)[:, None]
    places = [rows.get(place, -1) for place in zip(known.column("frame").to_pylist(), known.column("face").to_pylist())]
    there = np.array(places, int)
    result[there[there >= 0]] = points[there >= 0]
