"""Charts of one corruption: rates at each level, over the example face at each."""

from __future__ import annotations

import base64
import math
import re

import cv2
import numpy as np
import pytest
from study_reports import stress_report
from typed import typed

from seqfer.experiments.stress.corruptions import CORRUPTIONS
from seqfer.report.charts import Value
from seqfer.report.stress_pictures import Line, accuracies, against_strength, example, lines_of, strip
from seqfer.runs.kinds.stress import StressReport

LEVELS = typed(StressReport, stress_report()).corruptions[0].levels


def picture(address: str) -> np.ndarray:
    data = base64.b64decode(address.removeprefix("data:image/png;base64,"))
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)


def test_the_strip_begins_with_the_face_itself_and_changes_at_every_level() -> None:
    for corruption in CORRUPTIONS[:3]:
        shown = [picture(one) for one in strip(corruption.name)]
        assert len(shown) == 1 + len(corruption.levels)
        assert np.array_equal(shown[0], example())
        changes = [np.abs(one.astype(int) - example()).mean() for one in shown]
        assert min(changes[1:]) > 0.5
        assert changes[-1] > changes[1] or len(changes) == 2
    assert strip("of_another_version") == []


def test_rates_of_the_levels_with_the_intervals_of_the_accuracy() -> None:
    assert accuracies(LEVELS)[1] == Value(0.6, pytest.approx(0.55), pytest.approx(0.65))
    f1, ece, accuracy = lines_of(LEVELS)
    assert [one.title for one in (f1, ece, accuracy)] == ["macro-F1", "ECE", "accuracy"]
    assert [v.value for v in f1.values] == pytest.approx([0.78, 0.58, 0.38])
    assert [v.value for v in ece.values] == [0.1, 0.1, 0.1]
    assert math.isnan(f1.values[0].low)


def test_points_lie_at_their_rate_and_undefined_ones_are_left_out() -> None:
    line = Line("accuracy", [Value(1.0, 0.9, 1.0), Value(0.5, 0.4, 0.6), Value(math.nan)], 0)
    drawn = str(against_strength("shift", ["", "1 px", "2 px"], [line], before=1.0))
    points = [(float(x), float(y)) for x, y in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="4.0"', drawn)]
    bottom, top = 8 + 118, 8
    assert [y for _, y in points] == pytest.approx([top, (top + bottom) / 2], abs=0.1)
    assert points[1][0] - points[0][0] == pytest.approx(45)
    (before,) = re.findall(r'y1="([\d.]+)" x2="[\d.]+" y2="[\d.]+" class="diagonal"', drawn)
    assert float(before) == top
    assert "shift. accuracy:  100.0\u00a0%, 1 px 50.0\u00a0%, 2 px undefined" in drawn
    assert ">none<" in drawn
    assert ">1 px<" in drawn
    assert "nan" not in drawn.replace("name", "")


def test_several_groups_stand_beside_each_other_and_not_on_each_other() -> None:
    same = [Value(0.5, 0.4, 0.6)]
    drawn = str(against_strength("shift", [""], [Line("a", same, 0), Line("b", same, 1)]))
    (x,) = re.findall(r'<circle cx="([\d.]+)"', drawn)
    corners = [float(p.split(",")[0]) for p in re.findall(r'<polygon points="([^"]+)"', drawn)[0].split()]
    assert sum(corners) / 4 - float(x) == pytest.approx(5.0, abs=0.1)


def test_all_charts_have_the_same_width() -> None:
    widths = {
        re.findall(r'viewBox="0 0 (\d+)', str(against_strength(n, ["", "1"], lines_of(LEVELS[:2]))))[0] for n in "ab"
    }
    assert len(widths) == 1
