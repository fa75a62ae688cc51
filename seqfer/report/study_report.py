"""Writes the page of a study: model against raters, raters, and all participants over the time of each stimulus."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from seqfer.core.files import write_atomically
from seqfer.metrics.traces import MEASURES
from seqfer.report import study_chart, words
from seqfer.report.page import render
from seqfer.report.study_text import (
    SOURCES,
    alike,
    figure_tables,
    group_lines,
    interval,
    notes,
    picture_label,
    rater_lines,
    sentence,
    span,
)
from seqfer.report.tables import provenance
from seqfer.report.trace_text import SIDES, delay, figure_number, figure_title
from seqfer.runs.kinds.evaluate_trace import ComparedFilm, EvaluateTraceReport
from seqfer.runs.kinds.study import StudyReport, StudySource
from seqfer.study.series import StimulusSeries


def write_study_report(
    report: StudyReport, series: Sequence[StimulusSeries], compared: EvaluateTraceReport | None, path: Path
) -> None:
    """Write the page. `series` are those of the report's stimuli, `compared` the figures of the recordings, None without any.

    Raises InputError when it cannot be written.
    """
    drawn = {(one.stimulus, one.source): one for one in series}
    films = compared.films if compared else ()
    page = render(
        "study.html",
        title=report.title,
        report=report.provenance,
        sentence=sentence(report),
        recordings=report.recordings,
        facts=_facts(report),
        warnings=report.warnings,
        level=words.percent(report.settings["level"], 0),
        measures=[name.upper() for name in MEASURES],
        tables=figure_tables(report),
        single=[_single(film) for film in films],
        raters=[(film.film, rater, delay(rater)) for film in films for rater in film.raters],
        agreements=[(film.film, SIDES[side], found) for film in films for side, found in film.agreement.items()],
        rater_lines=rater_lines(compared) if compared else [],
        stimuli=[
            (one, [_source(report, one, source, drawn[one.name, source.source]) for source in one.sources])
            for one in report.stimuli
        ],
        notes=notes(report),
        provenance=provenance(report.provenance),
    )
    write_atomically(path, page)


def _facts(report: StudyReport) -> list[tuple[str, str, str]]:
    people = {one.participant for one in report.recordings}
    stimuli = {one.stimulus for one in report.recordings}
    raters = {name for one in report.recordings for name in one.raters}
    annotated, rated = sum(r.annotated for r in report.recordings), sum(bool(r.raters) for r in report.recordings)
    groups = len({one.group for one in report.recordings if one.group})
    total = len(report.recordings)
    return [
        ("Participants", words.count(len(people)), f"in {groups} groups" if groups else "without groups"),
        ("Stimuli", words.count(len(stimuli)), f"{words.counted(total, 'recording')}"),
        ("Annotated", words.count(annotated), f"of {words.counted(total, 'recording')}"),
        ("Rated", words.count(rated), f"of {words.counted(total, 'recording')}, by one rater or more"),
        ("Raters", words.count(len(raters)), "who rated a recording to its end"),
    ]


def _single(film: ComparedFilm) -> tuple[str, list[tuple[str, list[tuple[str, str]]]]]:
    rows = []
    for one in film.figures:
        title = figure_title(one.side, one.every_s, "smoothed" if one.smooth_s is not None else "")
        cells = [(figure_number(getattr(one, name), name), interval(one.intervals[name], name)) for name in MEASURES]
        rows.append((title, cells))
    return film.film, rows


def _source(report: StudyReport, stimulus: Any, source: StudySource, series: StimulusSeries) -> dict[str, Any]:
    groups = source.groups.groups if source.groups else ()
    members = {
        group: tuple(dict.fromkeys(one.participant for one in report.recordings if one.group == group))
        for group in groups
    }
    level = float(report.settings["level"])
    return {
        "title": SOURCES[source.source],
        "source": source,
        "alike": alike(source),
        "picture": study_chart.participants(series, source, members, level, picture_label(stimulus, source)),
        "moments": [(span(one), words.decimal(one.correlation), words.decimal(one.mean)) for one in source.moments],
        "groups": groups,
        "group_lines": group_lines(source),
    }
