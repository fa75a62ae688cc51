"""Writes the page of `seqfer evaluate` on still images: the split as given, and without the images that also occur in another split.

Intervals are Wilson's 95 % score intervals for a proportion of independent trials (Wilson 1927); images of one person are not independent.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from seqfer.core.files import write_atomically
from seqfer.metrics.classification import wilson_interval
from seqfer.report import charts, curves, words
from seqfer.report.page import render
from seqfer.report.tables import confusion, per_class, provenance
from seqfer.runs.kinds.evaluate import EvaluateReport, EvaluationScores


def write_evaluate_report(report: EvaluateReport, path: Path) -> None:
    """Write the page, one self-contained UTF-8 HTML file, atomically. Raises InputError when it cannot be written."""
    classes, cleaned = report.classes, report.without_crossing_duplicates
    sides = [_side("As given", report.as_given, classes, 0)]
    sides += [_side("Duplicates crossing splits removed", cleaned, classes, 1)] if cleaned else []
    recalls = [(label, [_recall(side["classes"][k]) for side in sides]) for k, label in enumerate(classes)]
    page = render(
        "evaluate.html",
        title=f"{report.model} on {report.data}",
        report=report.provenance,
        data=report.data,
        split=report.split,
        sentence=summary(report),
        facts=_facts(report),
        sides=sides,
        recall=charts.bars(recalls, [side["title"] for side in sides], "recall"),
        notes=_notes(sides),
        provenance=provenance(report.provenance),
    )
    write_atomically(path, page)


def summary(report: EvaluateReport) -> str:
    """The result in one sentence, with the interval and the effect of the duplicates."""
    given, cleaned = report.as_given, report.without_crossing_duplicates
    value = accuracy(given)
    begin = f"{report.model} classifies {words.percent(value.value)} of {words.count(given.count)} images correctly"
    if words.defined(value.low):
        begin += f" (95{words.SPACE}% interval {words.percent(value.low)} to {words.percent(value.high)})"
    if not cleaned:
        return f"{begin}."
    removed = given.count - cleaned.count
    if removed == 0:
        return f"{begin}; no image occurs in another split as well."
    what = "image that also occurs" if removed == 1 else "images that also occur"
    return (
        f"{begin}; without the {words.count(removed)} {what} in another split it is {words.percent(cleaned.accuracy)}."
    )


def console_table(report: EvaluateReport) -> str:
    """A line of text for each set of scores that the report has."""
    sides = {
        "as given" + (", all classes equally frequent" if report.prior == "equal" else ""): report.as_given,
        "with the class frequencies of the training data": report.with_training_prior,
        "without copies of training images": report.without_crossing_duplicates,
    }
    return "\n".join(f"{title}: {_marks(side)}" for title, side in sides.items() if side is not None)


def _marks(side: EvaluationScores) -> str:
    named = (("accuracy", side.accuracy), ("macro-F1", side.macro_f1), ("ECE", side.ece))
    rates = (f"{name} {words.percent(rate, 2).replace(words.SPACE, ' ')}" for name, rate in named)
    return f"{side.count} clips, {', '.join(rates)}"


def accuracy(side: EvaluationScores) -> charts.Value:
    """Accuracy of one side with its 95 % interval."""
    return wilson(words.number(side.accuracy), side.count)


def wilson(share: float, trials: int) -> charts.Value:
    """A proportion of `trials` with Wilson's 95 % interval; NaN bounds when there are no trials."""
    if trials <= 0 or not words.defined(share):
        return charts.Value(share)
    return charts.Value(share, *wilson_interval(round(share * trials), trials))


def _recall(row: dict[str, Any]) -> charts.Value:
    return wilson(row["recall"], int(row["support"]) if words.defined(row["support"]) else 0)


def _side(title: str, side: EvaluationScores, classes: Sequence[str], series: int) -> dict[str, Any]:
    return {
        **vars(side),
        "title": title,
        "key": charts.key(series),
        "interval": accuracy(side),
        "table": confusion(side.confusion, classes),
        "classes": per_class(side.per_class, classes),
        "reliability_picture": curves.reliability(title, side.reliability, side.ece, series)
        if side.reliability
        else None,
    }


def _facts(report: EvaluateReport) -> list[tuple[str, str, str]]:
    calibrated = "confidences as the model gives them" if report.temperature == 1 else "confidences are calibrated"
    return [
        ("Data", report.data, f"split: {report.split}"),
        ("Images", words.count(report.images), f"{len(report.classes)} classes"),
        ("Parameters", words.count(report.parameters), f"model sha256 {report.model_checksum[:12]}"),
        ("Temperature", words.decimal(report.temperature), calibrated),
        ("Class frequencies", *_frequencies(report)),
        ("Time", words.duration(report.seconds), words.moment(report.created)),
    ]


def _frequencies(report: EvaluateReport) -> tuple[str, str]:
    other = report.with_training_prior
    if not other:
        return "as in training", "the model's own probabilities"
    return "assumed equal", f"with those of its training: {words.percent(other.accuracy)} right"


def _notes(sides: list[dict[str, Any]]) -> list[str]:
    notes = [
        "Intervals are Wilson's 95 % intervals for a proportion; they assume independent images, so with several images of one person "
        "they are slightly too narrow.",
        "Macro-F1 gives every class the same weight, whatever its frequency. A value that cannot be computed, such as the precision of a class that "
        "was never predicted, is shown as undefined, never as 0.",
    ]
    if len(sides) > 1:
        notes.append(
            "An image that also occurs in the training split makes the result too good. The right-hand column leaves "
            "such images out; published results usually include them."
        )
    return notes
