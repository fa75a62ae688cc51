"""Charts of robustness: the score against the strength of one corruption, above a rendered face at each level."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from markupsafe import Markup

from seqfer import posed
from seqfer.experiments.stress.corruptions import CORRUPTIONS, LEVELS
from seqfer.report.charts import Value
from seqfer.report.svg import drawing, line, marker, path, text, whisker
from seqfer.report.words import number, percent
from seqfer.runs.kinds.stress import LevelScores

EXAMPLE_PX = 48
_PERSON, _SEED = 18, 2  # a synthetic face of `seqfer.posed`
# Aligned so that eyes and mouth are where a corpus' crops have them, which is where glasses and hands are drawn.
_POSE = (0.0, 0.0, 0.0, 0.0, 0.25, 0.885)
_LEFT, _TOP, _STEP, _TALL, _FACE = 46, 8, 45, 118, 43


@dataclass(frozen=True)
class Line:
    """One line of a chart: a rate per level (NaN: left out). `series` is its colour and mark; None is the thin dashed line."""

    title: str
    values: Sequence[Value]
    series: int | None


@cache
def example() -> np.ndarray:
    """The rendered face under the charts: uint8 (48, 48)."""
    person = posed.sample_person(_PERSON)
    large = posed.render(person, posed.au_vector("happiness", 0.8), _POSE, 4 * EXAMPLE_PX, framing="crop")
    grey = cv2.cvtColor(large, cv2.COLOR_RGB2GRAY)
    return cv2.resize(grey, (EXAMPLE_PX, EXAMPLE_PX), interpolation=cv2.INTER_AREA)


def strip(name: str) -> list[str]:
    """The example at levels 0, 1, ... of a corruption, each a PNG as a data URL; empty for an unknown name."""
    found = next((c for c in CORRUPTIONS if c.name == name), None)
    if found is None:
        return []
    return [_address(found(example()[None], level, _SEED)[0]) for level in (0, *found.levels)]


def lines_of(levels: Sequence[LevelScores]) -> list[Line]:
    """Accuracy with its interval, macro-F1 and calibration error of the levels of a corruption."""
    return [
        Line("macro-F1", [Value(number(level.macro_f1)) for level in levels], None),
        Line("ECE", [Value(number(level.ece)) for level in levels], 1),
        Line("accuracy", accuracies(levels), 0),
    ]


def accuracies(levels: Sequence[LevelScores]) -> list[Value]:
    """Accuracy of each level with its interval."""
    return [Value(*map(number, (level.accuracy, level.low, level.high))) for level in levels]


def against_strength(
    name: str, strengths: Sequence[str], lines: Sequence[Line], strip: Sequence[str] = (), before: float = math.nan
) -> Markup:
    """Rates from 0 to 100 % against the levels of one corruption, over the example face at each; the dashed horizontal line is at `before`.

    All charts have the same width and axes, so that they can be compared.
    """
    width = _LEFT + _STEP * (LEVELS + 1) + 4
    bottom = _TOP + _TALL
    parts = []
    for mark in (0.0, 0.5, 1.0):
        css = "axis" if mark == 0 else "grid"
        parts += [
            line(_LEFT, _y(mark), width, _y(mark), css),
            text(_LEFT - 7, _y(mark) + 4, percent(mark, 0), "tick", "end"),
        ]
    if not math.isnan(before):
        parts.append(line(_LEFT, _y(before), width, _y(before), "diagonal"))
    dodged = [one for one in lines if one.series is not None and not math.isnan(one.values[0].low)]
    for one in lines:
        aside = 5.0 * (dodged.index(one) - (len(dodged) - 1) / 2) if one in dodged and len(dodged) > 1 else 0.0
        parts += _line(one, strengths, aside)
    for level, data in enumerate(strip):
        at = f'x="{_x(level) - _FACE / 2:.1f}" y="{bottom + 8}" width="{_FACE}" height="{_FACE}"'
        parts.append(f'<image href="{data}" {at}/>')
    under = bottom + (_FACE + 23 if strip else 17)
    for level, words in enumerate(strengths):
        parts.append(text(_x(level), under, words if level else "none", "tick", "middle"))
    said = "; ".join(
        f"{one.title}: " + ", ".join(f"{w} {percent(v.value)}" for w, v in zip(strengths, one.values)) for one in lines
    )
    return drawing(width, under + 8, f"{name}. {said}", parts)


def _line(one: Line, strengths: Sequence[str], aside: float) -> list[str]:
    points = [(_x(level) + aside, _y(value.value)) for level, value in enumerate(one.values)]
    if one.series is None:
        return [path(points, "train")]
    parts = [path(points, f"trace l{one.series}")]
    for (x, y), value, words in zip(points, one.values, strengths):
        if not math.isnan(value.low):
            parts.append(whisker(x, _y(value.low), x, _y(value.high), "interval thin", 2.5))
        if not math.isnan(y):
            parts.append(marker(one.series, x, y, 4, "", f"{one.title}, {words}: {percent(value.value)}"))
    return parts


def _x(level: int) -> float:
    return _LEFT + _STEP * (level + 0.5)


def _y(rate: float) -> float:
    return _TOP + _TALL * (1 - rate)


def _address(picture: np.ndarray) -> str:
    _, data = cv2.imencode(".png", picture)
    return f"data:image/png;base64,{base64.b64encode(data.tobytes()).decode()}"
