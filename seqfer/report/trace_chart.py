"""Charts of valence over time as inline SVG; that of a video: the prediction, also smoothed where that is compared, the raters' mean, and one
standard deviation between raters."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from seqfer.raters.alignment import Aligned
from seqfer.report.svg import drawing, line, path, text, ticks
from seqfer.report.timeline import Axis
from seqfer.report.words import decimal

Floats = NDArray[np.float64]
LEFT, TOP, WIDE, TALL = 46.0, 10.0, 1000.0, 240.0
COLUMNS = 1000  # points of a line: more could not be distinguished


class TimeChart:
    """The area of a chart over time: marks of valence around all `values` (bin,) that are drawn, times below. `parts` collects its elements."""

    def __init__(self, length_s: float, step_s: float, *values: Floats) -> None:
        self.step_s, self.axis, self.marks = step_s, Axis(0.0, length_s), _marks(*values)
        self.parts = list[str]()
        digits = 1 if all(abs(10 * mark - round(10 * mark)) < 1e-9 for mark in self.marks) else 2
        for mark in self.marks:
            y = self.y(mark)
            self.parts.append(line(LEFT, y, LEFT + WIDE, y, "axis" if mark == 0 else "grid"))
            self.parts.append(text(LEFT - 8, y + 4, decimal(mark, digits), "tick", "end"))
        for percent, words, _ in self.axis.ticks():
            self.parts.append(text(LEFT + WIDE * percent / 100, TOP + TALL + 18, words, "tick", "middle"))

    def x(self, time_s: float) -> float:
        """Where a time is."""
        return LEFT + WIDE * self.axis.percent(time_s) / 100

    def y(self, value: float) -> float:
        """Where a value is."""
        return TOP + TALL * (self.marks[-1] - value) / (self.marks[-1] - self.marks[0])

    def band(self, low: Floats, high: Floats) -> None:
        """The area between two lines (bin,), blank where they are NaN."""
        for run in _runs(low):
            middles = [self.x((k + 0.5) * self.step_s) for k in run]
            middles = [self.x(run[0] * self.step_s), *middles, self.x((run[-1] + 1) * self.step_s)]
            edge = [run[0], *run, run[-1]]
            there = [f"{a:.1f},{self.y(high[k]):.1f}" for a, k in zip(middles, edge)]
            back = [f"{a:.1f},{self.y(low[k]):.1f}" for a, k in zip(middles[::-1], edge[::-1])]
            self.parts.append(f'<polygon points="{" ".join(there + back)}" style="fill:var(--ink);opacity:.14"/>')

    def trace(self, values: Floats, css: str) -> None:
        """A line (bin,), interrupted where it is NaN."""
        for run in _runs(values):
            points = [(self.x((k + 0.5) * self.step_s), self.y(values[k])) for k in run]
            if len(run) == 1:  # a path of one point is invisible
                points = [
                    (self.x(run[0] * self.step_s), points[0][1]),
                    (self.x((run[0] + 1) * self.step_s), points[0][1]),
                ]
            self.parts.append(path(points, css))

    def drawing(self, label: str) -> Markup:
        """The chart with the text for screen readers."""
        return drawing(LEFT + WIDE + 14, TOP + TALL + 28, label, self.parts)


def traces(aligned: Aligned, label: str) -> Markup:
    """The chart. Gaps are blank; for a long video every point is the mean over `bins_per_point` bins."""
    size = bins_per_point(len(aligned.prediction))
    predicted, rated = thinned(aligned.prediction, size), thinned(aligned.fused.values, size)
    spread = thinned(aligned.fused.spread, size)
    low, high = np.clip(rated - spread, -1, 1), np.clip(rated + spread, -1, 1)
    # the smoothed prediction never goes beyond the prediction
    chart = TimeChart(len(aligned.prediction) / aligned.rate_hz, size / aligned.rate_hz, predicted, rated, low, high)
    chart.band(low, high)
    chart.trace(rated, "interval")
    chart.trace(predicted, "trace l0")
    if aligned.smoothed is not None:
        chart.trace(thinned(aligned.smoothed, size), "trace l1")
    return chart.drawing(label)


def bins_per_point(bins: int) -> int:
    """The number of bins averaged for a point of the lines."""
    return max(1, math.ceil(bins / COLUMNS))


def thinned(values: Floats, size: int) -> Floats:
    """Means over `size` neighbours of (bin,), NaN where there is no value."""
    padded = np.concatenate([values, np.full(-len(values) % size, np.nan)]).reshape(-1, size)
    known = ~np.isnan(padded)
    total, count = np.where(known, padded, 0.0).sum(axis=1), known.sum(axis=1)
    result: Floats = np.divide(total, count, out=np.full(len(padded), np.nan), where=count > 0)
    return result


def _marks(*values: Floats) -> list[float]:
    """Round values of valence around everything drawn and 0, half a unit apart at least, inside [-1, 1]."""
    known = np.concatenate([one[~np.isnan(one)] for one in values] + [np.zeros(1)])
    low, high = float(known.min()), float(known.max())
    missing = max(0.0, 0.5 - (high - low)) / 2
    return ticks(max(low - missing, -1.0), min(high + missing, 1.0), 6)


def _runs(values: Floats) -> Iterator[list[int]]:
    """Indices of each interval without NaN."""
    known = np.flatnonzero(~np.isnan(values))
    if known.size:
        yield from (part.tolist() for part in np.split(known, np.flatnonzero(np.diff(known) > 1) + 1))
