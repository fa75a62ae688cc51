"""The text of `seqfer evaluate-trace`: its result in one sentence, its tables, the output on the terminal, and the warnings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seqfer.metrics.traces import MEASURES
from seqfer.report import words

Report = Mapping[str, Any]
SIDES = {"as_rated": "as rated", "lag_corrected": "delay removed"}
_DIGITS = {"rmse": 4, "mae": 4, "ccc": 3, "pcc": 3, "sagr": 3}


def figure_title(side: str, every_s: float | None) -> str:
    """The title of a kind of figure: "as rated", "every 2 s, delay removed"."""
    return (f"every {every_s:g}{words.SPACE}s, " if every_s else "") + SIDES[side]


def sentence(report: Report) -> str:
    """The result in one sentence: the last kind of figure that was requested."""
    films, summary = report["films"], report["summary"]
    if not films:
        return f"None of the {len(report['failed'])} videos could be compared."
    if len(films) > 1:
        last = summary[-1]
        means = ", ".join(
            f"{name.upper()} {figure_number(last['mean'][name], name)} ± {figure_number(last['sd'][name], name)}"
            for name in ("rmse", "ccc")
        )
        return f"{len(films)} videos, {figure_title(last['side'], last['every_s'])}: {means} (mean ± SD over videos)."
    film, last = films[0], films[0]["figures"][-1]
    raters = len(film["raters"])
    whom = f"the {'mean' if report['settings']['fusion'] == 'mean' else 'weighted mean'} of {raters} raters"
    figures = " and ".join(f"{name.upper()} {figure_number(last[name], name)}" for name in ("rmse", "ccc"))
    return f"{film['film']}: {figures} against {whom if raters > 1 else 'one rater'}, {figure_title(last['side'], last['every_s'])}."


def tables(report: Report) -> list[dict[str, Any]]:
    """Per kind of figure a row per video, and the row of means where there are several: [{title, rows: [(film, n, cells)], mean}]."""
    found = []
    for kind in report["summary"]:
        rows = [
            (film["film"], one["n"], _cells(one))
            for film in report["films"]
            for one in film["figures"]
            if (one["side"], one["every_s"]) == (kind["side"], kind["every_s"])
        ]
        mean = [
            (figure_number(kind["mean"][name], name), f"± {figure_number(kind['sd'][name], name)}" + _of(kind, name))
            for name in MEASURES
        ]
        found.append(
            {
                "title": figure_title(kind["side"], kind["every_s"]),
                "rows": rows,
                "mean": mean if len(report["films"]) > 1 else None,
            }
        )
    return found


def console(report: Report) -> str:
    """The same for the terminal: a table per kind of figure, then delays, agreement, coverage and notes."""
    lines = list[str]()
    width = max([len(film["film"]) for film in report["films"]] + [4])
    for table in tables(report):
        lines.append(f"{table['title']}:")
        head = "".join(f"  {name.upper():<25}" for name in MEASURES)
        lines.append(f"  {'video':<{width}}  {'n':>6}{head}".rstrip())
        rows = [(name, str(n), cells) for name, n, cells in table["rows"]]
        if table["mean"]:
            rows.append(("mean", "", table["mean"]))
        for name, n, cells in rows:
            shown = "".join(f"  {' '.join(cell):<25}" for cell in cells)
            lines.append(f"  {name:<{width}}  {n:>6}{shown}".rstrip())
    lines += [line for film in report["films"] for line in _told(film, len(report["films"]) > 1)]
    lines += [f"Note: {line}" for line in warnings(report)]
    return "\n".join(lines).replace(words.SPACE, " ")


def _told(film: Report, many: bool) -> list[str]:
    begin = f"{film['film']}: " if many else ""
    coverage = film["coverage"]
    lags = ", ".join(f"{rater['name']} {delay(rater)}" for rater in film["raters"])
    told = [
        f"{begin}{words.percent(coverage['of_annotated'])} of the annotated time is predicted, "
        f"{words.percent(coverage['of_predicted'])} of the predicted time annotated; blocks of {film['figures'][0]['block_s']:g} s",
        f"{begin}delay of raters: {lags}; {'removed' if film['lag']['applied'] else 'not removed (--lag estimate does)'}",
    ]
    for side, values in film["agreement"].items():
        told.append(f"{begin}agreement of {values['raters']} raters, {SIDES[side]}: {_agreement(values)}")
    return told


def _agreement(values: Report) -> str:
    names = (("ICC(2,k)", "icc2k"), ("ICC(3,k)", "icc3k"), ("alpha", "alpha"))
    return ", ".join(f"{name} {words.decimal(values[key])}" for name, key in names)


def delay(rater: Report) -> str:
    """A rater's estimated delay with the correlation there."""
    if not words.defined(rater["lag_s"]):
        return words.UNDEFINED
    return f"{words.decimal(rater['lag_s'])} s (r {words.decimal(rater['lag_correlation'])})"


def warnings(report: Report) -> list[str]:
    """Warnings: notes of videos, failures, and files without a match."""
    many = len(report["films"]) > 1
    said = [f"{film['film']}: {line}" if many else line for film in report["films"] for line in film["warnings"]]
    said += [f"{failed['film']} could not be compared: {failed['problem']}" for failed in report["failed"]]
    for key, what in (("without_annotation", "without annotation"), ("without_prediction", "without prediction")):
        if report[key]:
            said.append(f"{len(report[key])} {what}: {', '.join(Path(name).name for name in report[key])}.")
    return said


def _cells(figure: Report) -> list[tuple[str, str]]:
    """(value, interval) of every measure."""
    cells = []
    for name in MEASURES:
        low, high = figure["intervals"][name]
        interval = f"[{figure_number(low, name)}, {figure_number(high, name)}]" if words.defined(low) else ""
        cells.append((figure_number(figure[name], name), interval))
    return cells


def _of(kind: Report, name: str) -> str:
    """States how many videos a mean is over, where not all."""
    return "" if kind["count"][name] == kind["films"] else f" ({kind['count'][name]} of {kind['films']} videos)"


def figure_number(value: Any, name: str) -> str:
    """A measure's value with its usual digits."""
    return words.decimal(value, _DIGITS[name])
