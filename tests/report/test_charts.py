"""Charts of rates: values drawn at their place on the axis, undefined ones left out and named."""

from __future__ import annotations

import math
import re

import pytest

from seqfer.report.charts import Column, Value, Wording, bars, class_dots, fold_scatter, forest, key

NAN = math.nan


def attributes(drawn: str, tag: str, css: str) -> list[dict[str, float]]:
    """The numbers of every element with this tag and class."""
    found = re.findall(rf'<{tag} ([^>]*class="{css}"[^>]*)', drawn)
    return [{k: float(v) for k, v in re.findall(r'(\w+)="(-?[\d.]+)"', one)} for one in found]


def test_bars_are_as_long_as_their_values() -> None:
    drawn = str(
        bars([("anger", [Value(0.5, 0.4, 0.6), Value(0.25)]), ("fear", [Value(NAN), Value(1.0)])], ["a", "b"], "F1")
    )
    (half,), (quarter, whole) = attributes(drawn, "rect", "bar s0"), attributes(drawn, "rect", "bar s1")
    assert half["width"] == pytest.approx(2 * quarter["width"])
    assert whole["width"] == pytest.approx(4 * quarter["width"])
    assert half["x"] == quarter["x"] == whole["x"]
    interval = attributes(drawn, "line", "interval thin")
    assert interval[0]["x1"] - half["x"] == pytest.approx(0.4 * whole["width"], abs=0.1)
    assert interval[0]["x2"] - half["x"] == pytest.approx(0.6 * whole["width"], abs=0.1)
    assert drawn.count(">undefined<") == 1
    assert "F1. anger: a 50.0\u00a0%, b 25.0\u00a0%; fear: a undefined, b 100.0\u00a0%" in drawn
    assert "nan" not in drawn


def test_a_forest_has_every_difference_at_its_place() -> None:
    rows = [
        ("a \u2212 b", Value(-0.02, -0.04, 0.0), "p = 0.05"),
        ("a \u2212 c", Value(0.01), "p"),
        ("b \u2212 c", Value(NAN), "p"),
    ]
    drawn = str(forest(rows))
    zero = attributes(drawn, "line", "zero")[0]["x1"]
    grid = sorted(one["x1"] for one in attributes(drawn, "line", "grid"))
    first, second = attributes(drawn, "circle", "m s0 ink")
    assert zero - first["cx"] == pytest.approx(2 * (second["cx"] - zero), abs=0.2)
    assert grid[0] < first["cx"] < zero < second["cx"] < grid[-1]
    whisker = attributes(drawn, "line", "interval")[0]
    assert whisker["x2"] == pytest.approx(zero, abs=0.1)
    assert "a \u2212 b: \u22122.0 percentage points, p = 0.05" in drawn
    assert drawn.count(">undefined<") == 1
    assert "\u2190 first head better" in drawn


def test_a_forest_in_other_words() -> None:
    wording = Wording("worse", "better", "CCC", "", lambda v: f"{v:+.3f}", lambda mark, step: f"{mark:g}")
    drawn = str(forest([("a", Value(0.5, 0.25, 0.75), "p")], wording))
    assert "better \u2192" in drawn
    assert "a: +0.500, p" in drawn
    assert ">difference of CCC<" in drawn


def test_a_scatter_joins_the_same_fold_of_neighbouring_heads() -> None:
    columns = [
        Column("a", [0.1, 0.2, NAN], 0.15, 0.01),
        Column("b", [0.2, 0.3, 0.1], 0.2, NAN),
        Column("c", [0.1] * 3, NAN, NAN),
    ]
    drawn = str(fold_scatter(columns, ["fold 1", "fold 2", "fold 3"]))
    assert drawn.count('class="pair"/>') == 2 + 3
    assert len(re.findall(r'class="m s\d dot"', drawn)) == 8
    assert drawn.count('class="meanline') == 2
    assert drawn.count('class="semline') == 3  # one whisker: a line and two caps
    assert "a, fold 2: 20.0\u00a0%" in drawn
    assert "c: mean undefined" in drawn
    dots = attributes(drawn, "circle", "m s0 dot")
    means = attributes(drawn, "line", "meanline s0")
    assert means[0]["y1"] == pytest.approx((dots[0]["cy"] + dots[1]["cy"]) / 2, abs=0.1)  # 15 % between 10 and 20 %


def test_classes_have_a_mark_per_head_and_count_what_is_left_out() -> None:
    drawn = str(class_dots(["anger", "fear"], [("a", [0.9, 0.6]), ("b", [0.8, NAN])], "F1"))
    assert len(re.findall(r'class="m s[01]"', drawn)) == 3
    assert ">1 undefined<" in drawn
    assert "a, fear: F1 60.0\u00a0%" in drawn
    link = attributes(drawn, "line", "link")
    circles = attributes(drawn, "circle", "m s0")
    assert link[0]["x2"] == pytest.approx(circles[0]["cx"])
    assert ">50\u00a0%<" in drawn  # no value below a half: the axis begins there
    low = str(class_dots(["anger"], [("a", [0.2])], "F1"))
    assert ">0\u00a0%<" in low


def test_the_key_of_a_series_is_its_mark_alone() -> None:
    assert "m s2" in key(2)
    assert 'aria-hidden="true"' in key(2)
