"""Elements of inline SVG. Colours are CSS classes, so that a chart follows the page's light or dark theme and its print style.

A series has a colour and a marker shape (`s0` .. `s5`), because some readers and grey printers do not distinguish colours.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

SERIES = 6  # number of colours and shapes; further series repeat them
Point = tuple[float, float]


def text(x: float, y: float, words: str, css: str = "", anchor: str = "start") -> str:
    """Text at a position; `anchor` is start, middle or end. The text is escaped."""
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{css}" text-anchor="{anchor}">{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, css: str) -> str:
    """A straight line."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{css}"/>'


def rect(x: float, y: float, width: float, height: float, css: str, title: str = "") -> str:
    """A rectangle with slightly rounded corners and, where given, a tooltip."""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{max(height, 0):.1f}" rx="2" class="{css}">{_title(title)}</rect>'


def path(points: Iterable[Point], css: str) -> str:
    """A line through points; a point with NaN interrupts the line."""
    commands, pen = [], "M"
    for x, y in points:
        if math.isnan(x) or math.isnan(y):
            pen = "M"
            continue
        commands.append(f"{pen}{x:.1f} {y:.1f}")
        pen = "L"
    return f'<path d="{"".join(commands)}" class="{css}"/>' if commands else ""


def marker(series: int, x: float, y: float, radius: float, css: str = "", title: str = "") -> str:
    """The mark of a series: circle, square, triangle, diamond, triangle down, hexagon, all of about the same area."""
    series %= SERIES
    css = f"m s{series} {css}".strip()
    if series == 0:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" class="{css}">{_title(title)}</circle>'
    corners, turn, scale = ((4, 45, 1.25), (3, -90, 1.45), (4, 0, 1.25), (3, 90, 1.45), (6, 0, 1.1))[series - 1]
    angles = [math.radians(turn + 360 * k / corners) for k in range(corners)]
    shape = " ".join(f"{x + radius * scale * math.cos(a):.1f},{y + radius * scale * math.sin(a):.1f}" for a in angles)
    return f'<polygon points="{shape}" class="{css}">{_title(title)}</polygon>'


def whisker(x1: float, y1: float, x2: float, y2: float, css: str, cap: float = 5) -> str:
    """An interval with caps at both ends, vertical or horizontal."""
    along_x = abs(x2 - x1) > abs(y2 - y1)
    dx, dy = (0.0, cap) if along_x else (cap, 0.0)
    caps = (line(x - dx, y - dy, x + dx, y + dy, css) for x, y in ((x1, y1), (x2, y2)))
    return line(x1, y1, x2, y2, css) + "".join(caps)


def drawing(width: float, height: float, label: str, parts: Iterable[str], css: str = "") -> Markup:
    """The whole chart. `label` is the text for screen readers: it should state the finding, not the word "chart".

    A chart without a label repeats a text beside it; screen readers skip it.
    """
    spoken = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    size = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
    return Markup(f'<svg class="chart {css}" {size} {spoken}>{"".join(parts)}</svg>')


def ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """Round numbers (1, 2, 2.5 or 5 times a power of ten) from `low` or just below to `high` or just above."""
    span = high - low
    if not span > 0:
        return [low, low + 1.0]
    power = 10.0 ** math.floor(math.log10(span / wanted))
    step = next((m * power for m in (1, 2, 2.5, 5, 10) if span / (m * power) <= wanted), 10 * power)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(k * step, 12) for k in range(first, last + 1)]


def span(values: Sequence[float]) -> tuple[float, float]:
    """Start and end of an axis for rates: from 0 unless all values are far from it. An empty list gives (0, 1)."""
    known = [v for v in values if not math.isnan(v)]
    if not known:
        return 0.0, 1.0
    low, high = min(known), max(known)
    return (low - 0.15 * (high - low) if high > low > 0.6 * high else 0.0), max(high, low + 1e-6, 1e-3)


def _title(words: str) -> str:
    return f"<title>{escape(words)}</title>" if words else ""
