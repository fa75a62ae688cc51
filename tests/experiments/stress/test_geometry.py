"""Rotation, scale, shift and mirror go where they say."""

from __future__ import annotations

import numpy as np
import pytest

from seqfer.experiments.stress import geometry
from seqfer.experiments.stress.corruptions import CORRUPTIONS

CHANGE = {corruption.name: corruption for corruption in CORRUPTIONS}


def test_geometry_goes_where_it_says():
    spot = np.zeros((1, 49, 49), np.uint8)
    spot[0, 23:26, 39:42] = 200  # right of the middle (24, 24) by 16 pixels

    def centre(picture):
        return np.array([(np.arange(49) * picture.sum(axis)).sum() / picture.sum() for axis in (0, 1)]) - 24  # x, y

    left, right = (centre(CHANGE[f"rotation_{side}"](spot, 5)[0].astype(float)) for side in ("left", "right"))
    assert left == pytest.approx([16 / 2**0.5, -16 / 2**0.5], abs=0.2)  # counter-clockwise as seen: up
    assert right == pytest.approx([16 / 2**0.5, 16 / 2**0.5], abs=0.2)
    assert centre(CHANGE["scale_down"](spot, 5)[0].astype(float)) == pytest.approx([8, 0], abs=0.2)
    assert centre(CHANGE["scale_up"](spot, 2)[0].astype(float)) == pytest.approx([19.2, 0], abs=0.3)
    assert centre(CHANGE["mirror"](spot, 1)[0].astype(float)) == pytest.approx([-16, 0], abs=1e-9)
    middle = np.roll(spot, -16, axis=2)
    for seed in range(3):
        gone = centre(CHANGE["shift"](middle, 5, seed)[0].astype(float))
        assert np.hypot(*gone) == pytest.approx(0.2 * 49, abs=0.2)


RNG = np.random.default_rng(0)
PICTURE = np.random.default_rng(1).integers(0, 256, (21, 21), np.uint8)


def test_a_quarter_turn_is_exact():
    assert np.array_equal(geometry.rotate_left(PICTURE, 90, RNG), np.rot90(PICTURE))
    assert np.array_equal(geometry.rotate_right(PICTURE, 90, RNG), np.rot90(PICTURE, -1))


def test_the_middle_stays_where_it_is():
    for change, strength in ((geometry.rotate_left, 33), (geometry.scale, 0.7), (geometry.scale, 1.4)):
        assert change(PICTURE, strength, RNG)[10, 10] == PICTURE[10, 10]


def test_uncovered_pixels_repeat_the_edge():
    flat = np.full((20, 30), 90, np.uint8)
    for change, strength in ((geometry.rotate_left, 45), (geometry.scale, 0.5), (geometry.shift, 0.3)):
        assert (change(flat, strength, RNG) == 90).all()


def test_a_mirror_is_its_own_inverse_and_keeps_colours():
    colours = np.random.default_rng(2).integers(0, 256, (5, 7, 3), np.uint8)
    assert np.array_equal(geometry.mirror(colours, 1, RNG), colours[:, ::-1])
    assert np.array_equal(geometry.mirror(geometry.mirror(colours, 1, RNG), 1, RNG), colours)


def test_the_direction_of_a_shift_is_drawn():
    spot = np.zeros((41, 41), np.uint8)
    spot[20, 20] = 255
    ends = {tuple(np.argwhere(geometry.shift(spot, 0.2, np.random.default_rng(k)))[0]) for k in range(8)}
    assert len(ends) > 4
