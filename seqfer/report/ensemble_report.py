"""Writes the page and the table of `seqfer ensemble`: members, average, stacking and logistic regressions compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seqfer.core.files import write_atomically
from seqfer.report import words
from seqfer.report.page import render
from seqfer.report.score_rows import (
    accuracy_bars,
    as_ascii,
    cells,
    confusion_side,
    difference_words,
    plain_table,
    short_name,
)
from seqfer.report.tables import provenance
from seqfer.runs.kinds.ensemble import EnsembleReport, EnsembleRow


def write_ensemble_report(report: EnsembleReport, path: Path) -> None:
    """Write the page, one self-contained UTF-8 HTML file, atomically. Raises InputError when it cannot be written."""
    both = (best(report, "member"), best(report, "combination"))
    shown = [confusion_side(row, _title(report, row), report.classes, k) for k, row in enumerate(both)]
    copies = any(words.defined(row.accuracy_without_copies) for row in report.rows)
    page = render(
        "ensemble.html",
        title=f"Ensemble on {report.data}",
        report=report.provenance,
        data=report.data,
        split=report.split,
        sentence=summary(report),
        facts=_facts(report),
        rows=[_row(report, row) for row in report.rows],
        copies=copies,
        bars=accuracy_bars([(_title(report, row), [row]) for row in report.rows], ["accuracy"]),
        shown=shown,
        notes=_notes(report),
        provenance=provenance(report.provenance),
    )
    write_atomically(path, page)


def best(report: EnsembleReport, kind: str) -> EnsembleRow:
    """The row of a kind (`member`, `combination`) with the highest accuracy; the first of equal ones."""
    return max((row for row in report.rows if row.kind == kind), key=lambda row: words.number(row.accuracy))


def summary(report: EnsembleReport) -> str:
    """The result in one sentence: the best combination against the best member."""
    alone, together = best(report, "member"), best(report, "combination")
    change, interval = difference_words(together.over_best_member)
    begin = (
        f"{together.title[0].upper()}{together.title[1:]} has an accuracy of {words.percent(together.accuracy)} on "
        f"{words.count(report.images)} clips, the best member, {_title(report, alone)}, of {words.percent(alone.accuracy)}"
    )
    return begin + (f": {change} points (95{words.SPACE}% interval {interval})." if interval else f": {change} points.")


def console_table(report: EnsembleReport) -> str:
    """All rows and the summary sentence, as plain text for a terminal."""
    rows = [["", "accuracy", "95 % interval", "macro-F1", "ECE", "over best member"]]
    for row in report.rows:
        (accuracy, interval), (f1, _), (ece, _) = cells(row)
        change, span = difference_words(None if row.name == report.best_member else row.over_best_member)
        rows.append([_title(report, row), accuracy, interval, f1, ece, f"{change} ({span})" if span else change])
    return "\n".join([plain_table(rows), "", as_ascii(summary(report)), f"Fitted on {_fitted(report)}.", *report.notes])


def _fitted(report: EnsembleReport) -> str:
    about = report.fitted_on
    return f"{words.count(about['clips'])} clips of {words.count(about['people'])} people ({about['words']})"


def _row(report: EnsembleReport, row: EnsembleRow) -> dict[str, Any]:
    is_best = row.name == report.best_member
    return {
        **vars(row),
        "title": _title(report, row),
        "cells": cells(row),
        "change": difference_words(None if is_best else row.over_best_member),
        "remark": "best member" if is_best else "member" if row.kind == "member" else "",
    }


def _title(report: EnsembleReport, row: EnsembleRow) -> str:
    """Members by their short names, or by their full names where two short ones are equal."""
    shorts = [short_name(member.name) for member in report.members]
    if row.kind != "member" or len(set(shorts)) < len(shorts):
        return row.title
    return short_name(row.name)


def _facts(report: EnsembleReport) -> list[tuple[str, str, str]]:
    about = report.fitted_on
    size = sum(member.parameters for member in report.members)
    return [
        ("Members", str(len(report.members)), f"{words.count(size)} parameters together"),
        ("Features", words.count(report.features), "of all members, concatenated"),
        (
            "Fitted on",
            f"{words.count(about['clips'])} clips",
            f"{about['words']}; {words.count(about['people'])} people",
        ),
        ("Scored on", f"{words.count(report.images)} clips", f"{report.data}, split: {report.split}"),
        ("Time", words.duration(report.seconds), words.moment(report.created)),
    ]


def _notes(report: EnsembleReport) -> list[str]:
    about, notes = report.fitted_on, list(report.notes)
    notes += [
        "Intervals are 95 % percentile bootstrap intervals over people, 1,000 draws. The last column is the difference of accuracies on the same "
        "clips, resampled together. The best member is chosen on the scored split itself, which makes its score slightly too high.",
        "The clips that the combinations are fitted on and the scored clips have no person in common. Members are scored with their own "
        "temperature; the averages are of these probabilities, the weighted one with "
        + ", ".join(
            f"{weight:.2f} {short_name(m.name)}" for weight, m in zip(report.weights, report.members, strict=True)
        )
        + ".",
        "With one logistic regression per emotion the class with the highest score is predicted, and the scores are divided by their sum to be "
        "probabilities. Clips are labelled by the sum of their frames' probabilities.",
    ]
    if about.get("left_out_copies"):
        notes.append(
            f"{about['left_out_copies']} clips with duplicates among the scored clips were left out of the fit."
        )
    for row in report.rows:
        if row.strength_chosen is False:
            notes.append(
                f"{row.title}: too few people for choosing the penalty by cross-validation; C = {row.strength:g}."
            )
        if row.converged is False:
            notes.append(f"{row.title}: the optimiser did not converge; its scores may be slightly too low.")
    return notes
