"""Rows of scores with intervals, for the pages, charts and terminal tables of ensembles and transfers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from seqfer.report import charts, curves, words
from seqfer.report.tables import confusion, per_class
from seqfer.runs.results import Difference, IntervalScores

_PLAIN = str.maketrans({words.SPACE: " ", "\u00b1": "+/-", "\u2212": "-", "\u2013": "-"})


def short_name(model: str) -> str:
    """The name of a model in a table: that of its file, or of its folder for a run's encoder.safetensors."""
    if not model.endswith(".safetensors"):
        return model
    path = Path(model)
    return path.parent.name if path.stem == "encoder" and path.parent.name else path.stem


def value(row: IntervalScores, measure: str) -> charts.Value:
    """A measure (`accuracy`, `macro_f1`, `ece`) of a row with its interval; undefined values are NaN."""
    low, high = row.intervals[measure]
    return charts.Value(words.number(getattr(row, measure)), words.number(low), words.number(high))


def interval_words(shown: charts.Value) -> str:
    """ "68.5 to 71.5 %", or "" where there is no interval."""
    if not words.defined(shown.low):
        return ""
    return f"{shown.low * 100:.1f} to {words.percent(shown.high)}"


def cells(row: IntervalScores) -> list[tuple[str, str]]:
    """(value, interval) of accuracy, macro-F1 and ECE, as text."""
    found = [value(row, measure) for measure in ("accuracy", "macro_f1", "ece")]
    return [(words.percent(v.value), interval_words(v)) for v in found]


def difference_words(difference: Difference | None) -> tuple[str, str]:
    """A difference of accuracies in percentage points and its interval; ("-", "") where there is none."""
    if difference is None or not words.defined(difference.value):
        return "\u2013", ""
    known = words.defined(difference.low)
    between = f"{words.points(difference.low)} to {words.points(difference.high)}" if known else ""
    return words.points(difference.value), between


def confusion_side(row: IntervalScores, title: str, classes: Sequence[str], series: int) -> dict[str, Any]:
    """The details of one row for a page: confusions over the classes that occur or were predicted, classes, confidence."""
    counts = row.confusion
    seen = [k for k in range(len(classes)) if any(counts[k]) or any(line[k] for line in counts)]
    kept = [classes[k] for k in seen]
    return {
        "title": title,
        "key": charts.key(series),
        "table": confusion([[counts[i][j] for j in seen] for i in seen], kept),
        "classes": per_class(row.per_class, kept),
        "reliability_picture": curves.reliability(title, row.reliability, row.ece, series),
    }


def accuracy_bars(rows: Sequence[tuple[str, Sequence[IntervalScores | None]]], series: Sequence[str]) -> Markup:
    """Accuracies as horizontal bars with their intervals: one row per title, one bar per series."""
    blank = charts.Value(float("nan"))
    shown = [(title, [value(r, "accuracy") if r else blank for r in found]) for title, found in rows]
    return charts.bars(shown, series, "accuracy")


def as_ascii(text: str) -> str:
    """The text in ASCII, which every terminal can show."""
    return text.translate(_PLAIN)


def plain_table(rows: Sequence[Sequence[str]]) -> str:
    """Columns in plain ASCII for a terminal, the first line being the headings; the first column is left-aligned."""
    lines = [[as_ascii(cell) for cell in row] for row in rows]
    widths = [max(len(row[k]) for row in lines) for k in range(len(lines[0]))]
    made = [
        "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))]).rstrip()
        for row in lines
    ]
    made.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(made)
