"""Finishes an annotated video: the report, summary.json, and the further files that were requested."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

from seqfer.core.files import unwritable_error
from seqfer.core.one_line import one_line
from seqfer.film.opening import OpenedVideo
from seqfer.film.output.extra_files import AnnotatedVideo, file_name, format_names, write_file
from seqfer.film.output.reading import read_rows
from seqfer.film.settings import OutputOptions
from seqfer.film.summary import summarise
from seqfer.film.writing import AnnotationRun
from seqfer.report.annotate_report import write_annotate_report
from seqfer.runs.checksums import damaged_files, read_checksums, write_checksums
from seqfer.runs.kinds.annotate_video import VideoSummary
from seqfer.runs.names import (
    BLINKS_CSV,
    FRAMES_CSV,
    FRAMES_PARQUET,
    LANDMARKS_PARQUET,
    REPORT_HTML,
    SECONDS_CSV,
    SETTINGS_JSON,
    SUMMARY_JSON,
    TRACKS_CSV,
    VERSIONS_JSON,
)
from seqfer.runs.records import as_json, write_record
from seqfer.video.source import shown_name
from seqfer.video.sources import Video

logger = logging.getLogger("seqfer")
TABLES = (FRAMES_CSV, FRAMES_PARQUET, TRACKS_CSV)
GEOMETRY = (LANDMARKS_PARQUET, BLINKS_CSV)
OWN_FILES = (SETTINGS_JSON, VERSIONS_JSON, *TABLES, SECONDS_CSV, *GEOMETRY, SUMMARY_JSON, REPORT_HTML)


def finish(opened: OpenedVideo, run: AnnotationRun, options: OutputOptions) -> VideoSummary:
    """Writes the report, and summary.json last: a folder that has it has complete tables and a complete report. Returns the summary."""
    out, classes = run.out, opened.components.model.classes
    summary = summarise(opened, run.files, run.counts, shown_name(options.command))
    summary = replace(summary, files=tuple(_names_of_files(options, summary)))
    pictures = run.thumbnails.pictures if options.faces else {}
    write_annotate_report(out, as_json(summary), read_rows(out), classes, pictures, run.shots, options.faces)
    write_record(out / SUMMARY_JSON, summary)
    return summary


def write_extra_files(film: Video, out: Path, summary: VideoSummary, options: OutputOptions) -> None:
    """The requested files beside the tables, made from the tables; a file that is there as it was written is kept. Then the checksums of all files.

    Raises InputError where one cannot be written, or the video that it needs cannot be read.
    """
    about, asked, damaged = summary.film, summary.settings, damaged_files(out)
    for name in format_names():
        path = out / file_name(name)
        wanted = not path.exists() and name in options.extra_files
        if path.exists() and path.name in damaged:
            _keep_changed(path)
        elif not wanted:
            continue
        video = AnnotatedVideo(
            rows=read_rows(out),
            classes=summary.model.classes,
            source=str(film),
            name=about.name,
            has_valence=summary.valence is not None,
            zero_s=about.zero_s,
            start_s=asked["start_s"] or None,
            end_s=asked["end_s"] or None,
            folder_fps=asked.get("folder_fps", 25.0),
            turned_deg=about.turned_deg or 0,
            created=summary.created,
        )
        write_file(name, path, video)
    record_checksums(out, options)


def _keep_changed(path: Path) -> None:
    """Give a file that is no longer as it was written another name: it is damaged, or somebody edited it, which is not to be lost."""
    number = 1
    while (kept := path.with_name(f"{path.stem}-changed-{number}{path.suffix}")).exists():
        number += 1
    try:
        path.rename(kept)
    except OSError as error:
        raise unwritable_error(path, error) from None
    logger.warning(one_line(f"{path}: damaged or changed; kept as {kept.name}, and made again"))


def record_checksums(out: Path, options: OutputOptions) -> None:
    """Write the checksums of a folder's own files and of its further files. Raises InputError when that fails."""
    known = read_checksums(out)
    extra = [file_name(name) for name in format_names()]
    asked = {file_name(name) for name in options.extra_files}
    write_checksums(out, (*OWN_FILES, *(name for name in extra if name in known or name in asked)))


def remake_report(out: Path, summary: VideoSummary) -> None:
    """The report of a finished folder, from its tables: without pictures of faces, for which the video would have to be read again."""
    shots: dict[int, float] = {}
    for row in read_rows(out):
        shots.setdefault(row.shot, row.time_s)
    write_annotate_report(out, as_json(summary), read_rows(out), summary.model.classes, {}, list(shots.values()), False)


def tables_of(summary: VideoSummary) -> tuple[str, ...]:
    """The tables of a finished folder."""
    seconds, geometry = summary.valence is not None, summary.geometry is not None
    return (*TABLES, *([SECONDS_CSV] if seconds else []), *(GEOMETRY if geometry else []))


def _names_of_files(options: OutputOptions, summary: VideoSummary) -> list[str]:
    """The files that the folder will hold beside the report, tables first."""
    return [
        *tables_of(summary),
        SUMMARY_JSON,
        *(file_name(name) for name in options.extra_files),
    ]
