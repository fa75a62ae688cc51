"""Elements of inline SVG: ticks, paths, markers, escaped text."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from seqfer.report import svg


@pytest.mark.parametrize(("low", "high"), [(0, 0.37), (-3.2, 3.2), (0.61, 0.83), (0, 1e-4), (0, 4321)])
def test_ticks_are_round_and_cover(low, high):
    marks = svg.ticks(low, high)
    steps = {round((b - a) / (marks[1] - marks[0]), 9) for a, b in pairwise(marks)}
    assert marks[0] <= low
    assert marks[-1] >= high
    assert steps == {1.0}
    assert 2 <= len(marks) <= 8


def test_path_parts_at_nan():
    assert (
        svg.path([(0, 0), (1, 1), (math.nan, 0), (2, 2), (3, 3)], "x")
        == '<path d="M0.0 0.0L1.0 1.0M2.0 2.0L3.0 3.0" class="x"/>'
    )
    assert svg.path([(math.nan, 0)], "x") == ""


def test_texts_and_titles_are_escaped():
    assert svg.text(1, 2.04, "<b>&", "name", "end") == (
        '<text x="1.0" y="2.0" class="name" text-anchor="end">&lt;b&gt;&amp;</text>'
    )
    assert "<title>a &lt; b</title>" in svg.rect(0, 0, 1, 1, "x", "a < b")
    assert "<title>" not in svg.rect(0, 0, 1, 1, "x")
    assert 'aria-label="&lt;&#34;&gt;"' in svg.drawing(1, 1, '<">', [])


def test_a_rectangle_is_never_of_negative_size():
    assert 'width="0.0" height="3.0"' in svg.rect(0, 0, -2, 3, "x")


@pytest.mark.parametrize(("series", "corners"), [(1, 4), (2, 3), (3, 4), (4, 3), (5, 6), (7, 4), (11, 6)])
def test_markers_differ_in_shape_and_stay_around_their_place(series: int, corners: int):
    drawn = svg.marker(series, 50, 20, 5)
    points = [tuple(map(float, point.split(","))) for point in drawn.split('"')[1].split()]
    assert len(points) == corners
    assert sum(x for x, _ in points) / corners == pytest.approx(50, abs=0.1)
    assert sum(y for _, y in points) / corners == pytest.approx(20, abs=0.1)
    assert all(5 <= math.hypot(x - 50, y - 20) <= 7.5 for x, y in points)
    assert f"m s{series % svg.SERIES}" in drawn


def test_the_first_marker_is_a_circle_and_they_repeat():
    assert svg.marker(0, 1, 2, 3).startswith('<circle cx="1.0" cy="2.0" r="3.0" class="m s0"')
    assert svg.marker(svg.SERIES, 1, 2, 3) == svg.marker(0, 1, 2, 3)
    assert len({svg.marker(k, 1, 2, 3) for k in range(svg.SERIES)}) == svg.SERIES


def test_whiskers_have_caps_across_their_direction():
    vertical = svg.whisker(10, 5, 10, 25, "x", 4)
    assert vertical.count("<line") == 3
    assert 'x1="6.0" y1="5.0" x2="14.0" y2="5.0"' in vertical
    assert 'x1="5.0" y1="6.0" x2="5.0" y2="14.0"' in svg.whisker(5, 10, 25, 10, "x", 4)


def test_a_chart_without_a_label_is_skipped_by_screen_readers():
    assert 'aria-hidden="true"' in svg.drawing(10, 20, "", ["<g/>"])
    assert 'role="img"' not in svg.drawing(10, 20, "", ["<g/>"])
    assert 'viewBox="0 0 10 20"' in svg.drawing(10, 20, "a", ["<g/>"])


@pytest.mark.parametrize(
    ("low", "high", "marks"),
    [
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (0.13, 0.22, [0.12, 0.14, 0.16, 0.18, 0.2, 0.22]),
        (-7, 12, [-10, -5, 0, 5, 10, 15]),
        (3, 3, [3, 4]),
    ],
)
def test_round_ticks_by_hand(low: float, high: float, marks: list[float]):
    assert svg.ticks(low, high) == pytest.approx(marks)


@pytest.mark.parametrize(
    ("values", "axis"),
    [
        ([], (0, 1)),
        ([math.nan], (0, 1)),
        ([0.1, 0.3, math.nan], (0, 0.3)),
        ([0.8, 0.9], (0.785, 0.9)),  # far from 0: the axis begins near the lowest
        ([0.0], (0, 1e-3)),
    ],
)
def test_the_axis_of_rates(values: list[float], axis: tuple[float, float]):
    assert svg.span(values) == pytest.approx(axis)
