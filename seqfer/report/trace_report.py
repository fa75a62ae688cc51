"""Writes the page of `seqfer evaluate-trace`: figures with intervals, both traces with the raters' standard deviation, raters, delays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from seqfer.core.files import write_atomically
from seqfer.metrics.traces import MEASURES
from seqfer.raters.alignment import Aligned
from seqfer.report import trace_chart, words
from seqfer.report.page import render
from seqfer.report.tables import provenance
from seqfer.report.trace_text import (
    SIDES,
    delay,
    figure_number,
    figure_title,
    sentence,
    smoothed_sentence,
    smoothing_choice,
    smoothing_words,
    tables,
    warnings,
)
from seqfer.runs.kinds.evaluate_trace import ComparedFilm, EvaluateTraceReport

DRAWN = 60  # videos with a chart


def write_trace_report(report: EvaluateTraceReport, aligned: Mapping[str, Aligned], path: Path) -> None:
    """Write the page atomically. `aligned` are the bins of the report's videos by stem.

    Raises InputError when it cannot be written.
    """
    films = [_view(film, aligned[film.film] if k < DRAWN else None, report) for k, film in enumerate(report.films)]
    asked = {key: value for key, value in report.settings.items() if value not in ("", None)}
    shown = replace(report.provenance, created=words.moment(report.created), settings=asked)
    page = render(
        "trace.html",
        title="Predicted and annotated valence",
        report=shown,
        sentence=sentence(report),
        smoothed=smoothed_sentence(report),
        films=films,
        measures=[name.upper() for name in MEASURES],
        tables=tables(report),
        facts=_facts(report),
        warnings=warnings(report),
        level=words.percent(report.settings["level"], 0),
        notes=_notes(report),
        provenance=provenance(shown),
        undrawn=max(0, len(films) - DRAWN),
    )
    write_atomically(path, page)


def _view(film: ComparedFilm, aligned: Aligned | None, report: EvaluateTraceReport) -> dict[str, Any]:
    smoothing = smoothing_words(report)
    label = f"{film.film}: predicted and annotated valence over time. " + "; ".join(
        f"{figure_title(one.side, one.every_s, smoothing if one.smooth_s is not None else '')} "
        f"RMSE {figure_number(one.rmse, 'rmse')}, CCC {figure_number(one.ccc, 'ccc')}"
        for one in film.figures
    )
    points = trace_chart.bins_per_point(len(aligned.prediction)) if aligned else 1
    sds = [one.smooth_s for one in film.figures if one.smooth_s is not None]
    return {
        **vars(film),
        "picture": trace_chart.traces(aligned, label) if aligned else None,
        "mean_of": f"{points / report.settings['rate_hz']:g}{words.SPACE}s" if points > 1 else "",
        "side": SIDES[film.figures[-1].side],
        "smoothed": f"smoothed, SD {sds[0]:g}{words.SPACE}s" if sds else "",
        "lags": [delay(rater) for rater in film.raters],
        "agreements": [(SIDES[side], values) for side, values in film.agreement.items()],
    }


def _facts(report: EvaluateTraceReport) -> list[tuple[str, str, str]]:
    films, settings = report.films, report.settings
    if not films:
        return []
    seconds = sum(film.coverage.both_s for film in films)
    annotated, predicted = (
        sum(getattr(film.coverage, key) for film in films) for key in ("annotated_s", "predicted_s")
    )
    raters = sorted({len(film.raters) for film in films})
    many = f"{raters[0]}" if len(raters) == 1 else f"{raters[0]} to {raters[-1]}"
    lags = [rater.lag_s for film in films for rater in film.raters if words.defined(rater.lag_s)]
    mean_delay = f"{words.decimal(sum(lags) / len(lags), 1)}{words.SPACE}s" if lags else words.UNDEFINED
    return [
        ("Videos", words.count(len(films)), f"{len(report.failed)} failed" if report.failed else "all compared"),
        ("Compared", words.duration(seconds), f"at {settings['rate_hz']:g}{words.SPACE}Hz"),
        (
            "Coverage",
            words.percent(seconds / annotated),
            f"of the annotated time; {words.percent(seconds / predicted)} of the predicted",
        ),
        ("Raters", many, f"per video, fused by {settings['fusion']}"),
        ("Delay", mean_delay, f"estimated, mean over raters; {'removed' if films[0].lag.applied else 'not removed'}"),
    ]


def _notes(report: EvaluateTraceReport) -> Sequence[str]:
    blocks = sorted({figure.block_s for film in report.films for figure in film.figures})
    span = f"{blocks[0]:g} s" if len(blocks) == 1 else f"{blocks[0]:g} to {blocks[-1]:g} s" if blocks else "time"
    notes = [
        f"Intervals are from a bootstrap over blocks of {span} (a tenth of the video, 10 s at least, 60 s at most), because neighbouring "
        "seconds are correlated; a video shorter than two blocks has none.",
        "CCC is Lin's concordance, PCC Pearson's correlation, SAGR the share of time with equal sign. Undefined values are shown as "
        "undefined, never as 0, and are left out of means.",
        "Delays are those at which rating and prediction correlate best, so removing them slightly favours the prediction; compare "
        "systems with the same setting.",
    ]
    if len(report.films) > 1:
        notes.append(
            "The mean of videos gives every video equal weight. Pooled figures are of the values of all videos joined, as AVEC and SEWA report "
            "them: differences of level between videos count, and long videos count more. The two are not comparable."
        )
    if smoothing_words(report):
        notes.append(
            "Smoothed: the prediction was averaged with a Gaussian on the times of its frames, because raters' hands are slower than faces; gaps "
            f"stay gaps. The rows of the video are not smoothed. {smoothing_choice(report)}".strip()
        )
    if report.settings["every_s"]:
        notes.append(
            "Every few seconds: the prediction at the frame nearest to each sampling time (at most 0.5 s away) against the annotation's mean of the "
            "bin that begins there, as in Liu et al. 2020."
        )
    if any(rater.against_others for film in report.films for rater in film.raters):
        notes.append(
            "A rater against the others is compared with the mean of the other raters of that video: the agreement that people reach."
        )
    return notes
