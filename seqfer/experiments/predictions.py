"""The table of all predictions of an experiment, as CSV: a line for each row of its report, fold and tested clip."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from seqfer.core.csv_text import csv_text
from seqfer.experiments.clip_plan import ClipPlan, Part


def class_predictions(plan: ClipPlan, parts: Iterable[tuple[str, Part]]) -> str:
    """The predicted class and the probabilities of every clip of the (name of the row, part) pairs. Parts without a repeat are of repeat 0."""
    header = ["clip", "person", "label", "fold", "repeat", "head", "predicted", *plan.classes]
    return csv_text([header, *(line for row, part in parts for line in _lines(plan, row, part))])


def _lines(plan: ClipPlan, row: str, part: Part) -> Iterable[list[object]]:
    clips = plan.clips_named(part["clips"])
    for name, clip, probabilities in zip(part["clips"], clips, part["probabilities"], strict=True):
        label, predicted = plan.classes[plan.labels[clip]], plan.classes[int(np.argmax(probabilities))]
        where = [name, plan.people[clip], label, part["fold"], part.get("repeat", 0), row, predicted]
        yield [*where, *(f"{p:.6f}" for p in probabilities)]
