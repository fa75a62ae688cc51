"""Action units to geometry."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from seqfer import posed
from seqfer.core.errors import InputError
from seqfer.posed.shape import geometry, intensities

PERSON = posed.sample_person(3)


@pytest.mark.parametrize(
    ("unit", "part", "sign"),
    [
        (1, "brow_inner", -1),
        (2, "brow_outer", -1),
        (4, "brow_inner", 1),
        (5, "lid_upper", 1),
        (7, "lid_lower", -1),
        (12, "corner_v", -1),
        (15, "corner_v", 1),
        (20, "corner_u", 1),
        (26, "jaw", 1),
    ],
)
def test_action_units_move_what_facs_says(unit: int, part: str, sign: int) -> None:
    rest, moved = (np.mean(getattr(geometry(PERSON, aus), part)) for aus in ({}, {unit: 1.0}))
    assert (moved - rest) * sign > 0.01


def test_lopsided_person_moves_one_side_more() -> None:
    person = next(p for p in map(posed.sample_person, range(200)) if p.style == "lopsided")
    left, right = geometry(person, {12: 1.0}).corner_v
    assert abs(left - right) > 0.02


EVEN = dataclasses.replace(PERSON, au_gain=((1.0, 1.0),) * len(posed.AUS))


def test_intensities_by_number_or_in_order_with_the_persons_gains() -> None:
    person = dataclasses.replace(PERSON, au_gain=tuple((0.5, 2.0) for _ in posed.AUS))
    by_number = intensities(person, {12: 0.6, 45: 0.8})
    values = np.zeros(len(posed.AUS))
    values[[posed.AUS.index(12), posed.AUS.index(45)]] = 0.6, 0.8
    in_order = intensities(person, values)
    assert list(by_number) == list(posed.AUS)
    for unit in posed.AUS:
        assert np.array_equal(by_number[unit], in_order[unit])
    assert by_number[12].tolist() == [0.3, 1.2]
    assert by_number[45].tolist() == [0.8, 0.8]  # blinks are full in everybody
    assert intensities(person, {12: 1.0})[12].tolist() == [0.5, 1.5]  # at most one and a half


@pytest.mark.parametrize(
    ("aus", "words"),
    [
        ({99: 1.0}, "action unit 99 is not drawn; allowed: 1, 2, 4"),
        (np.zeros(3), r"action units of shape \(3,\); give 17 finite intensities"),
        (np.full(17, np.nan), r"action units of shape \(17,\); give 17 finite"),
    ],
)
def test_units_that_are_not_drawn(aus, words: str) -> None:
    with pytest.raises(InputError, match=words):
        intensities(PERSON, aus)


def test_the_jaw_opens_the_mouth_and_draws_its_corners_in_and_down() -> None:
    rest, open_ = geometry(EVEN, {}), geometry(EVEN, {26: 1.0})
    assert (rest.jaw, rest.gap) == (0, 0)
    assert (open_.jaw, open_.gap) == pytest.approx((0.3, 0.85 * 0.3))
    assert open_.corner_u[0] - rest.corner_u[0] == pytest.approx(-0.13 * 0.3)
    assert open_.corner_v[0] - rest.corner_v[0] == pytest.approx(0.3 * 0.3)


def test_a_blink_closes_the_eye_whatever_else_the_face_does() -> None:
    for aus in ({45: 1.0}, {45: 1.0, 5: 1.0}, {45: 1.0, 7: 0.5, 12: 1.0}):
        face = geometry(EVEN, aus)
        for upper, lower in zip(face.lid_upper, face.lid_lower):
            assert abs(upper + lower) <= 0.0081  # the height of the opening
    assert sum(geometry(EVEN, {}).lid_upper) > 0.1


def test_a_smile_of_one_side_leaves_the_other_as_it_was() -> None:
    left_only = dataclasses.replace(EVEN, au_gain=((1.0, 0.0),) * len(posed.AUS))
    rest, smile = geometry(left_only, {}), geometry(left_only, {12: 1.0})
    assert smile.corner_v[0] - rest.corner_v[0] == pytest.approx(-0.15)
    assert smile.corner_v[1] == rest.corner_v[1]
