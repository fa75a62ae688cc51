"""Frames to segments of one emotion per face, with hysteresis."""

from __future__ import annotations

import math

import pytest
from annotation_rows import CLASSES, face_row, film

from seqfer.core.records import FaceRow
from seqfer.film.output.segments import emotion_segments


def spans(rows, **options):
    return [
        (s.face, round(s.start_s, 3), round(s.end_s, 3), s.emotion) for s in emotion_segments(rows, CLASSES, **options)
    ]


def test_short_runs_belong_to_the_stretch_before(tmp_path):
    flicker = ["fear"] * 25 + ["anger"] * 4 + ["fear"] * 20 + ["anger", "sadness", "anger"] + ["neutral"] * 25
    assert spans(film(flicker)) == [(1, 0.0, 2.08, "fear"), (1, 2.08, 3.08, "neutral")]


def test_two_hundred_milliseconds_are_long_enough():
    assert spans(film(["fear"] * 25 + ["anger"] * 5 + ["fear"] * 25)) == [
        (1, 0.0, 1.0, "fear"),
        (1, 1.0, 1.2, "anger"),
        (1, 1.2, 2.2, "fear"),
    ]


def test_what_flickers_at_the_beginning_belongs_to_the_first_that_lasts():
    assert spans(film(["anger", "fear", "anger", *["happiness"] * 10])) == [(1, 0.0, 0.52, "happiness")]


def test_a_face_that_never_settles_has_its_highest_mean():
    assert spans(film(["anger", "fear", "anger", "sadness", "anger"])) == [(1, 0.0, 0.2, "anger")]
    assert spans(film(["", "fear", ""])) == [(1, 0.04, 0.08, "fear")]


def test_probability_and_valence_are_means_over_the_stretch():
    rows = [face_row(k, k / 10, emotion="fear", valence=value) for k, value in enumerate([0.0, 0.5, math.nan, 1.0])]
    (segment,) = emotion_segments(rows, CLASSES)
    assert segment.probability == pytest.approx(0.7)
    assert segment.valence == pytest.approx(0.5)
    assert (segment.frames, segment.end_s) == (4, pytest.approx(0.4))


def test_stretches_end_where_the_face_goes():
    rows = film(["fear"] * 10 + [""] * 10 + ["fear"] * 10)
    assert spans(rows) == [(1, 0.0, 0.4, "fear"), (1, 0.8, 1.2, "fear")]


def test_damaged_times_stop_nothing():
    back = [face_row(0, 5.0), face_row(1, 2.0), face_row(2, 5.5), face_row(3, 6.0)]
    assert spans(back) == [(1, 5.0, 6.5, "neutral")]
    ahead = [face_row(0, 0.0), face_row(1, 0.5), face_row(2, 1e9), face_row(3, 1e9 + 1)]
    assert spans(ahead) == [(1, 0.0, 60.5, "neutral"), (1, 1e9, 1e9 + 2, "neutral")]
    assert spans([face_row(0, 3.0)]) == [(1, 3.0, 3.04, "neutral")]
    assert spans([]) == []
    assert spans([FaceRow(0, 0.0, 1)]) == []


def test_faces_are_segmented_each_by_itself():
    rows = film(["fear"] * 10 + ["anger"] * 10)
    rows += [face_row(row.frame, row.time_s, 2, "happiness") for row in rows if row.frame < 15]
    rows.sort(key=lambda row: row.frame)
    assert sorted(spans(rows)) == [(1, 0.0, 0.4, "fear"), (1, 0.4, 0.8, "anger"), (2, 0.0, 0.6, "happiness")]


def test_the_shortest_segment_can_be_chosen():
    rows = film(["fear"] * 25 + ["anger"] * 10 + ["fear"] * 25)
    assert [name for *_, name in spans(rows, shortest_s=0.5)] == ["fear"]
    assert [name for *_, name in spans(rows, shortest_s=0.4)] == ["fear", "anger", "fear"]
