"""Rows aggregated into bins of time: gaps kept, memory bounded."""

from __future__ import annotations

import math

import pytest
from annotated_film import BOX, CLASSES, film_of, leaning, row

from seqfer.core.records import FaceRow
from seqfer.report.annotate_bins import COLUMNS, SECONDS, Bin, Film, Grid


def test_memory_does_not_grow_with_the_film():
    film = Film()
    for k in range(30_000):
        film.add(row(k, k // 1000 + 1, rate=2.0, emotion="fear" if k % 2 else "happiness"))
    assert COLUMNS // 2 <= sum(map(len, film.columns.faces.values())) <= COLUMNS + 30
    assert sum(map(len, film.seconds.faces.values())) <= SECONDS + 30
    middle = film.columns.faces[10][5]
    assert middle.means[CLASSES.index("fear")] == pytest.approx((0.7 + 0.05) / 2, abs=0.03)
    assert sum(one.rows for bins in film.columns.faces.values() for one in bins) == 30_000


def test_means_and_ranges_of_a_bin_by_hand():
    one, other = Bin(3, [0.0, 0.0]), Bin(3, [0.0, 0.0])
    one.add((0.25, 0.75), 0.5)
    one.add((0.75, 0.25), math.nan)
    one.add(None, -0.5)
    assert (one.rows, one.means, one.valued, one.valence) == (2, [0.5, 0.5], 2, 0.0)
    assert (one.low, one.high) == (-0.5, 0.5)
    other.add((1.0, 0.0), 0.75)
    one.join(other)
    assert (one.means, one.valence, one.high) == (
        [pytest.approx(2 / 3), pytest.approx(1 / 3)],
        pytest.approx(0.25),
        0.75,
    )
    empty = Bin(0, [0.0])
    assert math.isnan(empty.valence)
    assert math.isnan(empty.means[0])


def test_bins_double_when_time_exceeds_the_last():
    grid = Grid(limit=4, width_s=1.0)
    for time_s, valence in ((10.5, 0.1), (11.2, 0.3), (12.0, 0.5)):
        at = grid.index(time_s)
        grid.analysed.add(at)
        grid.add(1, at, None, valence)
    assert (grid.origin_s, [one.index for one in grid.faces[1]]) == (10.0, [0, 1, 2])
    assert grid.index(15.0) == 2  # bins of two seconds now
    assert (grid.width_s, [one.index for one in grid.faces[1]]) == (2.0, [0, 1])
    assert [one.valence for one in grid.faces[1]] == pytest.approx([0.2, 0.5])
    assert grid.analysed == {0, 1}
    assert grid.start_s(1) == 12.0
    assert grid.index(9.0) == 0  # before the first one: times that decrease


def test_a_bin_that_was_not_looked_at_is_no_gap_and_one_that_was_is():
    grid = Grid(limit=100, width_s=1.0, origin_s=0.0)
    grid.analysed |= {0, 2, 4, 6}
    for at in (0, 2, 6):
        grid.add(1, at, None, 0.5)
    runs = [([one.index for one in run], end_s) for run, end_s in grid.runs(grid.faces[1], 7.0)]
    assert runs == [([0, 2], 4.0), ([6], 7.0)]


def test_totals_of_a_video_by_hand():
    rows = [
        row(0, 1, "fear", 0.5),
        row(0, 2, "anger", math.nan),
        row(1, 1, "fear", -0.5),
        row(2, None),
        row(3, 1, "happiness", 0.6, probabilities=None),
    ]
    film = film_of(rows)
    assert (film.rows, film.analysed, film.with_face, film.most_at_once, film.untimed) == (5, 4, 3, 2, 0)
    assert (film.interval_s, film.end_s, film.length_s) == pytest.approx((0.1, 0.4, 0.4))
    one, two = film.tracks[1], film.tracks[2]
    assert (one.frames, one.classified, one.valued) == (3, 2, 3)
    assert (one.seen_s, two.seen_s) == pytest.approx((0.3, 0.1))
    assert one.top_mean == pytest.approx(0.7)
    assert one.valence == pytest.approx(0.2)
    assert one.tops == {CLASSES.index("fear"): 2}
    assert math.isnan(two.valence)
    assert [track.face for track in film.longest] == [1, 2]
    assert film.finish().tracks[1].seen_s == pytest.approx(0.3)  # finishing twice adds nothing


def test_frames_without_a_time_are_counted_and_not_drawn():
    film = film_of([row(0), FaceRow(1, math.nan, 1, 1, BOX, 0.9, leaning("anger"), 0.0), row(2)])
    assert (film.rows, film.untimed, film.tracks[1].frames) == (3, 1, 2)
    assert film.tracks[1].seen_s == pytest.approx(
        0.2
    )  # from the first frame; the lost one ends it, the last one lasts 0.2
