"""The table and the page of `seqfer evaluate-valence`: the model beside its two baselines, each measure with its 95 % interval."""

from __future__ import annotations

from pathlib import Path

from seqfer.core.files import write_atomically
from seqfer.report import words
from seqfer.report.page import render
from seqfer.report.tables import provenance
from seqfer.report.valence_text import NAMES
from seqfer.runs.kinds.evaluate_valence import EvaluateValenceReport, ValenceScores


def console_table(report: EvaluateValenceReport) -> str:
    """The model and its baselines as text, a column per measure."""
    rows = _rows(report)
    width = max(len(row[0]) for row in rows)
    lines = [_images(report), f"{'':<{width}}  " + "  ".join(f"{name:^23}" for name in NAMES.values())]
    lines += [f"{title:<{width}}  " + "  ".join(f"{cell:^23}" for cell in cells) for title, *cells in rows]
    return "\n".join(lines)


def write_evaluate_valence_report(report: EvaluateValenceReport, path: Path) -> None:
    """Write the page, one self-contained UTF-8 HTML file, atomically. Raises InputError when it cannot be written."""
    page = render(
        "table_page.html",
        kind="Evaluation of valence",
        title=f"Valence of {report.model} on {report.data}",
        report=report.provenance,
        sentence=summary(report),
        lead=_images(report),
        caption="The model and two baselines",
        heads=["", *NAMES.values()],
        rows=_rows(report),
        notes=_notes(report),
        provenance=provenance(report.provenance),
    )
    write_atomically(path, page)


def summary(report: EvaluateValenceReport) -> str:
    """The result in one sentence: CCC and RMSE of the model and of the baseline with valence norms."""
    model, norms = report.scores["model"], report.scores["norms"]
    return (
        f"{report.model} predicts the mean valence of the raters with CCC {words.decimal(model.ccc, 3)} and RMSE {words.decimal(model.rmse, 3)}; "
        f"the valence norms of {report.norms_of}'s emotions do with {words.decimal(norms.ccc, 3)} and {words.decimal(norms.rmse, 3)}."
    )


def _images(report: EvaluateValenceReport) -> str:
    return (
        f"{report.split}: {report.images} images with at least {report.least_votes} votes ({report.left_out} left out)"
    )


def _rows(report: EvaluateValenceReport) -> list[list[str]]:
    titles = {"model": report.model, "norms": f"norms of {report.norms_of}", "constant": "constant mean"}
    return [[title, *(_cell(report.scores[key], name) for name in NAMES)] for key, title in titles.items()]


def _cell(scores: ValenceScores, measure: str) -> str:
    value, interval = getattr(scores, measure), scores.intervals.get(measure)
    if not words.defined(value):
        return words.UNDEFINED
    if interval is None or not all(map(words.defined, interval)):
        return f"{value:.3f}"
    return f"{value:.3f} [{interval[0]:.3f}, {interval[1]:.3f}]"


def _notes(report: EvaluateValenceReport) -> list[str]:
    return [
        "Valence is on the scale of -1 to 1. The truth is the mean valence of the raters' votes for an emotion. Intervals in brackets are 95 % "
        "bootstrap intervals over images.",
        f"SAGR is the share of images whose sign is right; {words.count(report.without_sign)} images have a true valence of 0, which has no sign.",
        f"The constant is the mean valence of the split {report.mean_of}. The norms are the expectation of published valence norms over the "
        f"emotion probabilities of {report.norms_of}.",
    ]
