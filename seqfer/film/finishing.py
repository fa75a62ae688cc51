"""Finishes an annotated video: the report, summary.json, and the further files that were requested."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from seqfer.film.opening import OpenedVideo
from seqfer.film.output.extra_files import AnnotatedVideo, file_name, write_file
from seqfer.film.output.reading import read_rows
from seqfer.film.settings import OutputOptions
from seqfer.film.summary import summarise
from seqfer.film.writing import AnnotationRun
from seqfer.report.annotate_report import write_annotate_report
from seqfer.runs.kinds.annotate_video import VideoSummary
from seqfer.runs.names import FRAMES_CSV, FRAMES_PARQUET, SECONDS_CSV, SUMMARY_JSON, TRACKS_CSV
from seqfer.runs.records import as_json, write_record
from seqfer.video.source import shown_name

TABLES = (FRAMES_CSV, FRAMES_PARQUET, TRACKS_CSV)


def finish(opened: OpenedVideo, run: AnnotationRun, options: OutputOptions) -> VideoSummary:
    """Writes the report, and summary.json last: a folder that has it has complete tables and a complete report. Returns the summary."""
    out, classes = run.out, opened.components.model.classes
    summary = summarise(opened, run.files, run.counts, shown_name(options.command))
    summary = replace(summary, files=tuple(_names_of_files(options, summary.valence is not None)))
    pictures = run.thumbnails.pictures if options.faces else {}
    write_annotate_report(out, as_json(summary), read_rows(out), classes, pictures, run.shots, options.faces)
    write_record(out / SUMMARY_JSON, summary)
    return summary


def write_extra_files(film: str, out: Path, summary: VideoSummary, options: OutputOptions) -> None:
    """The requested files beside the tables, made from the tables; a file that exists already is kept.

    Raises InputError where one cannot be written, or the video that it needs cannot be read.
    """
    about, asked = summary.film, summary.settings
    for name in options.extra_files:
        path = out / file_name(name)
        if path.exists():
            continue
        video = AnnotatedVideo(
            rows=read_rows(out),
            classes=summary.model.classes,
            source=film,
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


def remake_report(out: Path, summary: VideoSummary) -> None:
    """The report of a finished folder, from its tables: without pictures of faces, for which the video would have to be read again."""
    shots: dict[int, float] = {}
    for row in read_rows(out):
        shots.setdefault(row.shot, row.time_s)
    write_annotate_report(out, as_json(summary), read_rows(out), summary.model.classes, {}, list(shots.values()), False)


def _names_of_files(options: OutputOptions, valence: bool) -> list[str]:
    """The files that the folder will hold beside the report, tables first."""
    return [
        *TABLES,
        *([SECONDS_CSV] if valence else []),
        SUMMARY_JSON,
        *(file_name(name) for name in options.extra_files),
    ]
