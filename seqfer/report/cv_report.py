"""Writes the page of `seqfer cv` from the same dictionary as report.json.

The page begins with the result in one sentence and has everything needed to judge and to reproduce it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scipy import stats

from seqfer.core.files import write_atomically
from seqfer.report import charts, curves, words
from seqfer.report.cv_text import all_comparisons, console_table, facts, heads_of, notes, others, summary
from seqfer.report.page import render
from seqfer.report.tables import confusion, per_class, provenance

__all__ = ["console_table", "summary", "write_cv_report"]

Report = Mapping[str, Any]
_OPTIONAL = (
    "macro_f1",
    "undefined",
    "ece",
    "parameters",
    "parameters_stated",
    "parameters_encoder",
    "error_rate_sem_over",
)


def write_cv_report(report: Report, path: Path) -> None:
    """Write the page, one self-contained UTF-8 HTML file, atomically.

    `report` is what `seqfer cv` writes as report.json: rates are fractions, undefined ones None or NaN. Raises InputError when there is
    no head in it or when the page cannot be written.
    """
    heads = heads_of(report)
    loss_max = max(curves.largest_loss(head.get("curves") or ()) for head in heads.values())
    views = [
        _head(name, head, k, report["protocol"]["classes"], loss_max) for k, (name, head) in enumerate(heads.items())
    ]
    page = render(
        "cv.html",
        title=f"{report['protocol']['corpus']}: {', '.join(view['title'] for view in views)}",
        report=report,
        sentence=summary(report),
        others=others(report),
        facts=facts(report),
        heads=views,
        runs=_run_names(report),
        scatter=_scatter(heads, report),
        dots=_dots(views, report["protocol"]["classes"]),
        comparisons=[_comparison(c, heads) for c in all_comparisons(report)],
        forest=_forest(report, heads),
        notes=notes(report),
        provenance=provenance(report),
    )
    write_atomically(path, page)


def _head(name: str, head: Mapping[str, Any], series: int, classes: Sequence[str], loss_max: float) -> dict[str, Any]:
    bins = head.get("reliability")
    has_curves = head.get("curves") and curves.largest_loss(head["curves"]) > 0
    return {
        **dict.fromkeys(_OPTIONAL),
        **head,
        "name": name,
        "key": charts.key(series),
        "table": confusion(head["confusion"], classes),
        "fold_tables": [[confusion(table, classes) for table in repeat] for repeat in head.get("confusions") or ()],
        "classes": per_class(head["per_class"], classes),
        "curve_picture": curves.learning_curves(head["title"], head["curves"], loss_max, series)
        if has_curves
        else None,
        "reliability_picture": curves.reliability(head["title"], bins, head.get("ece"), series) if bins else None,
    }


def _run_names(report: Report) -> list[tuple[int, int]]:
    first = next(iter(report["heads"].values()))
    return [(r, f) for r, repeat in enumerate(first["error_rates"]) for f in range(len(repeat))]


def _scatter(heads: Mapping[str, Any], report: Report) -> Any:
    columns = [
        charts.Column(
            head["title"],
            [words.number(head["error_rates"][r][f]) for r, f in _run_names(report)],
            words.number(head.get("error_rate_mean")),
            words.number(head.get("error_rate_sem")),
        )
        for head in heads.values()
    ]
    return charts.fold_scatter(columns, [f"repeat {r + 1}, fold {f + 1}" for r, f in _run_names(report)])


def _dots(views: Sequence[Mapping[str, Any]], classes: Sequence[str]) -> Any:
    return charts.class_dots(
        classes, [(v["title"], [words.number(row["f1"]) for row in v["classes"]]) for v in views], "F1"
    )


def _comparison(compared: Mapping[str, Any], heads: Mapping[str, Any]) -> dict[str, Any]:
    low, high = _interval(compared)
    return {**compared, "title": _versus(compared, heads), "low": low, "high": high}


def _versus(compared: Mapping[str, Any], heads: Mapping[str, Any]) -> str:
    first, second = ((heads.get(name) or {"title": name})["title"] for name in compared["heads"])
    return f"{first} \u2212 {second}"


def _interval(compared: Mapping[str, Any]) -> tuple[float, float]:
    """95 % interval of the difference that belongs to the test: difference -/+ t quantile times standard error."""
    difference, error, df = (words.number(compared.get(k)) for k in ("difference", "standard_error", "df"))
    half = float(stats.t.ppf(0.975, df)) * error if df > 0 else float("nan")
    return difference - half, difference + half


def _forest(report: Report, heads: Mapping[str, Any]) -> Any:
    rows = []
    for compared in all_comparisons(report):
        value = charts.Value(words.number(compared.get("difference")), *_interval(compared))
        rows.append((_versus(compared, heads), value, words.p_value(compared.get("p_value"))))
    return charts.forest(rows) if rows else None
