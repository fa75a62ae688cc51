"""Timelines of one face: bands, valence, labels, values for the pointer."""

from __future__ import annotations

import base64
import re

import numpy as np
import pytest
from annotated_film import CLASSES, film_of, row

from seqfer.report import annotate_text as texts
from seqfer.report import timeline
from seqfer.report.annotate_bins import Film
from seqfer.report.annotate_text import segments


def values_of(film: Film, face: int, axis: timeline.Axis) -> np.ndarray:
    raw = base64.b64decode(timeline.values(film, film.tracks[face], axis, CLASSES))
    return np.frombuffer(raw, np.uint8).reshape(-1, len(CLASSES) + 1)


def test_gaps_stay_gaps():
    film = film_of([row(k) if not 60 <= k < 100 else row(k, None) for k in range(200)])
    axis = timeline.Axis(0.0, 20.0)
    runs = list(film.columns.runs(film.columns.faces[1], film.end_s))
    assert [(round(film.columns.start_s(run[0].index), 2), round(end, 2)) for run, end in runs] == [
        (0.0, 6.0),
        (10.0, 20.0),
    ]
    happy, valence = CLASSES.index("happiness"), len(CLASSES)
    read = values_of(film, 1, axis)
    at = lambda s: read[int(s / film.columns.width_s + 1e-6)]  # noqa: E731
    assert (at(5.95)[happy], at(5.95)[valence]) == (70, 150)
    assert set(at(6.05)) == {timeline.UNSEEN} == set(at(9.9))
    assert at(19.95)[happy] == 70
    assert timeline.bands(film, film.tracks[1], CLASSES, axis, "x").count("<path") == 2 * len(CLASSES)


def test_few_frames_per_second_hold_until_the_next():
    film = film_of([row(k, rate=0.5) for k in range(10)] + [row(10, None, rate=0.5)])
    [(run, end_s)] = film.columns.runs(film.columns.faces[1], film.end_s)
    assert (len(run), end_s) == (10, pytest.approx(20.0))
    assert timeline.valence(film, film.tracks[1], timeline.Axis(0.0, 22.0), "x").count('class="mean"') == 1


def test_clock_lasting_and_ticks():
    assert [texts.clock(t) for t in (0, 9.99, 75.2, 3675)] == ["0:00", "0:09", "1:15", "1:01:15"]
    assert texts.clock(0.25, 1) == "0:00.2"
    assert [texts.lasting(t).replace("\u00a0", " ") for t in (0.2, 180, 150, 3600)] == [
        "0.2 s",
        "3 min",
        "2 min 30 s",
        "1 h",
    ]
    assert [words for _, words, _ in timeline.Axis(0, 7200).ticks()][:3] == ["0:00", "15:00", "30:00"]
    assert all(len(timeline.Axis(3, 3 + span).ticks()) <= 11 for span in (0.2, 1, 7, 100, 1e4, 1e6))


def test_pictures_stand_near_their_times_without_touching():
    assert timeline.spread([1, 2, 50], 12) == pytest.approx([6, 18, 50])
    places = timeline.spread([90, 95, 99, 99.5], 12)
    assert np.diff(places).min() == pytest.approx(12)
    assert max(places) <= 94.01


def test_places_on_the_axis_are_clipped():
    axis = timeline.Axis(10.0, 20.0)
    assert [axis.x(t) for t in (9, 10, 15, 20, 99)] == [0, 0, timeline.WIDE / 2, timeline.WIDE, timeline.WIDE]
    assert axis.percent(12.5) == 25.0
    assert timeline.Axis(3.0, 3.0).x(3.0) == 0.0


def test_every_second_tick_may_be_hidden():
    assert timeline.Axis(0.0, 10.0).ticks()[:3] == [(0.0, "0:00", False), (10.0, "0:01", True), (20.0, "0:02", False)]
    assert timeline.Axis(0.0, 1.0).ticks()[1] == (10.0, "0:00.1", True)


def test_bands_are_stacked_in_one_order_whatever_the_classes_are_called():
    assert [("neutral", "fear", "joy")[k] for k in timeline.stacked(("neutral", "fear", "joy"))] == [
        "fear",
        "neutral",
        "joy",
    ]
    film = film_of([row(k) for k in range(20)])
    drawn = timeline.bands(film, film.tracks[1], CLASSES, timeline.Axis(0.0, 2.0), "what is seen")
    order = [CLASSES[k] for k in reversed(timeline.stacked(CLASSES))]
    assert re.findall(r'class="e-(\w+)"', drawn) == order
    assert 'aria-label="what is seen"' in drawn
    assert drawn.count("fill:url(#p-fear)") == 1


def test_the_values_for_the_pointer_by_hand():
    film = film_of([row(k, valence=-0.25) if k < 10 else row(k, None) for k in range(20)])
    read = values_of(film, 1, timeline.Axis(0.0, 2.0))
    assert len(read) == 100  # columns of 20 ms
    assert read[0].tolist() == [70 if name == "happiness" else 5 for name in CLASSES] + [75]
    assert (read[50:] == timeline.UNSEEN).all()
    later = values_of(film, 1, timeline.Axis(0.5, 1.5))
    assert later.tolist() == read[25:75].tolist()


def test_names_are_written_into_the_middle_of_wide_bands_only():
    film = film_of([row(k, emotion="anger" if k < 150 else "fear") for k in range(200)])
    axis, track = timeline.Axis(0.0, 20.0), film.tracks[1]
    parts = segments(film.columns, track, CLASSES)
    (left, top, name, wide), (right, _, other, narrow) = timeline.band_labels(film, track, CLASSES, axis, parts)
    assert (name, other, wide, narrow) == ("anger", "fear", True, False)
    assert (left, right) == pytest.approx((37.5, 87.5), abs=1)
    # anger lies above fear (5 %) and is 70 % high: its middle is 40 % from the bottom
    assert top == pytest.approx(100 * (1 - 0.05 - 0.35), abs=0.2)
    assert timeline.band_labels(film, track, CLASSES, timeline.Axis(0.0, 400.0), parts) == []


def test_cuts_inside_the_axis_and_too_many_for_lines():
    axis = timeline.Axis(0.0, 10.0)
    assert timeline.shot_marks([0.0, 2.5, 5.0, 10.0, 99.0], axis) == ([25.0, 50.0], True)
    assert timeline.shot_marks([k / 10 for k in range(1, 60)], axis)[1] is False


def test_a_short_part_is_still_visible_on_the_locator():
    drawn = timeline.locator(timeline.Axis(3599.0, 3599.1), timeline.Axis(0.0, 3600.0))
    assert 'width="12"' in drawn
    assert f'x="{timeline.WIDE - 12}"' in drawn


def test_a_face_on_one_frame_of_an_hour_is_drawn_wide_enough():
    film = film_of([row(k, 1 if k == 900 else None, rate=0.5) for k in range(1800)])
    drawn = timeline.bands(film, film.tracks[1], CLASSES, timeline.Axis(0.0, 3600.0), "x")
    first = re.findall(r'd="M(\d+) ', drawn)[0]
    assert 790 <= int(first) <= 810
    assert drawn.count("<path") == len(CLASSES)


def test_probabilities_as_text_from_the_largest():
    assert timeline.spoken([0.2, 0.62, 0.004], ("neutral", "happiness", "fear")).replace("\u00a0", " ") == (
        "happiness 62 %, neutral 20 %"
    )
