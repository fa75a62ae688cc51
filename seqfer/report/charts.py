"""Charts of rates: errors per fold, differences with their intervals, values per class.

Rates are fractions and are drawn in percent. Undefined values (NaN) are left out of the chart, never drawn at 0; the caller
states their number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from seqfer.report.svg import Point, drawing, line, marker, path, rect, span, text, ticks, whisker
from seqfer.report.words import mean_sem, percent, points


@dataclass(frozen=True)
class Column:
    """One head in the fold scatter: `errors` has the same folds in the same order in every column."""

    title: str
    errors: Sequence[float]
    mean: float
    sem: float


@dataclass(frozen=True)
class Value:
    """A rate with its interval (NaN, NaN where there is none)."""

    value: float
    low: float = float("nan")
    high: float = float("nan")


def fold_scatter(columns: Sequence[Column], names: Sequence[str]) -> Markup:
    """Test error of every fold and repeat, one column per head, mean and SEM beside it; a thin line connects one fold in neighbouring columns."""
    step, left, top, tall = (190 if len(columns) < 4 else 165 if len(columns) == 4 else 140), 46, 14, 270
    low, high = span([e for c in columns for e in c.errors] + [c.mean for c in columns])
    marks = ticks(low, high)
    width = left + step * len(columns) + 4

    def y(value: float) -> float:
        return top + tall * (1 - (value - marks[0]) / (marks[-1] - marks[0]))

    parts = [
        _grid_y(mark, y(mark), left, width, percent(mark, 0 if marks[1] - marks[0] >= 0.0099 else 1)) for mark in marks
    ]
    places = [
        [(_spread(left + step * k + step * 0.42, i, len(names)), y(e)) for i, e in enumerate(c.errors)]
        for k, c in enumerate(columns)
    ]
    for here, there in pairwise(places):
        parts += [path(pair, "pair") for pair in zip(here, there) if not _broken(pair)]
    for k, column in enumerate(columns):
        for name, error, (x, at) in zip(names, column.errors, places[k]):
            parts += (
                [marker(k, x, at, 4, "dot", f"{column.title}, {name}: {percent(error)}")]
                if not math.isnan(error)
                else []
            )
        parts += _mean_bar(k, column, left + step * k + step * 0.42 + 42, y)
        middle = left + step * (k + 0.5)
        parts.append(text(middle, top + tall + 24, column.title, "name", "middle"))
        parts.append(text(middle, top + tall + 43, mean_sem(column.mean, column.sem), "value", "middle"))
    label = "Test error per fold and repeat. " + "; ".join(
        f"{c.title}: mean {mean_sem(c.mean, c.sem)}" for c in columns
    )
    return drawing(width, top + tall + 54, label, parts)


@dataclass(frozen=True)
class Wording:
    """The texts of a chart of differences: which is better `left` and `right` of 0, the score's name, a value and a tick as text."""

    left: str
    right: str
    what: str
    unit: str
    value: Callable[[float], str]
    tick: Callable[[float, float], str]  # of a tick, and of the distance between ticks


def _tick_in_points(mark: float, step: float) -> str:
    return "0" if mark == 0 else points(mark) if step < 0.0099 else points(mark).removesuffix(".0")


_RATES = Wording("first head better", "second head better", "error rates", "percentage points", points, _tick_in_points)


def forest(rows: Sequence[tuple[str, Value, str]], wording: Wording = _RATES, row: int = 34, wide: int = 440) -> Markup:
    """Differences, each with its title and a remark, and their 95 % intervals; the vertical line at 0 means no difference."""
    left, top = _room([title for title, _, _ in rows]), 26
    ends = [abs(v) for _, value, _ in rows for v in (value.value, value.low, value.high) if not math.isnan(v)]
    marks = ticks(-max(ends, default=0.01), max(ends, default=0.01), 6 if wide > 400 else 5)
    bottom = top + row * len(rows)

    def x(value: float) -> float:
        return left + wide * (value - marks[0]) / (marks[-1] - marks[0])

    def told(title: str, value: Value, remark: str) -> str:
        return f"{title}: {wording.value(value.value)}{wording.unit and ' ' + wording.unit}, {remark}"

    parts = [
        text(x(0) - 8, 14, f"\u2190 {wording.left}", "tick", "end"),
        text(x(0) + 8, 14, f"{wording.right} \u2192", "tick"),
    ]
    for mark in marks:
        parts.append(line(x(mark), top, x(mark), bottom, "zero" if mark == 0 else "grid"))
        parts.append(text(x(mark), bottom + 16, wording.tick(mark, marks[1] - marks[0]), "tick", "middle"))
    for k, (title, value, remark) in enumerate(rows):
        at = top + row * (k + 0.5)
        parts.append(text(left - 14, at + 4, title, "name", "end"))
        if math.isnan(value.value):
            parts.append(text(x(0) + 8, at + 4, "undefined", "tick"))
            continue
        if not math.isnan(value.low):
            parts.append(whisker(x(value.low), at, x(value.high), at, "interval"))
        parts.append(marker(0, x(value.value), at, 5.5, "ink", told(title, value, remark)))
    axis = f"difference of {wording.what}" + (f", {wording.unit}" if wording.unit else "")
    parts.append(text(left + wide / 2, bottom + 34, axis, "tick", "middle"))
    label = f"Differences of {wording.what}. " + "; ".join(told(*one) for one in rows)
    return drawing(left + wide + 30, bottom + 42, label, parts)


