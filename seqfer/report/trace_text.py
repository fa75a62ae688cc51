"""The text of `seqfer evaluate-trace`: its result in one sentence, its tables, the output on the terminal, and the warnings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seqfer.core.repeated import counted
from seqfer.metrics.traces import MEASURES
from seqfer.raters.settings import NONE
from seqfer.report import words
from seqfer.runs.kinds.evaluate_trace import (
    ComparedFilm,
    EvaluateTraceReport,
    RaterAgreement,
    TraceFigure,
    TraceRater,
    TraceSummary,
)
from seqfer.traces.request import AUTO

SIDES = {"as_rated": "as rated", "lag_corrected": "delay removed"}
_DIGITS = {"rmse": 4, "mae": 4, "ccc": 3, "pcc": 3, "sagr": 3}
MEAN_ROW, POOLED_ROW = "mean of videos", "pooled"
_FIRST = ("rmse", "ccc")  # the measures of the sentence


def figure_title(side: str, every_s: float | None, smoothing: str = "") -> str:
    """The title of a kind of figure: "as rated", "every 2 s, delay removed, prediction smoothed (SD 1 s)"."""
    return (
        (f"every {every_s:g}{words.SPACE}s, " if every_s else "")
        + SIDES[side]
        + (f", {smoothing}" if smoothing else "")
    )


def smoothing_words(report: EvaluateTraceReport) -> str:
    """How the smoothed figures were smoothed; empty where there are none."""
    asked = str(report.settings.get("smooth", NONE))
    if asked == NONE:
        return ""
    sd = "SD chosen on the other videos" if asked == AUTO else f"SD {float(asked):g}{words.SPACE}s"
    return f"prediction smoothed ({sd})"


def smoothing_choice(report: EvaluateTraceReport) -> str:
    """Which SD was chosen for which videos with --smooth auto; else empty."""
    chosen = report.smoothing
    if chosen is None:
        return ""
    counts = [
        f"{sd_s:g}{words.SPACE}s for {sum(one == sd_s for one in chosen.films.values())} of {len(chosen.films)} videos"
        for sd_s in sorted(set(chosen.films.values()))
    ]
    grid = ", ".join(f"{sd_s:g}" for sd_s in chosen.grid_s)
    return (
        f"Smoothing: SD of the Gaussian chosen from {grid}{words.SPACE}s by the mean CCC of the other videos: {', '.join(counts)}; "
        f"on all videos {chosen.on_all_films_s:g}{words.SPACE}s."
    )


def sentence(report: EvaluateTraceReport) -> str:
    """The result in words: the last kind of figure that was requested, without smoothing."""
    if not report.films:
        return f"None of the {len(report.failed)} videos could be compared."
    if len(report.films) > 1:
        last = [kind for kind in report.summary if not kind.smoothed][-1]
        return f"{len(report.films)} videos, {figure_title(last.side, last.every_s)}: {_means(last)}"
    film = report.films[0]
    figure = [one for one in film.figures if one.smooth_s is None][-1]
    raters = len(film.raters)
    whom = f"the {'mean' if report.settings['fusion'] == 'mean' else 'weighted mean'} of {raters} raters"
    against = whom if raters > 1 else "one rater"
    return f"{film.film}: {_both(figure)} against {against}, {figure_title(figure.side, figure.every_s)}."


def smoothed_sentence(report: EvaluateTraceReport) -> str:
    """The same of the smoothed prediction; empty where none was compared."""
    many = len(report.films) > 1
    figures = (
        [] if many else [_both(one) + "." for film in report.films for one in film.figures if one.smooth_s is not None]
    )
    said = [_means(kind) for kind in report.summary if kind.smoothed] if many else figures
    smoothing = smoothing_words(report)
    return f"{smoothing[:1].upper()}{smoothing[1:]}: {said[-1]}" if said else ""


def _means(kind: TraceSummary) -> str:
    """Means over videos, and the pooled figures."""
    means = ", ".join(
        f"{name.upper()} {figure_number(kind.mean[name], name)} ± {figure_number(kind.sd[name], name)}"
        for name in _FIRST
    )
    if kind.pooled is None:
        return f"{means} (mean ± SD over videos)."
    pooled = ", ".join(f"{name.upper()} {figure_number(getattr(kind.pooled, name), name)}" for name in _FIRST)
    return f"{means} (mean ± SD over videos). Pooled over all {words.count(kind.pooled.n)} values: {pooled}."


def _both(figure: TraceFigure) -> str:
    return " and ".join(f"{name.upper()} {figure_number(getattr(figure, name), name)}" for name in _FIRST)


def tables(report: EvaluateTraceReport) -> list[dict[str, Any]]:
    """Per kind of figure a row per video and, where there are several, the rows of means and of pooled figures:
    [{title, rows: [(film, n, cells)], mean, pooled: (n, cells)}]."""
    found = []
    many = len(report.films) > 1
    for kind in report.summary:
        rows = [
            (film.film, one.n, _cells(one)) for film in report.films for one in film.figures if one.kind == kind.kind
        ]
        mean = [
            (figure_number(kind.mean[name], name), f"± {figure_number(kind.sd[name], name)}" + _of(kind, name))
            for name in MEASURES
        ]
        pooled = kind.pooled and [(figure_number(getattr(kind.pooled, name), name), "") for name in MEASURES]
        found.append(
            {
                "title": figure_title(kind.side, kind.every_s, smoothing_words(report) if kind.smoothed else ""),
                "rows": rows,
                "mean": mean if many else None,
                "pooled": (kind.pooled.n, pooled) if many and kind.pooled else None,
            }
        )
    return found


def console(report: EvaluateTraceReport) -> str:
    """The same for the terminal: a table per kind of figure, then delays, agreement, coverage and notes."""
    lines = list[str]()
    many = len(report.films) > 1
    width = max(len(name) for name in [*(film.film for film in report.films), MEAN_ROW if many else "video"])
    for table in tables(report):
        lines.append(f"{table['title']}:")
        head = "".join(f"  {name.upper():<25}" for name in MEASURES)
        lines.append(f"  {'video':<{width}}  {'n':>6}{head}".rstrip())
        rows = [(name, str(n), cells) for name, n, cells in table["rows"]]
        if table["mean"]:
            rows.append((MEAN_ROW, "", table["mean"]))
        if table["pooled"]:
            rows.append((POOLED_ROW, *table["pooled"]))
        for name, n, cells in rows:
            shown = "".join(f"  {' '.join(cell):<25}" for cell in cells)
            lines.append(f"  {name:<{width}}  {n:>6}{shown}".rstrip())
    lines += [line for film in report.films for line in _told(film, many)]
    lines += [choice] if (choice := smoothing_choice(report)) else []
    lines += [f"Note: {line}" for line in warnings(report)]
    return "\n".join(lines).replace(words.SPACE, " ")


def _told(film: ComparedFilm, many: bool) -> list[str]:
    begin = f"{film.film}: " if many else ""
    lags = ", ".join(f"{rater.name} {delay(rater)}" for rater in film.raters)
    told = [
        f"{begin}{words.percent(film.coverage.of_annotated)} of the annotated time is predicted, "
        f"{words.percent(film.coverage.of_predicted)} of the predicted time annotated; blocks of {film.figures[0].block_s:g} s",
        f"{begin}delay of raters: {lags}; {'removed' if film.lag.applied else 'not removed (--lag estimate does)'}",
    ]
    for side, values in film.agreement.items():
        told.append(f"{begin}agreement of {values.raters} raters, {SIDES[side]}: {_agreement(values)}")
    return told


def _agreement(values: RaterAgreement) -> str:
    named = (("ICC(2,k)", values.icc2k), ("ICC(3,k)", values.icc3k), ("alpha", values.alpha))
    return ", ".join(f"{name} {words.decimal(value)}" for name, value in named)


def delay(rater: TraceRater) -> str:
    """A rater's estimated delay with the correlation there."""
    if not words.defined(rater.lag_s):
        return words.UNDEFINED
    return f"{words.decimal(rater.lag_s)} s (r {words.decimal(rater.lag_correlation)})"


