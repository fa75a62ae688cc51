"""The sentences of an annotated video's page."""

from __future__ import annotations

import math

import pytest
from annotated_film import CLASSES, film_of, row, two_halves

from seqfer.report import annotate_text as texts
from seqfer.report.annotate_bins import Film
from seqfer.report.annotate_notes import warnings


def test_the_first_sentence_says_what_happened():
    film = film_of(two_halves())
    assert texts.headline(film, CLASSES, "a.mp4").replace("\u00a0", " ") == (
        "Face 1 is seen during all 20.0 s: mostly sadness at first, happiness from 0:10 on; valence rises from \u22120.4 to +0.6."
    )


def test_a_face_seen_part_of_the_time():
    rows = [row(k) if k < 150 else row(k, None) for k in range(200)]
    film = film_of(rows)
    assert film.tracks[1].seen_s == pytest.approx(15.0)
    assert film.with_face == 150
    assert "seen for 15.0 of 20.0 s: mostly happiness; valence stays near +0.5" in texts.headline(
        film, CLASSES, "a"
    ).replace("\u00a0", " ")


def test_no_emotion_stands_out_and_none_estimated():
    even = tuple(1 / 7 for _ in CLASSES)
    assert "no emotion is dominant" in texts.headline(film_of([row(0, probabilities=even)]), CLASSES, "a")
    assert "no emotion could be estimated" in texts.headline(film_of([row(0, probabilities=None)]), CLASSES, "a")


def test_segments_begin_with_the_face_and_change_where_the_emotion_does():
    rows = [row(k, emotion="anger" if k < 120 else "fear") for k in range(50, 200)]
    film = film_of(rows)
    first, second = texts.segments(film.columns, film.tracks[1], CLASSES)
    assert (first.emotion, second.emotion) == ("anger", "fear")
    assert (first.start_s, first.end_s, second.start_s, second.end_s) == pytest.approx((5.0, 12.0, 12.0, 20.0), abs=0.1)
    assert first.share == pytest.approx(0.7)


def test_a_short_change_is_not_worth_a_sentence_and_no_more_than_three_are():
    blink = film_of([row(k, emotion="fear" if 100 <= k < 104 else "anger") for k in range(200)])
    assert [one.emotion for one in texts.segments(blink.columns, blink.tracks[1], CLASSES)] == ["anger"]
    names = ("anger", "fear", "sadness", "happiness", "surprise", "disgust")
    many = film_of([row(k, emotion=names[k // 60]) for k in range(360)])
    assert 1 <= len(texts.segments(many.columns, many.tracks[1], CLASSES)) <= 3
    assert texts.segments(many.columns, many.tracks[1], CLASSES, at_most=6)[-1].emotion == "disgust"


@pytest.mark.parametrize(
    ("valences", "said"),
    [
        ([-0.4] * 50 + [0.6] * 50, "valence rises from \u22120.4 to +0.6"),
        ([0.6] * 50 + [-0.4] * 50, "valence falls from +0.6 to \u22120.4"),
        ([0.1] * 100, "valence stays near +0.1"),
        ([0.0] * 40 + [0.9] * 20 + [0.0] * 40, "valence varies between 0.0 and +0.9"),
    ],
)
def test_the_course_of_valence(valences, said):
    film = film_of([row(k, valence=value) for k, value in enumerate(valences)])
    assert texts.story(film, film.tracks[1], CLASSES) == f"mostly happiness; {said}"


def test_several_faces_and_none():
    rows = [row(k, face) for k in range(100) for face in (1, 2, 3, 4) if k < 100 // face]
    film = film_of(rows)
    assert texts.headline(film, CLASSES, "a").startswith(
        "4 faces are seen in 10.0\u00a0s. Face 1, the longest on screen, is seen"
    )
    said = texts.others(film, CLASSES).replace("\u00a0", " ")
    assert said.startswith("Face 2 is seen for 5.0 of 10.0 s: mostly happiness")
    assert said.endswith("1 more face below.")
    assert texts.headline(film_of([row(k, None) for k in range(20)]), CLASSES, "a.mp4").startswith(
        "No face was found in the 2.0"
    )
    assert texts.headline(film_of([]), CLASSES, "a.mp4") == "a.mp4 has no analysed frame."


def test_what_is_nearly_all_is_not_called_all():
    film = film_of([row(k) if k != 5000 else row(k, None) for k in range(10000)])
    # 1,000 s are rounded to minutes
    assert "seen for 99.9\u00a0% of 17\u00a0min" in texts.seen(film, film.tracks[1])


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.42, "+0.4"), (-0.42, "\u22120.4"), (0.04, "0.0"), (-0.04, "0.0"), (0.0, "0.0"), (math.nan, "undefined")],
)
def test_values_with_their_sign(value, text):
    assert texts.signed(value) == text


def test_times_before_zero():
    assert (texts.clock(-75.2), texts.clock(-0.2), texts.clock(-0.25, 1)) == ("\u22121:15", "0:00", "\u22120:00.2")


def test_short_tracks_are_left_out_of_the_headline() -> None:
    """A fist that is seen for 0.2 s is no face that the headline counts; its rows and its track stay."""
    film = Film(min_track_s=0.5)
    for k in range(40):
        film.add(row(k, 1))
        if k in (5, 6):
            film.add(row(k, 2))
    film.finish()
    assert [track.face for track in film.reported] == [1]
    assert len(film.tracks) == 2
    assert texts.headline(film, CLASSES, "a.mp4").startswith("Face 1 is seen during all")
    assert texts.others(film, CLASSES) == ""
    assert any("1 track is shorter than 0.5" in note for note in warnings(film, {}))


def test_where_all_tracks_are_short_all_are_reported() -> None:
    film = Film(min_track_s=5)
    film.add(row(0, 1))
    assert [track.face for track in film.finish().reported] == [1]
