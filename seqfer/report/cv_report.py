"""Writes the page of `seqfer cv` from the record that is written as report.json.

The page begins with the result in one sentence and has everything needed to judge and to reproduce it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup
from scipy.special import stdtrit  # scipy.stats is slow to import

from seqfer.core.files import write_atomically
from seqfer.report import charts, curves, words
from seqfer.report.cv_text import (
    all_comparisons,
    console_table,
    facts,
    heads_of,
    notes,
    others,
    summary,
    title_of,
)
from seqfer.report.page import render
from seqfer.report.tables import confusion, per_class, provenance
from seqfer.runs.kinds.cv import CvHead, CvReport
from seqfer.runs.results import Comparison, HeadsTest

__all__ = ["console_table", "interval", "summary", "write_cv_report"]


def write_cv_report(report: CvReport, path: Path) -> None:
    """Write the page, one self-contained UTF-8 HTML file, atomically.

    Raises InputError when there is no head in the report or when the page cannot be written.
    """
    heads, classes = heads_of(report.heads), report.protocol.classes
    loss_max = max(curves.largest_loss(head.curves) for head in heads.values())
    views = [_head(head, k, classes, loss_max) for k, head in enumerate(heads.values())]
    page = render(
        "cv.html",
        title=f"{report.protocol.corpus}: {', '.join(head.title for head in heads.values())}",
        report=report.provenance,
        corpus=report.protocol.corpus,
        sentence=summary(report),
        others=others(report),
        facts=facts(report.protocol, report.provenance),
        heads=views,
        runs=_run_names(heads),
        scatter=_scatter(heads),
        dots=_dots(views, classes),
        comparisons=[_comparison(c, heads) for c in all_comparisons(report)],
        forest=_forest(report),
        notes=notes(report),
        provenance=provenance(report.provenance),
    )
    write_atomically(path, page)


def interval(compared: HeadsTest) -> tuple[float, float]:
    """95 % interval of the difference that belongs to the test: difference -/+ t quantile times standard error."""
    half = float(stdtrit(compared.df, 0.975)) * compared.standard_error if compared.df > 0 else float("nan")
    return compared.difference - half, compared.difference + half


def _head(head: CvHead, series: int, classes: Sequence[str], loss_max: float) -> dict[str, Any]:
    learns = curves.largest_loss(head.curves) > 0
    return {
        **vars(head),
        "key": charts.key(series),
        "table": confusion(head.confusion, classes),
        "fold_tables": [[confusion(table, classes) for table in repeat] for repeat in head.confusions],
        "classes": per_class(head.per_class, classes),
        "curve_picture": curves.learning_curves(head.title, head.curves, loss_max, series) if learns else None,
        "reliability_picture": curves.reliability(head.title, head.reliability, head.ece, series)
        if head.reliability
        else None,
    }


def _run_names(heads: Mapping[str, CvHead]) -> list[tuple[int, int]]:
    first = next(iter(heads.values()))
    return [(r, f) for r, repeat in enumerate(first.error_rates) for f in range(len(repeat))]


def _scatter(heads: Mapping[str, CvHead]) -> Markup:
    runs = _run_names(heads)
    columns = [
        charts.Column(
            head.title,
            [words.number(head.error_rates[r][f]) for r, f in runs],
            words.number(head.error_rate_mean),
            words.number(head.error_rate_sem),
        )
        for head in heads.values()
    ]
    return charts.fold_scatter(columns, [f"repeat {r + 1}, fold {f + 1}" for r, f in runs])


def _dots(views: Sequence[Mapping[str, Any]], classes: Sequence[str]) -> Markup:
    return charts.class_dots(
        classes, [(v["title"], [words.number(row["f1"]) for row in v["classes"]]) for v in views], "F1"
    )


def _comparison(compared: Comparison, heads: Mapping[str, CvHead]) -> dict[str, Any]:
    return {**vars(compared), "title": _versus(compared, heads)}


def _versus(compared: Comparison, heads: Mapping[str, CvHead]) -> str:
    first, second = (title_of(name, heads) for name in compared.heads)
    return f"{first} \u2212 {second}"


def _forest(report: CvReport) -> Markup | None:
    rows = [
        (_versus(c, report.heads), charts.Value(words.number(c.difference), *interval(c)), words.p_value(c.p_value))
        for c in all_comparisons(report)
    ]
    return charts.forest(rows) if rows else None
