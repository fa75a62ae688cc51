"""Tables of a study: its recordings, figures, valence over the time of each stimulus, correlations, moments and clusters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seqfer.core.csv_text import csv_text, decimal_cell
from seqfer.core.files import write_atomically
from seqfer.metrics.traces import MEASURES
from seqfer.runs.kinds.study import StudyRecording, StudyReport
from seqfer.runs.names import STUDY_CSV
from seqfer.study.series import StimulusSeries, is_annotated, rating_files
from seqfer.study.study_file import StudyFile

if TYPE_CHECKING:
    import pandas as pd

Rows = Iterator[Sequence[Any]]


def recordings_of(study: StudyFile) -> tuple[StudyRecording, ...]:
    """The recordings, and what there is of each."""
    group = {one.name: one.group for one in study.participants}
    return tuple(
        StudyRecording(
            name=one.name,
            participant=one.participant,
            stimulus=one.stimulus,
            group=group[one.participant],
            offset_s=one.offset_s,
            annotated=is_annotated(study, one),
            raters=tuple(path.stem for path in rating_files(study, one)),
        )
        for one in study.recordings
    )


def write_people(study: StudyFile, out: Path) -> Path:
    """people.csv: which participant is in which recording, as `seqfer evaluate-trace --people` reads it."""
    path = out / "people.csv"
    rows = [["film", "person"], *([one.name, one.participant] for one in study.recordings)]
    write_atomically(path, csv_text(rows))
    return path


def write_tables(report: StudyReport, series: Sequence[StimulusSeries], out: Path) -> None:
    """study.csv (figures), series.csv, correlations.csv, moments.csv, and clusters.csv where groups were compared, each with a header."""
    figures = figure_columns(report)
    cells = ([_cell(figures[name][k]) for name in figures] for k in range(len(report.figures)))
    _write(out / STUDY_CSV, list(figures), cells)
    _write(out / "series.csv", ["stimulus", "source", "participant", "start_s", "valence"], _series_rows(series))
    _write(
        out / "correlations.csv",
        ["stimulus", "source", "participant", "with", "correlation"],
        _correlation_rows(report),
    )
    _write(out / "moments.csv", ["stimulus", "source", "start_s", "end_s", "correlation", "mean"], _moment_rows(report))
    columns = ["stimulus", "source", "first", "second", "start_s", "end_s", "difference", "sum_t", "p"]
    clusters = list(_cluster_rows(report))
    if clusters:
        _write(out / "clusters.csv", columns, iter(clusters))


def figure_columns(report: StudyReport) -> dict[str, list[Any]]:
    """The figures as columns by name."""
    every = report.figures
    columns: dict[str, list[Any]] = {
        name: [getattr(one, name) for one in every] for name in ("by", "name", "side", "every_s")
    }
    columns["smoothed"] = [bool(one.smoothed) for one in every]
    columns["recordings"] = [one.recordings for one in every]
    for name in MEASURES:
        columns[name] = [one.mean[name] for one in every]
        columns[f"{name}_sd"] = [one.sd[name] for one in every]
        for side, end in enumerate(("low", "high")):
            columns[f"{name}_{end}"] = [one.intervals[name][side] for one in every]
    return columns


def series_table(series: Sequence[StimulusSeries]) -> pd.DataFrame:
    """The rows of series.csv as a data frame."""
    import pandas as pd

    parts = [
        pd.DataFrame(
            {
                "stimulus": one.stimulus,
                "source": one.source,
                "participant": name,
                "start_s": one.start_s,
                "valence": row,
            }
        )
        for one in series
        for name, row in zip(one.participants, one.values)
    ]
    return pd.concat(parts, ignore_index=True)


def _series_rows(series: Sequence[StimulusSeries]) -> Rows:
    for one in series:
        for name, row in zip(one.participants, one.values):
            for start, value in zip(one.start_s, row):
                yield one.stimulus, one.source, name, _cell(start), _cell(value)


def _correlation_rows(report: StudyReport) -> Rows:
    for stimulus in report.stimuli:
        for source in stimulus.sources:
            for k, name in enumerate(source.participants):
                head = stimulus.name, source.source, name
                yield from (
                    (*head, other, _cell(source.correlations[k][j]))
                    for j, other in enumerate(source.participants)
                    if j > k
                )
                yield *head, "the others", _cell(source.with_others[k])


def _moment_rows(report: StudyReport) -> Rows:
    for stimulus in report.stimuli:
        for source in stimulus.sources:
            for one in source.moments:
                numbers = (one.start_s, one.end_s, one.correlation, one.mean)
                yield stimulus.name, source.source, *map(_cell, numbers)


def _cluster_rows(report: StudyReport) -> Rows:
    for stimulus in report.stimuli:
        for source in stimulus.sources:
            for one in source.groups.clusters if source.groups else ():
                assert source.groups is not None
                numbers = (one.start_s, one.end_s, one.difference, one.mass, one.p)
                yield stimulus.name, source.source, *source.groups.groups, *map(_cell, numbers)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return (
        decimal_cell(float(value))
        if isinstance(value, int | float | np.floating) and not isinstance(value, bool)
        else str(value)
    )


def _write(path: Path, head: Sequence[str], rows: Rows) -> None:
    write_atomically(path, csv_text([head, *rows]))
