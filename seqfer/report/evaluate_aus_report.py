"""The table and the page of `seqfer evaluate-aus`: each action unit's measures with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from seqfer.core.files import write_atomically
from seqfer.metrics.action_units import MEASURES
from seqfer.report import words
from seqfer.report.page import render
from seqfer.report.tables import provenance
from seqfer.runs.kinds.evaluate_aus import EvaluateAusReport

HEADS = {"pcc": "PCC", "icc31": "ICC(3,1)", "mae": "MAE", "f1": "F1", "auc": "AUC"}
_DIGITS = 2


def console(report: EvaluateAusReport) -> str:
    """The action units as text, a column per measure, and notes."""
    rows = [_heads(), *_rows(report)]
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = [_frames(report)]
    lines += ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines += [f"Note: {note}" for note in _missing(report)]
    return "\n".join(lines).replace(words.SPACE, " ")


def write_evaluate_aus_report(report: EvaluateAusReport, path: Path) -> None:
    """Write the page, one self-contained UTF-8 HTML file, atomically. Raises InputError when it cannot be written."""
    shown = replace(report.provenance, created=words.moment(report.created))
    page = render(
        "table_page.html",
        kind="Evaluation of action units",
        title="Estimated and coded action units",
        report=shown,
        sentence=summary(report),
        lead=_frames(report),
        caption="Action units",
        heads=_heads(),
        rows=_rows(report),
        notes=[*_missing(report), *_notes(report)],
        provenance=provenance(shown),
    )
    write_atomically(path, page)


def summary(report: EvaluateAusReport) -> str:
    """The result in one sentence: the measure of the labels' form, on average over the units."""
    name = "icc31" if report.intensities else "f1"
    value = words.decimal(report.mean[name], _DIGITS)
    what = words.counted(len(report.units), "action unit")
    return f"Estimates of {what} agree with the coders' labels with {HEADS[name]} {value} on average."


def _frames(report: EvaluateAusReport) -> str:
    matched = sum(video.matched for video in report.videos)
    labelled = sum(video.labelled for video in report.videos)
    people = len({video.person for video in report.videos})
    return (
        f"{words.counted(len(report.videos), 'video')} of {people} people; {words.count(matched)} of {words.count(labelled)} labelled frames "
        "have an estimate"
    )


def _heads() -> list[str]:
    return ["", "frames", "active", *HEADS.values()]


def _rows(report: EvaluateAusReport) -> list[list[str]]:
    rows = [
        [
            f"AU{unit.action_unit:02d}",
            words.count(unit.frames),
            words.percent(unit.active / unit.frames),
            *(_cell(getattr(unit, name), unit.intervals[name]) for name in MEASURES),
        ]
        for unit in report.units
    ]
    return [*rows, ["mean", "", "", *(_cell(report.mean[name], ()) for name in MEASURES)]]


def _cell(value: Any, interval: Sequence[Any]) -> str:
    if not words.defined(value):
        return words.UNDEFINED
    shown = words.decimal(value, _DIGITS)
    if not interval or not all(map(words.defined, interval)):
        return shown
    low, high = (words.decimal(end, _DIGITS) for end in interval)
    return f"{shown} [{low}, {high}]"


def _missing(report: EvaluateAusReport) -> list[str]:
    """What is left out, a sentence each."""
    units = ", ".join(f"AU{unit:02d}" for unit in report.without_estimate)
    said = [f"Labelled, but without estimates of two people: {units}."] if units else []
    for names, what in (
        (report.without_prediction, "labelled without an annotated video"),
        (report.without_labels, "annotated without labels"),
    ):
        if names:
            said.append(f"{words.counted(len(names), 'video')} {what}: {', '.join(names)}.")
    return said


def _notes(report: EvaluateAusReport) -> list[str]:
    settings = report.settings
    folds = settings["folds"]
    fitted = f"the people of the other {folds - 1} of {folds} folds" if folds else "all other people"
    level = words.percent(settings["level"], 0)
    active = (
        f"an intensity of {settings['least_intensity']:g} or more" if report.intensities else "that the unit occurs"
    )
    scaled = (
        f"ICC(3,1) and MAE compare intensities with the estimate scaled by a least squares line, cut off at 0 and 5. Line and threshold of a person "
        f"are fitted on {fitted}."
        if report.intensities
        else f"The labels say only whether a unit occurs, so ICC(3,1) and MAE are undefined. The threshold of a person is fitted on {fitted}."
    )
    return [
        "Estimates are scores from 0 to 1 of the blendshapes nearest to each action unit; no coded faces were used to make them.",
        f"PCC, Pearson's correlation, and AUC, the area under the ROC curve, are of the estimates as they are. Active is {active}; F1 is of the "
        "threshold with the highest F1.",
        scaled,
        f"Measures are of the frames of all people pooled. In brackets {level} intervals of a bootstrap over people, in which lines and "
        "thresholds stay as they were fitted.",
    ]
