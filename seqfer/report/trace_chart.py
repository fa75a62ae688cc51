"""The chart of a video's traces over time as inline SVG: the prediction, also smoothed where that is compared, the raters' mean, and one standard
deviation between raters."""

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


def traces(aligned: Aligned, label: str) -> Markup:
    """The chart. Gaps are blank; for a long video every point is the mean over `bins_per_point` bins."""
    size = bins_per_point(aligned)
    predicted, rated = _thinned(aligned.prediction, size), _thinned(aligned.fused.values, size)
    spread = _thinned(aligned.fused.spread, size)
    low, high = np.clip(rated - spread, -1, 1), np.clip(rated + spread, -1, 1)
    step_s = size / aligned.rate_hz
    axis = Axis(0.0, len(aligned.prediction) / aligned.rate_hz)
    smoothed = [_thinned(aligned.smoothed, size)] if aligned.smoothed is not None else []
    marks = _marks(predicted, rated, low, high)  # the smoothed prediction never goes beyond the prediction

    def x(time_s: float) -> float:
        return LEFT + WIDE * axis.percent(time_s) / 100

    def y(value: float) -> float:
        return TOP + TALL * (marks[-1] - value) / (marks[-1] - marks[0])

    parts, digits = [], 1 if all(abs(10 * mark - round(10 * mark)) < 1e-9 for mark in marks) else 2
    for mark in marks:
        parts.append(line(LEFT, y(mark), LEFT + WIDE, y(mark), "axis" if mark == 0 else "grid"))
        parts.append(text(LEFT - 8, y(mark) + 4, decimal(mark, digits), "tick", "end"))
    for percent, words, _ in axis.ticks():
        parts.append(text(LEFT + WIDE * percent / 100, TOP + TALL + 18, words, "tick", "middle"))
    for run in _runs(low):
        middles = [x((k + 0.5) * step_s) for k in run]
        middles = [x(run[0] * step_s), *middles, x((run[-1] + 1) * step_s)]
        edge = [run[0], *run, run[-1]]
        there = [f"{a:.1f},{y(high[k]):.1f}" for a, k in zip(middles, edge)]
        back = [f"{a:.1f},{y(low[k]):.1f}" for a, k in zip(middles[::-1], edge[::-1])]
        parts.append(f'<polygon points="{" ".join(there + back)}" style="fill:var(--ink);opacity:.14"/>')
    for values, css in ((rated, "interval"), (predicted, "trace l0"), *((one, "trace l1") for one in smoothed)):
        for run in _runs(values):
            points = [(x((k + 0.5) * step_s), y(values[k])) for k in run]
            if len(run) == 1:  # a path of one point is invisible
                points = [(x(run[0] * step_s), points[0][1]), (x((run[0] + 1) * step_s), points[0][1])]
            parts.append(path(points, css))
    return drawing(LEFT + WIDE + 14, TOP + TALL + 28, label, parts)


def bins_per_point(aligned: Aligned) -> int:
    """The number of bins averaged for a point of the lines."""
    return max(1, math.ceil(len(aligned.prediction) / COLUMNS))


def _thinned(values: Floats, size: int) -> Floats:
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
