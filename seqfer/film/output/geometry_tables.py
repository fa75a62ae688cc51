"""Writes `landmarks.parquet`, a mesh per face and frame, and `blinks.csv`, an event per blink, and counts rows by quality.

A row of `landmarks.parquet` has `frame` and `face` of its row in `frames.parquet`, and `landmarks`, a list of 3 x 478 numbers in float16: x, y and z
of each point, from the centre of the face's box in widths of the box, which are there as `centre_x_px`, `centre_y_px` and `width_px`. A face without
a mesh has no list, a frame without a face no row. Memory does not grow with the video, but for two numbers per face and frame, from which the blinks
are found at the end.
"""

from __future__ import annotations

import math
from array import array
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from seqfer.core.csv_text import csv_text
from seqfer.core.errors import InputError
from seqfer.core.files import ClosedOrDiscarded, StagedFile, unwritable_error, write_atomically
from seqfer.core.records import FaceRow
from seqfer.film.output.rounding import BOX_DECIMALS, measure_decimals, rounded_time, text
from seqfer.geometry.blinks import find_blinks
from seqfer.geometry.reader import OPENNESS, QUALITY
from seqfer.runs.names import BLINKS_CSV, LANDMARKS_PARQUET

BATCH_ROWS = 1024  # three megabytes
NUMBERS = 3 * 478
BLINK_COLUMNS = ("face", "onset_s", "peak_s", "offset_s", "duration_s", "drop")
PLACE = ("centre_x_px", "centre_y_px", "width_px")
SCHEMA = pa.schema(
    [
        pa.field("frame", pa.int64(), nullable=False),
        pa.field("face", pa.int64(), nullable=False),
        *(pa.field(name, pa.float64(), nullable=False) for name in PLACE),
        pa.field("landmarks", pa.list_(pa.field("value", pa.float16(), nullable=False), NUMBERS)),
    ]
)


class GeometryTables(ClosedOrDiscarded):
    """Writes both tables in `folder`; `poor_rows` counts the rows below `min_quality`, `rows_without_mesh` those of which
    nothing is known, `blinks` the events, once closed; `quality_sum` is the sum over all rows with a face."""

    def __init__(self, folder: Path, measures: tuple[str, ...], min_quality: float = 0.0) -> None:
        """`measures` are the names of `FaceGeometry.measures`. Raises InputError when the folder cannot be written."""
        self.poor_rows, self.rows_without_mesh, self.blinks, self.quality_sum = 0, 0, 0, 0.0
        self._folder, self._min_quality = folder, min_quality
        self._quality, self._openness = measures.index(QUALITY), [measures.index(name) for name in OPENNESS]
        self._eyes: dict[int, tuple[array[float], array[float]]] = {}  # face -> times, mean openness of both eyes
        self._rows: list[tuple[int, int, tuple[float, float, float], np.ndarray]] = []
        self._file = StagedFile(folder / LANDMARKS_PARQUET)
        try:
            self._writer: Any = pq.ParquetWriter(self._file.file, SCHEMA, compression="zstd", write_page_checksum=True)
        except OSError as error:
            self._file.discard()
            raise unwritable_error(folder / LANDMARKS_PARQUET, error) from None
        self._open = True

    def write(self, row: FaceRow) -> bool:
        """Write the next row; returns whether its quality is high enough for means. Raises InputError when the disk is full."""
        if row.face is None or row.box_xyxy_px is None or row.geometry is None:
            return True
        if row.geometry.landmarks is not None:
            self._keep(row.frame, row.face, row.box_xyxy_px, row.geometry.landmarks)
        measures = row.geometry.measures
        left, right = (measures[at] for at in self._openness)
        if math.isnan(left):
            self.rows_without_mesh += 1
        else:
            times, openness = self._eyes.setdefault(row.face, (array("d"), array("d")))
            times.append(row.time_s)
            openness.append((left + right) / 2)
        quality = round(measures[self._quality], measure_decimals(QUALITY))  # as it is written
        self.quality_sum += quality
        poor = quality < self._min_quality
        self.poor_rows += poor
        return not poor

    def close(self) -> int:
        """Write the buffered rows and the blinks, and give both files their names; returns the number of blinks. Raises InputError when it fails."""
        if self._open:
            self._flush()
            try:
                self._writer.close()
            except OSError as error:
                raise self._failed(error) from None
            self._open = False
            self._file.commit()
            self._write_blinks()
        return self.blinks

    def discard(self) -> None:
        """Remove the incomplete file. Without effect after `close`."""
        if self._open:
            self._open = False
            self._writer.is_open = False  # else its destructor would write to the closed file
            self._file.discard()

    def _keep(self, frame: int, face: int, box: tuple[float, float, float, float], landmarks: np.ndarray) -> None:
        x0, y0, x1, y1 = (round(edge, BOX_DECIMALS) for edge in box)
        self._rows.append((frame, face, ((x0 + x1) / 2, (y0 + y1) / 2, x1 - x0), landmarks))
        if len(self._rows) >= BATCH_ROWS:
            self._flush()

    def _flush(self) -> None:
        if not self._rows:
            return
        frames, faces, places, landmarks = zip(*self._rows)
        points = np.stack(landmarks).reshape(-1, NUMBERS)
        missing = pa.array(np.isnan(points[:, 0]))
        lists = pa.FixedSizeListArray.from_arrays(
            pa.array(points.ravel()), type=SCHEMA.field("landmarks").type, mask=missing
        )
        arrays = [pa.array(frames), pa.array(faces), *(pa.array(values) for values in zip(*places)), lists]
        try:
            self._writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=SCHEMA))
            self._file.file.flush()
        except OSError as error:
            raise self._failed(error) from None
        self._rows.clear()

    def _write_blinks(self) -> None:
        lines = []
        for face, series in self._eyes.items():
            times, openness = (np.frombuffer(values) for values in series)
            increasing = np.diff(times, prepend=-np.inf) > 0  # a damaged video may go back in time
            for blink in find_blinks(times[increasing], openness[increasing]):
                onset, peak, offset = (rounded_time(at) for at in (blink.onset_s, blink.peak_s, blink.offset_s))
                lines.append((onset, face, peak, offset, blink.drop))
        rows = [
            [str(face), text(onset), text(peak), text(offset), text(offset - onset), text(drop, 4)]
            for onset, face, peak, offset, drop in sorted(lines)
        ]
        self.blinks = len(rows)
        write_atomically(self._folder / BLINKS_CSV, csv_text([BLINK_COLUMNS, *rows]))

    def _failed(self, error: OSError) -> InputError:
        self.discard()
        return unwritable_error(self._folder / LANDMARKS_PARQUET, error)
