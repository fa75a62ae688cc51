"""The table of predictions: a line per row and clip, with names quoted where they must be."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np

from seqfer.core.csv_text import csv_text
from seqfer.experiments.clip_plan import ClipPlan
from seqfer.experiments.predictions import class_predictions

PLAN = ClipPlan(
    out=Path(),
    classes=("anger", "fear"),
    names=('a,"1"', "b"),
    people=("P", "Q\nR"),
    labels=np.array([0, 1]),
    lengths=np.array([1, 1]),
    faces_file=Path(),
)


def test_a_line_per_row_and_clip() -> None:
    first = {"clips": ["b", 'a,"1"'], "probabilities": [[0.25, 0.75], [0.4, 0.6]], "fold": 2, "repeat": 1}
    second = {"clips": ["b"], "probabilities": [[1.0, 0.0]], "fold": 0}
    text = class_predictions(PLAN, [("lstm", first), ("zero-shot", second)])
    header, *lines = csv.reader(io.StringIO(text))
    assert header == ["clip", "person", "label", "fold", "repeat", "head", "predicted", "anger", "fear"]
    assert lines == [
        ["b", "Q\nR", "fear", "2", "1", "lstm", "fear", "0.250000", "0.750000"],
        ['a,"1"', "P", "anger", "2", "1", "lstm", "fear", "0.400000", "0.600000"],
        ["b", "Q\nR", "fear", "0", "0", "zero-shot", "anger", "1.000000", "0.000000"],
    ]


def test_only_what_must_be_is_quoted() -> None:
    assert csv_text([["name", "n"], ["plain", 1], ['a,"b"', 2.5]]) == 'name,n\nplain,1\n"a,""b""",2.5\n'
