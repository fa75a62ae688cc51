"""The appearance of observations, and how different two of them look."""

from __future__ import annotations

import numpy as np
import pytest
from patterned_people import at, picture_of, seen

from seqfer.core.records import Detection
from seqfer.tracks.appearance import Observation, appearance_distance, observations


def test_sightings_are_in_the_whole_pictures_pixels_and_best_first() -> None:
    picture = picture_of((1, 60, 60), (2, 200, 80))
    marks = tuple((60.0 + i, 50.0 + i) for i in range(5))
    found = [at(200, 80, 0.6), Detection((40, 40, 80, 80), 0.8, marks), at(120, 140, 0.2)]
    first, second = observations(picture, found, 4.0, 0.5)
    assert first.detection.box_xyxy_px == (160, 160, 320, 320)
    assert first.detection.landmarks_xy_px == tuple((4 * x, 4 * y) for x, y in marks)
    assert second.centre_xy_px == (800, 320)
    assert second.size_px == 160


def test_duplicates_go_and_neighbours_stay() -> None:
    picture = picture_of((1, 60, 60))
    for other, kept in (
        (at(66, 62, 0.7), 1),  # shifted a little
        (at(62, 64, 0.7, 14), 1),  # a small box inside
        (at(60, 62, 0.7, 46), 1),  # a larger one around
        (at(86, 60, 0.7), 2),  # somebody half behind
    ):
        assert len(observations(picture, [at(60, 60), other], 1.0, 0.0)) == kept


def test_unlikeness_knows_people_apart_from_places() -> None:
    (ann,), (again,), (bob,) = seen((1, 60, 60)), seen((1, 202, 83)), seen((2, 60, 60))
    assert appearance_distance(ann, ann) == pytest.approx(0, abs=1e-5)
    assert appearance_distance(ann, again) < 0.05
    assert appearance_distance(ann, bob) > 0.25


def test_a_picture_without_any_detail_has_an_appearance() -> None:
    flat = np.zeros((180, 320, 3), np.uint8)
    (first,) = observations(flat, [at(5, 5)], 1.0, 0.0)
    assert np.isfinite(appearance_distance(first, first))
    assert np.isfinite(appearance_distance(first, seen((1, 60, 60))[0]))


def test_of_a_partly_covered_face_only_what_both_pictures_show_is_compared() -> None:
    """Somebody in front covers the right of a face: its left still matches, and the patch of the covered one is not normalised."""
    (ann,) = seen((1, 100, 60))
    covered, front = observations(picture_of((1, 100, 60), (2, 124, 60)), [at(100, 60), at(124, 60, 0.8)], 1.0, 0.0)
    assert covered.shown is not None
    shown = covered.shown.reshape(16, 16)
    assert shown[:, :4].all()
    assert not shown[8:, -4:].any()
    assert front.shown is not None  # each counts as covered by the other
    assert appearance_distance(ann, covered) == appearance_distance(covered, ann)
    (stranger,) = seen((3, 100, 60))
    assert appearance_distance(ann, covered) < appearance_distance(stranger, covered)


def test_patches_and_colours_are_of_unit_norm() -> None:
    (ann,) = seen((1, 60, 60))
    assert ann.shown is None
    assert ann.patch.shape == (256,)
    assert float(ann.patch.mean()) == pytest.approx(0, abs=1e-6)
    assert np.linalg.norm(ann.patch) == pytest.approx(1, abs=1e-5)
    assert np.linalg.norm(ann.colours) == pytest.approx(1, abs=1e-5)


def test_the_distance_by_hand() -> None:
    """Half of one less the correlation of the faces, and one less the likeness of the colours."""
    face = Detection((0, 0, 10, 10), 0.9)
    patch = np.zeros(256, np.float32)
    patch[:2] = np.sqrt(0.5), -np.sqrt(0.5)
    red, blue = np.eye(2, dtype=np.float32)
    one = Observation(face, patch, red)
    assert appearance_distance(one, one) == pytest.approx(0, abs=1e-6)
    assert appearance_distance(one, Observation(face, -patch, red)) == pytest.approx(1)  # half of 1 - (-1)
    assert appearance_distance(one, Observation(face, patch, blue)) == pytest.approx(1)
    hidden = np.zeros(256, bool)
    hidden[:50] = True  # less than three tenths of the face
    assert appearance_distance(one, Observation(face, patch, red, hidden)) == pytest.approx(0.5 * (1 - 0.6))


def test_centre_and_size_of_an_observation() -> None:
    one = Observation(Detection((10, 20, 50, 30), 0.9), np.zeros(256), np.zeros(1))
    assert (one.centre_xy_px, one.size_px) == ((30, 25), 20)  # the side of a square of the same area
