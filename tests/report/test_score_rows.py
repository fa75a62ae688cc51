"""Rows of scores with intervals as text, bars and tables."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from seqfer.report import charts, words
from seqfer.report.score_rows import (
    accuracy_bars,
    as_ascii,
    cells,
    confusion_side,
    difference_words,
    interval_words,
    plain_table,
    short_name,
    value,
)
from seqfer.runs.results import ClassScores, Difference, IntervalScores

NOWHERE = (math.nan, math.nan)
ROW = IntervalScores(
    count=100,
    people=20,
    accuracy=0.7,
    macro_f1=0.65,
    ece=math.nan,
    intervals={"accuracy": (0.685, 0.715), "macro_f1": NOWHERE, "ece": NOWHERE},
    per_class={},
    undefined=0,
    confusion=(),
    reliability=(),
)


def difference(value: float, low: float = math.nan, high: float = math.nan) -> Difference:
    return Difference(value=value, low=low, high=high)


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("compact", "compact"),
        ("runs/vgg/encoder.safetensors", "vgg"),
        ("encoder.safetensors", "encoder"),
        ("/models/mine.safetensors", "mine"),
    ],
)
def test_short_names_of_models(model: str, name: str) -> None:
    assert short_name(model) == name


def test_a_value_with_its_interval_and_without() -> None:
    assert value(ROW, "accuracy") == charts.Value(0.7, 0.685, 0.715)
    f1, ece = value(ROW, "macro_f1"), value(replace(ROW, ece=0.1), "ece")
    assert (f1.value, ece.value) == (0.65, 0.1)
    assert all(math.isnan(v) for v in (f1.low, f1.high, ece.low, ece.high))
    assert interval_words(value(ROW, "accuracy")).replace(words.SPACE, " ") == "68.5 to 71.5 %"
    assert interval_words(f1) == ""
    assert [pair[0].replace(words.SPACE, " ") for pair in cells(ROW)] == ["70.0 %", "65.0 %", "undefined"]


def test_differences_in_points() -> None:
    assert difference_words(difference(0.014, -0.002, 0.03)) == ("+1.4", "\u22120.2 to +3.0")
    assert difference_words(difference(-0.014)) == ("\u22121.4", "")
    assert difference_words(None) == difference_words(difference(math.nan)) == ("\u2013", "")


def test_confusions_over_the_classes_that_occur_or_are_predicted() -> None:
    counts = ((2, 0, 1, 0), (0, 0, 0, 0), (0, 0, 3, 0), (0, 0, 0, 0))
    classes = ["anger", "contempt", "fear", "sadness"]
    anger = ClassScores(precision=1.0, recall=2 / 3, f1=0.8, support=3)
    row = replace(ROW, confusion=counts, per_class={"anger": anger}, ece=0.05)
    side = confusion_side(row, "before", classes, 1)
    assert [(label, support, [cell.count for cell in line]) for label, support, line in side["table"]] == [
        ("anger", 3, [2, 1]),
        ("fear", 3, [0, 3]),
    ]
    assert (side["classes"][0]["label"], side["classes"][0]["f1"]) == ("anger", 0.8)
    assert "before" in side["reliability_picture"]


def test_a_missing_row_is_an_undefined_bar() -> None:
    drawn = accuracy_bars([("person", [ROW, None])], ["a", "b"])
    assert "undefined" in drawn
    assert "person: a 70.0" in drawn.replace("\u00a0", " ")


def test_a_table_for_a_terminal() -> None:
    rows = [
        ["", "accuracy", "over"],
        ["mean \u00b1 x", f"70.0{words.SPACE}%", "\u22121.4"],
        ["longer name", "7 %", "\u2013"],
    ]
    assert plain_table(rows) == (
        "             accuracy  over\n"
        "-----------  --------  ----\n"
        "mean +/- x     70.0 %  -1.4\n"
        "longer name       7 %     -"
    )
    assert as_ascii("\u00b1\u2212\u2013\u00a0") == "+/--- "