def warnings(report: EvaluateTraceReport) -> list[str]:
    """Warnings: notes of videos, failures, and files without a match. What several videos have in common is one line with a count."""
    films = [(film.film, line) for film in report.films for line in film.warnings]
    said = counted(films, len(report.films)) if len(report.films) > 1 else [line for _, line in films]
    failed = [(failed["film"], failed["problem"]) for failed in report.failed]
    said += counted(failed, len(report.films) + len(failed), " could not be compared")
    for names, what in (
        (report.without_annotation, "without annotation"),
        (report.without_prediction, "without prediction"),
    ):
        if names:
            said.append(f"{len(names)} {what}: {', '.join(Path(name).name for name in names)}.")
    return said


def _cells(figure: TraceFigure) -> list[tuple[str, str]]:
    """(value, interval) of every measure."""
    cells = []
    for name in MEASURES:
        low, high = figure.intervals[name]
        interval = f"[{figure_number(low, name)}, {figure_number(high, name)}]" if words.defined(low) else ""
        cells.append((figure_number(getattr(figure, name), name), interval))
    return cells


def _of(kind: TraceSummary, name: str) -> str:
    """States how many videos a mean is over, where not all."""
    return "" if kind.count[name] == kind.films else f" ({kind.count[name]} of {kind.films} videos)"


def figure_number(value: Any, name: str) -> str:
    """A measure's value with its usual digits."""
    return words.decimal(value, _DIGITS[name])