def class_dots(classes: Sequence[str], series: Sequence[tuple[str, Sequence[float]]], what: str) -> Markup:
    """One row per class, one mark per series (F1 of each head): where the heads agree and which classes are hard."""
    known = [v for _, values in series for v in values if not math.isnan(v)]
    low = 0.0 if min(known, default=0) < 0.5 else 0.5
    left, row, wide, top = _room(classes), 36, 520, 8
    bottom = top + row * len(classes)

    def x(value: float) -> float:
        return left + wide * (value - low) / (1 - low)

    parts = [_grid_x(mark, x(mark), top, bottom, percent(mark, 0)) for mark in ticks(low, 1.0)]
    for k, name in enumerate(classes):
        at = top + row * (k + 0.5)
        parts.append(text(left - 12, at + 4, name, "name", "end"))
        here = [values[k] for _, values in series if not math.isnan(values[k])]
        if here:
            parts.append(line(x(min(here)), at, x(max(here)), at, "link"))
        for s, (title, values) in enumerate(series):
            if not math.isnan(values[k]):
                dodge = 5 * (s - (len(series) - 1) / 2)  # marks of equal values must not overlap
                parts.append(
                    marker(s, x(values[k]), at + dodge, 5, "", f"{title}, {name}: {what} {percent(values[k])}")
                )
        if len(here) < len(series):
            parts.append(text(left + wide + 8, at + 4, f"{len(series) - len(here)} undefined", "tick"))
    label = f"{what} per class. " + "; ".join(
        f"{t}: " + ", ".join(f"{c} {percent(v)}" for c, v in zip(classes, vs)) for t, vs in series
    )
    return drawing(left + wide + 84, bottom + 24, label, parts)


def bars(rows: Sequence[tuple[str, Sequence[Value]]], series: Sequence[str], what: str) -> Markup:
    """Horizontal bars from 0 to 100 %, one per series in each row, with intervals and the value printed at the end."""
    thick, gap, wide, top = 15, 12, 520, 6
    left = _room([name for name, _ in rows])
    row = thick * len(series) + gap
    bottom = top + row * len(rows)
    parts = [_grid_x(mark, left + wide * mark, top, bottom, percent(mark, 0)) for mark in ticks(0.0, 1.0)]
    for k, (name, values) in enumerate(rows):
        parts.append(text(left - 12, top + row * k + (row - gap) / 2 + gap / 2 + 4, name, "name", "end"))
        for s, value in enumerate(values):
            y = top + row * k + gap / 2 + thick * s
            parts += _bar(s, value, left, y, wide, thick - 2, f"{name}, {series[s]}: {what} {percent(value.value)}")
    label = f"{what}. " + "; ".join(
        f"{n}: " + ", ".join(f"{s} {percent(v.value)}" for s, v in zip(series, vs)) for n, vs in rows
    )
    return drawing(left + wide + 84, bottom + 24, label, parts)


def key(series: int) -> Markup:
    """The mark of a series, for tables and legends."""
    return drawing(14, 14, "", [marker(series, 7, 7, 4.6)], "key")


def _bar(series: int, value: Value, left: float, y: float, wide: float, thick: float, title: str) -> list[str]:
    if math.isnan(value.value):
        return [text(left + 6, y + thick - 2, "undefined", "tick")]
    end = max(value.value, 0.0 if math.isnan(value.high) else value.high)
    parts = [rect(left, y, wide * value.value, thick, f"bar s{series}", title)]
    if not math.isnan(value.low):
        parts.append(
            whisker(left + wide * value.low, y + thick / 2, left + wide * value.high, y + thick / 2, "interval thin", 3)
        )
    return [*parts, text(left + wide * end + 8, y + thick - 2, percent(value.value), "tick")]


def _mean_bar(series: int, column: Column, x: float, y: Callable[[float], float]) -> list[str]:
    if math.isnan(column.mean):
        return [text(x, y(0), "undefined", "tick", "middle")]
    parts = [line(x - 13, y(column.mean), x + 13, y(column.mean), f"meanline s{series}")]
    if not math.isnan(column.sem):
        parts.append(whisker(x, y(column.mean - column.sem), x, y(column.mean + column.sem), f"semline s{series}"))
    return parts


def _grid_y(mark: float, y: float, left: float, right: float, words: str) -> str:
    return line(left, y, right, y, "axis" if mark == 0 else "grid") + text(left - 8, y + 4, words, "tick", "end")


def _grid_x(mark: float, x: float, top: float, bottom: float, words: str) -> str:
    return line(x, top, x, bottom, "axis" if mark == 0 else "grid") + text(x, bottom + 17, words, "tick", "middle")


def _room(names: Sequence[str]) -> float:
    """Space for the longest name left of a chart: 9.6 units per letter, the width of bold letters of size 14 in a wide font."""
    return 24 + 9.6 * max((len(name) for name in names), default=0)


def _spread(middle: float, index: int, total: int) -> float:
    return middle + ((index + 0.5) / total - 0.5) * min(52, 10 * total)


def _broken(pair: tuple[Point, Point]) -> bool:
    return any(math.isnan(v) for point in pair for v in point)
