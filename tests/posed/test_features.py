"""Eyes, brows, lips and folds over the face plane."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from seqfer import posed
from seqfer.posed.features import Plane, brows, eyes, folds, mix, mouth, sided
from seqfer.posed.shape import geometry

PERSON = posed.sample_person(3)


def test_every_unit_changes_the_picture_near_the_face_only() -> None:
    bare = dataclasses.replace(PERSON, hair="bald", beard="none", glasses="no", au_gain=((1.0, 1.0),) * len(posed.AUS))
    rest = posed.render(bare, {}, size_px=96).astype(int)
    for unit in posed.AUS:
        change = np.abs(posed.render(bare, {unit: 1.0}, size_px=96).astype(int) - rest).max(axis=2)
        assert change.max() > 12, f"action unit {unit} is not to be seen"
        assert change[:, :8].max() == 0, f"action unit {unit} changes the background"


def plane(size: int = 40) -> Plane:
    """A plain grey plane from -1 to 1."""
    u, v = np.meshgrid(*((np.arange(size) + 0.5) / size * 2 - 1,) * 2)
    return Plane(u, v, v, np.zeros((size, size, 4)), np.full((size, size, 3), 0.5), 2 / size, (0.0, 0.0, 1.0))


def test_a_window_holds_what_lies_in_it_on_both_sides() -> None:
    one = plane()
    where = one.window(0.3, 0.5, -0.2, 0.4)
    assert where is not None
    rows, columns = where
    inside = (np.abs(one.u) >= 0.3) & (np.abs(one.u) <= 0.5) & (one.v >= -0.2) & (one.v <= 0.4)
    assert inside.sum() == inside[rows, columns].sum()
    assert one.v[rows, 0].min() >= -0.2
    assert one.v[rows, 0].max() <= 0.4
    assert one.window(1.5, 2.0, -1, 1) is None


def test_a_colour_covers_as_much_as_it_is_told() -> None:
    picture = np.full((1, 3, 3), 0.2)
    mix(picture, (1.0, 0.0, 0.2), np.array([[0.0, 0.5, 1.0]]))
    assert picture[0].tolist() == pytest.approx(np.array([[0.2, 0.2, 0.2], [0.6, 0.1, 0.2], [1.0, 0.0, 0.2]]))


def test_values_of_two_sides_blend_across_the_midline() -> None:
    u = np.array([-1.0, -0.15, 0.0, 0.075, 0.15, 1.0])
    assert sided((0.2, 0.6), u) == pytest.approx([0.2, 0.2, 0.4, 0.5, 0.6, 0.6])
    assert sided((0.3, 0.3), u) == 0.3


def test_a_blink_hides_the_iris() -> None:
    even = dataclasses.replace(PERSON, au_gain=((1.0, 1.0),) * len(posed.AUS), iris_rgb=(0.0, 0.0, 1.0))

    def blue(aus: dict[int, float]) -> float:
        one = plane(120)
        eyes(one, even, geometry(even, aus))
        return float((one.rgb[..., 2] > one.rgb[..., 0] + 0.1).sum())

    assert blue({}) > 50
    assert blue({45: 1.0}) < 0.1 * blue({})
    assert blue({5: 1.0}) > blue({})


def test_raised_brows_are_drawn_higher() -> None:
    even = dataclasses.replace(PERSON, au_gain=((1.0, 1.0),) * len(posed.AUS))

    def height(aus: dict[int, float]) -> float:
        one = plane(120)
        brows(one, even, geometry(even, aus))
        drawn = np.abs(one.rgb - 0.5).max(axis=2)
        return float((one.v * drawn).sum() / drawn.sum())

    assert height({1: 1.0, 2: 1.0}) < height({}) - 0.05
    assert height({4: 1.0}) > height({}) + 0.03


def test_an_open_mouth_is_dark_inside() -> None:
    even = dataclasses.replace(PERSON, au_gain=((1.0, 1.0),) * len(posed.AUS))

    def dark(aus: dict[int, float]) -> int:
        one = plane(160)
        one.v += 0.7
        mouth(one, even, geometry(even, aus))
        return int((one.rgb.max(axis=2) < 0.3).sum())

    assert dark({26: 1.0}) > dark({26: 0.5}) > dark({}) + 50


def test_folds_deepen_with_a_smile_and_with_age() -> None:
    even = dataclasses.replace(PERSON, au_gain=((1.0, 1.0),) * len(posed.AUS))
    one = plane(120)
    rest = folds(one, even, geometry(even, {}))
    assert np.ptp(folds(one, even, geometry(even, {12: 1.0, 6: 1.0}))) > np.ptp(rest)
    young, old = (dataclasses.replace(even, age=age) for age in (0.0, 1.0))
    assert np.abs(folds(one, old, geometry(old, {}))).sum() > np.abs(folds(one, young, geometry(young, {}))).sum()
    assert rest == pytest.approx(rest[:, ::-1], abs=1e-9)  # the same on both sides
