"""Writes the folder of a run again with its corrections applied: all tables, means and tracks follow from the corrected rows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from seqfer.core.errors import InputError
from seqfer.core.files import unwritable_error
from seqfer.core.records import FaceGeometry, FaceRow
from seqfer.film.corrections import corrected_rows, read_corrections
from seqfer.film.finishing import OWN_FILES, remake_report, tables_of
from seqfer.film.output.agreement import columns_of
from seqfer.film.output.files import AnnotationFiles
from seqfer.film.output.reading import read_rows
from seqfer.runs.checksums import write_checksums
from seqfer.runs.kinds.annotate_video import VideoSummary
from seqfer.runs.names import CORRECTIONS_JSON, LANDMARKS_PARQUET, SETTINGS_JSON, SUMMARY_JSON, VERSIONS_JSON
from seqfer.runs.records import write_record


def write_corrected(run: Path, summary: VideoSummary, out: Path) -> VideoSummary:
    """Write the corrected tables, report and summary of `run` into the new folder `out`. Returns its summary.

    Raises InputError where `out` has files, where corrections contradict each other, and where the disk refuses.
    """
    corrections = read_corrections(run)
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise InputError(f"{out}: is not empty; give a new folder")
        for name in (SETTINGS_JSON, VERSIONS_JSON, CORRECTIONS_JSON):
            if (run / name).exists():
                shutil.copyfile(run / name, out / name)
    except OSError as error:
        raise unwritable_error(out, error) from None
    asked = summary.settings
    columns = columns_of(run, summary.valence is not None)
    faces: set[int] = set()
    with AnnotationFiles(out, columns, asked.get("min_track_s", 0.0), asked.get("min_quality", 0.0)) as files:
        for row in corrected_rows(_with_landmarks(run, summary), corrections):
            files.write(row)
            faces |= set() if row.face is None else {row.face}
    counts = files.counts
    made = replace(
        summary,
        rows=counts.rows,
        rows_without_face=counts.frames_without_face,
        face_rows=counts.face_rows,
        faces=len(faces),
        short_tracks=len(files.tracks.short),
        notes=(*summary.notes, f"{len(corrections)} corrections of {run.resolve().name} are applied"),
        files=(*tables_of(summary), SUMMARY_JSON),
    )
    remake_report(out, made)
    write_record(out / SUMMARY_JSON, made)
    write_checksums(out, OWN_FILES)
    return made


def _with_landmarks(run: Path, summary: VideoSummary) -> Iterator[FaceRow]:
    """The rows of a folder, with the mesh where one was written."""
    rows = read_rows(run)
    if summary.geometry is None:
        yield from rows
        return
    meshes = _meshes(run / LANDMARKS_PARQUET)
    following = next(meshes, None)
    for row in rows:
        if following is None or (row.frame, row.face) != following[0] or row.geometry is None:
            yield row
            continue
        yield replace(row, geometry=FaceGeometry(row.geometry.measures, following[1]))
        following = next(meshes, None)


def _meshes(path: Path) -> Iterator[tuple[tuple[int, int], np.ndarray]]:
    """((frame, face), float16 (478 3)) of every row of the file of meshes, NaN without a mesh."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches():
            columns = [batch.column(name).to_pylist() for name in ("frame", "face", "landmarks")]
            for frame, face, values in zip(*columns):
                numbers = np.full(478 * 3, np.nan) if values is None else np.asarray(values)
                yield (frame, face), numbers.astype(np.float16).reshape(478, 3)
