"""Shapes on the face plane and the maps that lie on a head."""

from __future__ import annotations

import numpy as np
import pytest

from seqfer import posed
from seqfer.posed.surface import FINEST, HEIGHT, U_MIN, V_MIN, WIDTH, bump, maps, plateau, radius, sample, step

PERSON = posed.sample_person(3)


def test_hills_plateaus_and_edges_by_hand() -> None:
    one = np.array([0.0, 0.2, -0.2])
    assert bump(one, np.zeros(3), 0.0, 0.0, 0.2, 1.0) == pytest.approx([1, np.exp(-1), np.exp(-1)])
    assert bump(np.zeros(1), np.array([0.5]), 0.0, 0.0, 1.0, 0.25) == pytest.approx([np.exp(-4)])
    assert plateau(np.array([0.0, 0.1, -0.2]), 0.2) == pytest.approx([1, np.exp(-1 / 16), np.exp(-1)])
    assert step(np.array([-1.0, -0.05, 0.0, 0.05, 1.0]), 0.1).tolist() == [0, 0, 0.5, 1, 1]


def test_the_radius_is_one_on_the_outline() -> None:
    u, v = np.array([0.0, 0.0, 1.0, -1.0]), np.array([PERSON.chin, -PERSON.skull, 0.0, 0.0])
    assert radius(PERSON, u, v) == pytest.approx([1, 1, 1, 1], abs=1e-6)
    half = radius(PERSON, np.array([0.5]), np.array([0.0]))[0]
    assert half == pytest.approx(0.5, abs=1e-6)
    assert radius(PERSON, np.zeros(1), np.zeros(1))[0] == 0
    assert radius(PERSON, np.array([1.4]), np.array([0.7]))[0] > 1


def test_maps_of_every_fineness_are_of_the_same_head() -> None:
    fine, coarse = maps(PERSON, FINEST), maps(PERSON, 32)
    assert fine.shape == (round(HEIGHT * FINEST), round(WIDTH * FINEST), 4)
    assert coarse.shape == (round(HEIGHT * 32), round(WIDTH * 32), 4)
    assert np.abs(fine[..., 1:].mean((0, 1))).max() < 0.1  # blotches, strands and grain have no mean
    assert coarse[..., 0].mean() == pytest.approx(fine[..., 0].mean(), abs=0.01)
    rows, columns = np.unravel_index(fine[..., 0].argmax(), fine.shape[:2])
    u, v = U_MIN + (columns + 0.5) / FINEST, V_MIN + (rows + 0.5) / FINEST
    assert abs(u) < 0.05  # the highest point is the tip of the nose
    assert v == pytest.approx(PERSON.nose_length, abs=0.12)


def test_maps_differ_between_people_and_not_between_calls() -> None:
    assert np.array_equal(maps(PERSON, 32), maps(posed.sample_person(3), 32))
    assert not np.array_equal(maps(PERSON, 32)[..., 1], maps(posed.sample_person(4), 32)[..., 1])


@pytest.mark.parametrize(("per_unit", "level"), [(10, 32), (32, 32), (33, 64), (100, FINEST), (500, FINEST)])
def test_samples_are_read_from_the_coarsest_map_that_is_fine_enough(per_unit: float, level: int) -> None:
    whole = maps(PERSON, level)
    rows, columns = np.array([[40, 60]]), np.array([[50, 20]])
    u, v = U_MIN + (columns + 0.5) / level, V_MIN + (rows + 0.5) / level  # the centres of two pixels
    found = sample(PERSON, u.astype(np.float32), v.astype(np.float32), per_unit)
    assert found == pytest.approx(whole[rows, columns], abs=2e-3)


def test_beyond_the_map_its_edge_goes_on() -> None:
    far = sample(PERSON, np.full((1, 1), 99.0), np.full((1, 1), -99.0), 32)
    assert far[0, 0] == pytest.approx(maps(PERSON, 32)[0, -1], abs=1e-6)
