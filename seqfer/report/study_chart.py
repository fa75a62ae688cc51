"""Chart of all participants over the time of a stimulus: each one's line, their mean and one standard deviation, moments and clusters below."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from seqfer.report.svg import rect, text
from seqfer.report.trace_chart import LEFT, TALL, TOP, WIDE, TimeChart, bins_per_point, thinned
from seqfer.report.words import decimal, p_value
from seqfer.runs.kinds.study import StudySource
from seqfer.study.series import StimulusSeries

Floats = NDArray[np.float64]
_BAR = 7.0  # height of the bar of a moment or cluster


def participants(
    series: StimulusSeries, source: StudySource, members: dict[str, tuple[str, ...]], level: float, label: str
) -> Markup:
    """The chart. With two groups of `members` lines and means have the colours of the groups, and clusters with p below 1 - `level` are marked."""
    size = bins_per_point(series.values.shape[1])
    rows = np.stack([thinned(row, size) for row in series.values])
    mean, spread = mean_and_spread(rows)
    low, high = np.clip(mean - spread, -1, 1), np.clip(mean + spread, -1, 1)
    chart = TimeChart(series.values.shape[1] / series.rate_hz, size / series.rate_hz, low, high, *rows)
    chart.band(low, high)
    colour = {name: k for k, names in enumerate(members.values()) for name in names}
    for name, row in zip(series.participants, rows):
        chart.trace(row, f"person l{colour.get(name, 5) if members else 0}")
    if source.groups:
        for k, group in enumerate(source.groups.groups):
            chosen = [name in members[group] for name in series.participants]
            chart.trace(mean_and_spread(rows[chosen])[0], f"trace l{k}")
    else:
        chart.trace(mean, "meanline")
    for number, moment in enumerate(source.moments, 1):
        title = f"moment {number}: mean correlation {decimal(moment.correlation)}"
        _bar(chart, moment.start_s, moment.end_s, TOP + 2, "s2", title, str(number))
    for cluster in source.groups.clusters if source.groups else ():
        if cluster.p < 1 - level:
            _bar(
                chart,
                cluster.start_s,
                cluster.end_s,
                TOP + TALL - _BAR - 2,
                "ink",
                f"groups differ, {p_value(cluster.p)}",
                "",
            )
    return chart.drawing(label)


def mean_and_spread(rows: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation (n - 1) over participants (participant, point): the mean NaN without any value, the deviation with fewer than two.

    >>> mean_and_spread(np.array([[0.0, 1.0, np.nan], [1.0, np.nan, np.nan]]))[0].tolist()
    [0.5, 1.0, nan]
    """
    known = ~np.isnan(rows)
    count = known.sum(axis=0)
    mean = np.divide(np.where(known, rows, 0).sum(axis=0), count, out=np.full(rows.shape[1], np.nan), where=count > 0)
    squares = np.where(known, rows - mean, 0.0) ** 2
    variance = np.divide(squares.sum(axis=0), count - 1, out=np.full(rows.shape[1], np.nan), where=count > 1)
    return mean, np.sqrt(variance)


def _bar(chart: TimeChart, start_s: float, end_s: float, top: float, css: str, title: str, words: str) -> None:
    left, right = chart.x(start_s), min(chart.x(end_s), LEFT + WIDE)
    chart.parts.append(rect(left, top, right - left, _BAR, css, title))
    if words:
        chart.parts.append(text((left + right) / 2, top + _BAR + 13, words, "tick", "middle"))
