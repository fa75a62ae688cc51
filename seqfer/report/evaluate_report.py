"""Writes the page of `seqfer evaluate` on still images: the split as given, and without the images that also occur in another split.

Intervals are Wilson's 95 % score intervals for a proportion of independent trials (Wilson 1927); images of one person are not independent.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seqfer.core.files import write_atomically
from seqfer.metrics.classification import wilson_interval
from seqfer.report import charts, curves, words
from seqfer.report.page import render
from seqfer.report.tables import confusion, per_class, provenance

Report = Mapping[str, Any]
_SIDES = (("as_given", "As given"), ("without_crossing_duplicates", "Duplicates crossing splits removed"))


def write_evaluate_report(report: Report, path: Path) -> None:
    """Write the page, one self-contained UTF-8 HTML file, atomically. Raises InputError when it cannot be written.

    `report` has rates as fractions; `without_crossing_duplicates` may be None where the corpus has no other split to compare with.
    """
    sides = [
        _side(title, report[name], report["classes"], k) for k, (name, title) in enumerate(_SIDES) if report.get(name)
    ]
    recalls = [(label, [_recall(side["classes"][k]) for side in sides]) for k, label in enumerate(report["classes"])]
    page = render(
        "evaluate.html",
        title=f"{report['model']} on {report['data']}",
        report=report,
        sentence=summary(report),
        facts=_facts(report),
        sides=sides,
        recall=charts.bars(recalls, [side["title"] for side in sides], "recall"),
        notes=_notes(sides),
        provenance=provenance(report),
    )
    write_atomically(path, page)


def summary(report: Report) -> str:
    """The result in one sentence, with the interval and the effect of the duplicates."""
    given, cleaned = report["as_given"], report.get("without_crossing_duplicates")
    value = accuracy(given)
    begin = (
        f"{report['model']} classifies {words.percent(value.value)} of {words.count(given['count'])} images correctly"
    )
    if words.defined(value.low):
        begin += f" (95{words.SPACE}% interval {words.percent(value.low)} to {words.percent(value.high)})"
    if not cleaned:
        return f"{begin}."
    removed = int(given["count"]) - int(cleaned["count"])
    if removed == 0:
        return f"{begin}; no image occurs in another split as well."
    what = "image that also occurs" if removed == 1 else "images that also occur"
    return f"{begin}; without the {words.count(removed)} {what} in another split it is {words.percent(cleaned['accuracy'])}."


def accuracy(side: Mapping[str, Any]) -> charts.Value:
    """Accuracy of one side with its 95 % interval."""
    return wilson(words.number(side.get("accuracy")), int(side.get("count") or 0))


def wilson(share: float, trials: int) -> charts.Value:
    """A proportion of `trials` with Wilson's 95 % interval; NaN bounds when there are no trials."""
    if trials <= 0 or not words.defined(share):
        return charts.Value(share)
    return charts.Value(share, *wilson_interval(round(share * trials), trials))


def _recall(row: Mapping[str, Any]) -> charts.Value:
    return wilson(row["recall"], int(row["support"]) if words.defined(row["support"]) else 0)


def _side(title: str, side: Mapping[str, Any], classes: list[str], series: int) -> dict[str, Any]:
    bins = side.get("reliability")
    return {
        **side,
        "title": title,
        "key": charts.key(series),
        "interval": accuracy(side),
        "table": confusion(side["confusion"], classes),
        "classes": per_class(side["per_class"], classes),
        "reliability_picture": curves.reliability(title, bins, side.get("ece"), series) if bins else None,
    }


def _facts(report: Report) -> list[tuple[str, str, str]]:
    checksum = str(report.get("model_checksum") or "")
    temperature = report.get("temperature")
    calibrated = (
        "confidences as the model gives them" if temperature in (None, 1, 1.0) else "confidences are calibrated"
    )
    return [
        ("Data", str(report["data"]), f"split: {report.get('split') or 'all'}"),
        ("Images", words.count(report.get("images")), f"{len(report['classes'])} classes"),
        (
            "Parameters",
            words.count(report.get("parameters")),
            f"model sha256 {checksum[:12]}" if checksum else "no model checksum",
        ),
        ("Temperature", words.decimal(temperature) if temperature is not None else "1", calibrated),
        ("Class frequencies", *_frequencies(report)),
        ("Time", words.duration(report.get("seconds")), words.moment(report.get("created"))),
    ]


def _frequencies(report: Report) -> tuple[str, str]:
    other = report.get("with_training_prior")
    if not other:
        return "as in training", "the model's own probabilities"
    return "assumed equal", f"with those of its training: {words.percent(other['accuracy'])} right"


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
