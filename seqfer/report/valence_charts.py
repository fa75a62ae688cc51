"""Charts of regressed valence: scores per fold, differences with their intervals, true against predicted, traces of clips.

Scores are plain numbers. Undefined values (NaN) are left out of the chart, never drawn at 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from markupsafe import Markup

from seqfer.report.charts import Column, Value, Wording, forest
from seqfer.report.svg import SERIES, drawing, line, marker, path, text, ticks, whisker
from seqfer.report.words import count, decimal

DIGITS = 3


def fold_scores(what: str, columns: Sequence[Column], names: Sequence[str]) -> Markup:
    """A score of every fold and repeat, one column per head, mean and SEM beside it; a thin line connects the same fold in neighbouring columns."""
    step, left, top, tall = 140, 52, 14, 230
    known = [v for column in columns for v in (*column.errors, column.mean) if not math.isnan(v)]
    marks = ticks(min(known, default=0.0), max(known, default=1.0))
    bottom, width = top + tall, left + step * len(columns) + 4
    middles = [left + step * (k + 0.42) for k in range(len(columns))]
    shift = [((i + 0.5) / len(names) - 0.5) * min(48, 10 * len(names)) for i in range(len(names))]

    def y(value: float) -> float:
        return top + tall * (1 - (value - marks[0]) / (marks[-1] - marks[0]))

    parts = []
    for mark in marks:
        parts.append(line(left, y(mark), width, y(mark), "axis" if mark == 0 else "grid"))
        parts.append(text(left - 8, y(mark) + 4, _tick(mark), "tick", "end"))
    for (a, one), (b, other) in pairwise(enumerate(columns)):
        for v, w, dx in zip(one.errors, other.errors, shift, strict=True):
            if not math.isnan(v + w):
                parts.append(path([(middles[a] + dx, y(v)), (middles[b] + dx, y(w))], "pair"))
    for k, column in enumerate(columns):
        for name, value, dx in zip(names, column.errors, shift, strict=True):
            if not math.isnan(value):
                title = f"{column.title}, {name}: {what} {decimal(value, DIGITS)}"
                parts.append(marker(k, middles[k] + dx, y(value), 4, "dot", title))
        parts += _mean(k, column, middles[k] + 40, y)
        centre = left + step * (k + 0.5)
        parts.append(text(centre, bottom + 24, column.title, "name", "middle"))
        parts.append(text(centre, bottom + 43, decimal(column.mean, DIGITS), "value", "middle"))
    told = "; ".join(f"{column.title}: mean {decimal(column.mean, DIGITS)}" for column in columns)
    return drawing(width, bottom + 54, f"{what} per fold and repeat. {told}", parts)


def differences(what: str, rows: Sequence[tuple[str, Value, str]], higher_is_better: bool) -> Markup:
    """Differences of a score with 95 % intervals; the vertical line at 0 means no difference."""
    better = (
        ("second head better", "first head better") if higher_is_better else ("first head better", "second head better")
    )
    wording = Wording(*better, what, "", lambda v: decimal(v, DIGITS, signed=True), lambda mark, _step: _tick(mark))
    return forest(rows, wording, row=32, wide=300)


def agreement(title: str, counts: Sequence[Sequence[int]], told: str, series: int) -> Markup:
    """True (horizontal) against predicted valence (vertical): the darker a bin, the more frames; on the diagonal they are equal.

    `counts` are [truth bin][predicted bin] from -1 to 1. Shades are proportional to the root, so that bins with few frames are visible.
    """
    left, top, side = 40, 8, 240
    cell = side / len(counts)
    most = max((n for row in counts for n in row), default=0) or 1
    parts = [*_frame(left, top, side, side)]
    for i, row in enumerate(counts):
        for j, n in enumerate(row):
            if n:
                shade = 0.12 + 0.88 * math.sqrt(n / most)
                x, y = left + cell * i, top + side - cell * (j + 1)
                parts.append(
                    f'<rect x="{x:.1f}" y="{y:.1f}" width="{cell:.1f}" height="{cell:.1f}" class="s{series % SERIES}" '
                    f'fill-opacity="{shade:.2f}"><title>{count(n)} frames</title></rect>'
                )
    parts.append(line(left, top + side, left + side, top, "diagonal"))
    for mark in (-1, -0.5, 0, 0.5, 1):
        parts.append(text(left + side * (mark + 1) / 2, top + side + 17, _tick(mark), "tick", "middle"))
    parts.append(text(left + side / 2, top + side + 34, "true (horizontal), predicted (vertical)", "tick", "middle"))
    return drawing(left + side + 16, top + side + 40, f"{title}, predicted against true valence: {told}", parts)


def clip_trace(title: str, truth: Sequence[float], heads: Mapping[int, Sequence[float]], told: str) -> Markup:
    """One clip, frame by frame: the true trace as a bold line, a thin one per head in its colour (by its number)."""
    left, top, wide, tall = 40, 8, 262, 130

    def places(values: Sequence[float]) -> list[tuple[float, float]]:
        last = max(len(values) - 1, 1)
        return [(left + wide * i / last, top + tall * (1 - v) / 2) for i, v in enumerate(values)]

    parts = [*_frame(left, top, wide, tall), path(_drawable(places(truth)), "meanline")]
    parts += [path(_drawable(places(values)), f"trace l{series % SERIES}") for series, values in heads.items()]
    parts.append(text(left, top + tall + 17, "first frame", "tick"))
    parts.append(text(left + wide, top + tall + 17, f"frame {len(truth)}", "tick", "end"))
    return drawing(left + wide + 12, top + tall + 22, f"{title}: {told}", parts)


def _frame(left: float, top: float, wide: float, tall: float) -> list[str]:
    """Grid lines and numbers of valence from -1 to 1."""
    parts = []
    for mark in (-1, -0.5, 0, 0.5, 1):
        at = top + tall * (1 - mark) / 2
        parts.append(line(left, at, left + wide, at, "axis" if mark == 0 else "grid"))
        parts.append(text(left - 7, at + 4, _tick(mark), "tick", "end"))
    return parts


def _drawable(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """A clip of one frame as a short dash: a path of one point is invisible."""
    return points if len(points) > 1 else [points[0], (points[0][0] + 8, points[0][1])]


def _mean(series: int, column: Column, x: float, y: Callable[[float], float]) -> list[str]:
    if math.isnan(column.mean):
        return [text(x - 40, y(0) - 6, "undefined", "tick", "middle")]
    parts = [line(x - 13, y(column.mean), x + 13, y(column.mean), f"meanline s{series % SERIES}")]
    if not math.isnan(column.sem):
        parts.append(whisker(x, y(column.mean - column.sem), x, y(column.mean + column.sem), "semline"))
    return parts


def _tick(mark: float) -> str:
    return f"{mark:g}".replace("-", "\u2212")
