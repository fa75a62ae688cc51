"""Timelines of one face as inline SVG: emotion bands, the valence trace, cut marks, and the positions of their labels.

Charts stretch to the width of the page (`preserveAspectRatio="none"`), so they have no text; text is HTML, placed in percent of the
width, and is readable on a phone. Bands differ in colour, in lightness and, where colours are similar, in a pattern.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from markupsafe import Markup, escape

from seqfer.report import words
from seqfer.report.annotate_bins import Bin, Film, Track
from seqfer.report.annotate_text import Segment, clock

WIDE, TALL = 1600, 200
UNSEEN = 255
LEAST = 4  # of WIDE: a face on one frame of an hour must still be visible
# From bottom to top. Neighbours differ clearly in lightness or have a pattern, so that they can be distinguished without colour.
ORDER = ("fear", "anger", "sadness", "disgust", "contempt", "neutral", "surprise", "happiness")
PATTERNED = ("fear", "disgust", "contempt")
_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800)


@dataclass(frozen=True)
class Axis:
    """The time axis of a chart."""

    start_s: float
    end_s: float

    def x(self, time_s: float) -> float:
        """Position of a time in units of WIDE, clipped to the chart."""
        return WIDE * min(max((time_s - self.start_s) / max(self.end_s - self.start_s, 1e-9), 0.0), 1.0)

    def percent(self, time_s: float) -> float:
        """Position of a time in percent of the width."""
        return round(100 * self.x(time_s) / WIDE, 2)

    def ticks(self) -> list[tuple[float, str, bool]]:
        """(percent, text, whether it may be hidden on narrow screens) of at most eleven round times."""
        length = self.end_s - self.start_s
        step = next((s for s in _STEPS_S if length / s <= 10), _STEPS_S[-1] * math.ceil(length / _STEPS_S[-1] / 10))
        first = math.ceil(self.start_s / step - 1e-9)
        times = [k * step for k in range(first, math.floor(self.end_s / step + 1e-9) + 1)]
        return [
            (self.percent(t), clock(t, 1 if step < 1 else 0), k % 2 == 1)
            for k, t in enumerate(times)
            if self.percent(t) < 98.5
        ]


def stacked(classes: Sequence[str]) -> list[int]:
    """Indices of the classes from bottom to top; classes outside the vocabulary are on top."""
    return sorted(range(len(classes)), key=lambda k: ORDER.index(classes[k]) if classes[k] in ORDER else len(ORDER))


def bands(film: Film, track: Track, classes: Sequence[str], axis: Axis, label: str) -> Markup:
    """Stacked mean probabilities, blank where the face is not seen; white lines separate the bands."""
    order, shapes = stacked(classes), []
    for run, end_s in film.columns.runs(_known(film, track), film.end_s):
        edges = _edges(film, run, end_s, axis)
        sums = [[0.0] * len(run)]
        for k in order:
            sums.append([low + value for low, value in zip(sums[-1], (one.means[k] for one in run))])
        # the highest sum first: each lower one covers part of it, so one edge per band is enough
        for k, tops in zip(reversed(order), reversed(sums[1:])):
            shapes.append(_area(edges, [TALL * (1 - min(top, 1.0)) for top in tops], TALL, _css(classes[k])))
    return _drawing(label, "bands", shapes)


def valence(film: Film, track: Track, axis: Axis, label: str) -> Markup:
    """The trace: per-second means as a line, the range within each column as a light band, zero as a line under both."""
    shapes = []
    valued = [one for one in film.columns.faces.get(track.face, ()) if one.valued]
    for run, end_s in film.columns.runs(valued, film.end_s):
        edges = _edges(film, run, end_s, axis)
        low = _spread(edges, [_y(one.low) for one in run])
        high = _spread(edges, [_y(one.high) for one in run])
        shapes.append(f'<path d="{_line(high + low[::-1])}z" class="range"/>')
    grid, spans = film.seconds, _spans(film, valued)
    for run, end_s in grid.runs((one for one in grid.faces.get(track.face, ()) if one.valued), film.end_s):
        # a face that comes or goes within a second: the line begins and ends with the face, not with the second
        start_s = grid.start_s(run[0].index)
        here = [span for span in spans if span[0] < end_s and span[1] > start_s] or [(start_s, end_s)]
        begin = axis.x(max(start_s, here[0][0]))
        end = max(axis.x(min(end_s, here[-1][1])), begin + LEAST)
        middles = [axis.x(grid.start_s(one.index) + grid.width_s / 2) for one in run[1:-1]]
        values = [_y(one.valence) for one in run]
        places = [begin, *middles, end] if len(run) > 1 else [begin, end]
        points = list(zip(places, values if len(run) > 1 else values * 2))
        area = [(begin, TALL / 2), *points, (end, TALL / 2)]
        shapes.append(f'<path d="{_line(area)}z" class="fill" style="fill:url(#p-valence)"/>')
        shapes.append(f'<path d="{_line(points)}" class="mean"/>')
    zero = f'<path d="M0 {TALL // 2}h{WIDE}" class="zero"/>'
    return _drawing(label, "valence", [zero, *shapes])


def leaders(places: Sequence[tuple[float, float]]) -> Markup:
    """Thin lines from thumbnails to their times: (percent of the thumbnail's centre, percent of the time)."""
    lines = (f'<path d="M{a * WIDE / 100:.0f} 0L{b * WIDE / 100:.0f} {TALL}"/>' for a, b in places)
    return _drawing("", "leaders", lines)


def locator(part: Axis, whole: Axis) -> Markup:
    """A bar for the whole video with the part shown in a chart marked on it."""
    begin, end = whole.x(part.start_s), whole.x(part.end_s)
    begin, wide = min(begin, WIDE - 12), max(end - begin, 12)
    bars = (
        f'<rect width="{WIDE}" height="{TALL}" class="whole"/>',
        f'<rect x="{begin:.0f}" width="{wide:.0f}" height="{TALL}"/>',
    )
    return _drawing("", "locator", bars)


def spread(wanted: Sequence[float], apart: float) -> list[float]:
    """Centres in percent, in order, at least `apart` from each other and inside the width, as near to the wanted ones as possible."""
    # groups that overlap are placed around the mean of their wanted positions (pool adjacent violators)
    groups: list[list[float]] = []
    for k, want in enumerate(wanted):
        groups.append([want - k * apart])
        while len(groups) > 1 and fmean(groups[-2]) > fmean(groups[-1]):
            group = groups.pop()
            groups[-1] += group
    last = 100 - apart / 2 - (len(wanted) - 1) * apart
    starts = [min(max(fmean(group), apart / 2), max(last, apart / 2)) for group in groups for _ in group]
    return [round(start + k * apart, 2) for k, start in enumerate(starts)]


def shot_marks(shots: Iterable[float], axis: Axis) -> tuple[list[float], bool]:
    """(percents of all cuts inside the axis, whether they are few enough for lines through the chart)."""
    inside = sorted({axis.percent(time_s) for time_s in shots if axis.start_s + 1e-6 < time_s < axis.end_s})
    return inside, len(inside) <= 40


def band_labels(
    film: Film, track: Track, classes: Sequence[str], axis: Axis, parts: Sequence[Segment]
) -> list[tuple[float, float, str, bool]]:
    """(left, top in percent, emotion, whether there is much space) for names written into the bands."""
    bins, order, found = _known(film, track), stacked(classes), []
    for part in parts:
        inside = [one for one in bins if part.start_s <= film.columns.start_s(one.index) < part.end_s]
        wide = axis.percent(part.end_s) - axis.percent(part.start_s)
        if wide < 8 or not inside:
            continue
        middle = (part.start_s + part.end_s) / 2
        at = min(inside, key=lambda one: abs(film.columns.start_s(one.index) - middle))
        near = [one.means for one in inside if abs(one.index - at.index) <= max(2, wide / 8)]
        mean = [sum(column) / len(near) for column in zip(*near)]
        k = classes.index(part.emotion)
        below = sum(mean[j] for j in order[: order.index(k)])
        if mean[k] > 0.2:
            left = axis.percent(film.columns.start_s(at.index) + film.columns.width_s / 2)
            found.append((min(max(left, 5), 95), round(100 * (1 - below - mean[k] / 2), 1), part.emotion, wide > 30))
    return found


def values(film: Film, track: Track, axis: Axis, classes: Sequence[str]) -> str:
    """The values for the pointer, one group of bytes per column from `first_column` on, in base64: a percentage per class (255: not seen), then
    valence as 100 (v + 1) (255: none)."""
    grid = film.columns
    first = first_column(film, axis)
    count = max(1, math.ceil((axis.end_s - grid.start_s(first)) / grid.width_s - 1e-6))
    size = len(classes) + 1
    table = bytearray([UNSEEN]) * (count * size)
    for run, end_s in grid.runs(grid.faces.get(track.face, ()), film.end_s):
        stops = [one.index for one in run[1:]] + [math.ceil((end_s - grid.origin_s) / grid.width_s - 1e-6)]
        for one, stop in zip(run, stops):
            known = [round(100 * mean) for mean in one.means] if one.rows else [UNSEEN] * len(classes)
            group = bytes([*known, UNSEEN if math.isnan(one.valence) else round(100 * (one.valence + 1))])
            for k in range(max(one.index - first, 0), min(max(stop, one.index + 1) - first, count)):
                table[k * size : (k + 1) * size] = group
    return base64.b64encode(bytes(table)).decode()


def first_column(film: Film, axis: Axis) -> int:
    """The bin in which an axis starts."""
    return max(0, math.floor((axis.start_s - film.columns.origin_s) / film.columns.width_s + 1e-6))


def swatch(emotion: str) -> Markup:
    """A piece of an emotion's band, for legends and tables."""
    return Markup(
        f'<svg class="swatch" viewBox="0 0 22 14" width="22" height="14" aria-hidden="true">'
        f'<rect width="22" height="14" rx="3" {_css(emotion)}/></svg>'
    )


def _spans(film: Film, bins: Iterable[Bin]) -> list[tuple[float, float]]:
    """(start, end) in seconds of every interval without a gap."""
    return [(film.columns.start_s(run[0].index), end_s) for run, end_s in film.columns.runs(bins, film.end_s)]


def _known(film: Film, track: Track) -> list[Bin]:
    return [one for one in film.columns.faces.get(track.face, ()) if one.rows]


def _edges(film: Film, run: Sequence[Bin], end_s: float, axis: Axis) -> list[float]:
    """Start of an interval, the centres of its bins, its end; at least LEAST wide."""
    grid = film.columns
    begin, end = axis.x(max(grid.start_s(run[0].index), film.first_s)), axis.x(end_s)
    if end - begin < LEAST:
        begin = min(max((begin + end - LEAST) / 2, 0.0), WIDE - LEAST)
        end = begin + LEAST
    middles = (axis.x(grid.start_s(one.index) + grid.width_s / 2) for one in run)
    return [begin, *(min(max(x, begin), end) for x in middles), end]


def _spread(edges: Sequence[float], heights: Sequence[float]) -> list[tuple[float, float]]:
    return list(zip(edges, [heights[0], *heights, heights[-1]]))


def _area(edges: Sequence[float], heights: Sequence[float], ground: float, css: str) -> str:
    points = [(edges[0], ground), *_spread(edges, heights), (edges[-1], ground)]
    return f'<path d="{_line(points)}z" {css}/>'


def _line(points: Sequence[tuple[float, float]]) -> str:
    """Path data in whole units and relative steps: a third of the bytes of absolute positions."""
    x, y = round(points[0][0]), round(points[0][1])
    parts, dx, dy = [f"M{x} {y}l"], 0, 0
    for at_x, at_y in points[1:]:
        step = (round(at_x) - x - dx, round(at_y) - y - dy)
        if step != (0, 0):
            parts.append(f"{step[0]}{'' if step[1] < 0 else ' '}{step[1]} ")
            dx, dy = dx + step[0], dy + step[1]
    return "".join(parts).strip() if len(parts) > 1 else f"M{x} {y}h0"


def _y(value: float) -> float:
    return TALL / 2 * (1 - min(max(value, -1.0), 1.0))


def _css(emotion: str) -> str:
    if emotion in PATTERNED:
        return f'class="e-{emotion}" style="fill:url(#p-{emotion})"'
    return f'class="e-{emotion if emotion in ORDER else "other"}"'


def _drawing(label: str, css: str, shapes: Iterable[str]) -> Markup:
    spoken = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    size = f'viewBox="0 0 {WIDE} {TALL}" preserveAspectRatio="none"'
    return Markup(f'<svg class="{css}" {size} {spoken}>{"".join(shapes)}</svg>')


def spoken(mean: Sequence[float], classes: Sequence[str]) -> str:
    """Mean probabilities as text, largest first: "happiness 62 %, neutral 20 %"."""
    ranked = sorted(zip(mean, classes), reverse=True)
    return ", ".join(f"{name} {words.percent(value, 0)}" for value, name in ranked if value >= 0.005)
