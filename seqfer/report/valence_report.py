"""Writes the page of `seqfer cv --task valence` from the record that is written as report.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seqfer.core.files import write_atomically
from seqfer.report import charts, curves, valence_charts, words
from seqfer.report.cv_report import interval
from seqfer.report.cv_text import heads_of
from seqfer.report.page import render
from seqfer.report.tables import provenance
from seqfer.report.valence_text import (
    DIGITS,
    NAMES,
    SHOWN,
    all_comparisons,
    console_table,
    facts,
    notes,
    others,
    score,
    summary,
    versus,
)
from seqfer.runs.kinds.cv_valence import CvValenceReport, ValenceComparison, ValenceHead

__all__ = ["console_table", "summary", "write_valence_report"]

PICTURED = ("ccc", "rmse")


def write_valence_report(report: CvValenceReport, path: Path) -> None:
    """Write the page, one self-contained UTF-8 HTML file, atomically.

    Raises InputError when there is no head in the report or when the page cannot be written.
    """
    heads = heads_of(report.heads)
    loss_max = max(curves.largest_loss(head.curves) for head in heads.values())
    # the constant is far from every head and would compress the axis of a chart, so it is in the tables only
    shown = {name: head for name, head in heads.items() if head.parameters_encoder is not None} or heads
    forests = {m: [c for c in all_comparisons(report, m) if set(c.heads) <= set(shown)] for m in PICTURED}
    runs = _runs(heads)
    page = render(
        "cv_valence.html",
        title=f"{report.protocol.corpus}, valence: {', '.join(head.title for head in heads.values())}",
        report=report.provenance,
        corpus=report.protocol.corpus,
        sentence=summary(report),
        others=others(report),
        facts=facts(report),
        measures=[NAMES[measure] for measure in SHOWN],
        heads=[{**_head(head, k, loss_max), "shown": name in shown} for k, (name, head) in enumerate(heads.items())],
        runs=runs,
        scatters=[_scatter(measure, shown, runs) for measure in PICTURED],
        fold_rows=_fold_rows(heads, runs),
        forests=[_forest(rows, measure, shown) for measure, rows in forests.items() if rows],
        comparisons=[_comparison(compared, heads) for compared in all_comparisons(report)],
        examples=_examples(report, heads),
        example_head=_example_head(report, heads),
        notes=notes(report),
        provenance=provenance(report.provenance),
    )
    write_atomically(path, page)


def _head(head: ValenceHead, series: int, loss_max: float) -> dict[str, Any]:
    both = f"CCC {score(head.scores['ccc'])}, RMSE {score(head.scores['rmse'])}"
    learns = curves.largest_loss(head.curves) > 0
    return {
        "title": head.title,
        "key": charts.key(series),
        "scores": [score(head.scores[measure]) for measure in SHOWN],
        "parameters": head.parameters,
        "parameters_encoder": head.parameters_encoder,
        "sem_over": head.sem_over,
        "agreement": valence_charts.agreement(head.title, head.density, both, series),
        "curve_picture": curves.learning_curves(head.title, head.curves, loss_max, series) if learns else None,
    }


def _runs(heads: Mapping[str, ValenceHead]) -> list[tuple[int, int]]:
    folds = next(iter(heads.values())).scores["ccc"].folds
    return [(r, f) for r, repeat in enumerate(folds) for f in range(len(repeat))]


def _scatter(measure: str, heads: Mapping[str, ValenceHead], runs: list[tuple[int, int]]) -> dict[str, Any]:
    columns = []
    for head in heads.values():
        scores = head.scores[measure]
        values = [words.number(scores.folds[r][f]) for r, f in runs]
        columns.append(charts.Column(head.title, values, words.number(scores.mean), words.number(scores.sem)))
    names = [f"repeat {r + 1}, fold {f + 1}" for r, f in runs]
    hint = "higher is better" if measure == "ccc" else "lower is better"
    return {
        "name": NAMES[measure],
        "hint": hint,
        "picture": valence_charts.fold_scores(NAMES[measure], columns, names),
    }


def _fold_rows(heads: Mapping[str, ValenceHead], runs: list[tuple[int, int]]) -> list[tuple[str, list[str]]]:
    """(repeat and fold, CCC and RMSE of every head)."""
    return [
        (
            f"{r + 1}, {f + 1}",
            [
                words.decimal(head.scores[measure].folds[r][f], DIGITS)
                for head in heads.values()
                for measure in PICTURED
            ],
        )
        for r, f in runs
    ]


def _comparison(compared: ValenceComparison, heads: Mapping[str, ValenceHead]) -> dict[str, Any]:
    return {**vars(compared), "title": _title(compared, heads), "name": NAMES[compared.measure]}


def _title(compared: ValenceComparison, heads: Mapping[str, ValenceHead]) -> str:
    return " \u2212 ".join(versus(compared, heads))


def _forest(comparisons: Sequence[ValenceComparison], measure: str, heads: Mapping[str, ValenceHead]) -> dict[str, Any]:
    rows = []
    for compared in comparisons:
        value = charts.Value(words.number(compared.difference), *interval(compared))
        rows.append((_title(compared, heads), value, words.p_value(compared.p_value)))
    return {"name": NAMES[measure], "picture": valence_charts.differences(NAMES[measure], rows, measure != "rmse")}


def _examples(report: CvValenceReport, heads: Mapping[str, ValenceHead]) -> list[dict[str, Any]]:
    numbers = {name: k for k, name in enumerate(heads)}
    found = []
    for one in report.examples:
        place = {1: "best", one.of: "worst"}.get(one.rank, f"{one.rank} of {one.of}")
        error = f"RMSE {words.decimal(one.rmse, DIGITS)}"
        span = f"true valence from {words.decimal(min(one.truth))} to {words.decimal(max(one.truth))}"
        lines = {numbers[name]: trace for name, trace in one.heads.items() if name in numbers}
        picture = valence_charts.clip_trace(one.clip, one.truth, lines, f"{place}, {error}; {span}")
        found.append({"clip": one.clip, "words": f"{place}, {error}", "picture": picture})
    return found


def _example_head(report: CvValenceReport, heads: Mapping[str, ValenceHead]) -> str:
    chosen = next((one.head for one in report.examples), "")
    return heads[chosen].title if chosen in heads else ""
