"""Readings of one face are averaged over the moments at which it looks the same, and over no others."""

from __future__ import annotations

import numpy as np
import pytest

from seqfer.models.appearance_average import average_where_alike, unit_of_appearance

RATE = 25
JITTER = 0.02  # standard deviation of readings of one face in crops shifted by up to 2 px, of real stills 0.035 and of drawn ones 0.02


def sequence(levels: np.ndarray, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Readings 0.3 * level and appearance 1.2 * level, as a full expression has it, with the noise of crops on top."""
    rng = np.random.default_rng(seed)
    count = len(levels)
    direction = rng.normal(size=30)
    looks = 1.2 * levels[:, None] * direction / np.linalg.norm(direction) + rng.normal(0, 0.25 / 30**0.5, (count, 30))
    readings = 0.3 * levels[:, None] + rng.normal(0, JITTER, (count, 1))
    arrays = (array.astype(np.float32)[None] for array in (readings, looks))
    return *arrays, np.ones((1, count), dtype=bool), np.arange(count)[None] / RATE


def averaged(levels: np.ndarray, seed: int = 0) -> np.ndarray:
    return average_where_alike(*sequence(levels, seed))[0, :, 0]


@pytest.mark.parametrize(("seconds", "kept"), [(0.5, 0.9), (1.0, 0.95), (2.0, 0.95), (4.0, 0.95)])
def test_a_short_expression_keeps_its_height_and_its_place(seconds: float, kept: float) -> None:
    time = np.arange(8 * RATE) / RATE
    shown = np.abs(time - 4) < seconds / 2
    found = averaged(shown.astype(float))
    assert found[shown].mean() - found[~shown].mean() > kept * 0.3
    assert np.abs(found[~shown]).max() < 0.05  # nothing leaks into the seconds beside it
    above = np.flatnonzero(found > 0.15)
    assert (above[0], above[-1]) == (np.flatnonzero(shown)[0], np.flatnonzero(shown)[-1])


def test_a_still_face_is_as_steady_as_with_a_gaussian_of_the_same_width() -> None:
    time = np.arange(6 * RATE) / RATE
    weights = np.exp(-0.5 * ((time[:, None] - time) / 0.9) ** 2)
    for seed in range(5):
        readings = sequence(np.zeros(len(time)), seed)[0][0, :, 0]
        plain = weights @ readings / weights.sum(1)
        assert np.allclose(averaged(np.zeros(len(time)), seed), plain, atol=1e-3)


def test_the_first_and_the_last_frame_are_those_of_their_own_moment() -> None:
    levels = np.linspace(0, 1, 40) > 0.5
    found = averaged(levels.astype(float))
    assert abs(found[0]) < 0.02
    assert abs(found[-1] - 0.3) < 0.02


def test_padded_frames_count_for_nothing() -> None:
    readings, looks, mask, times_s = sequence(np.zeros(30))
    alone = average_where_alike(readings[:, :20], looks[:, :20], mask[:, :20], times_s[:, :20])
    mask[:, 20:] = False
    readings[:, 20:] = 0.9
    assert np.allclose(average_where_alike(readings, looks, mask, times_s)[:, :20], alone, atol=1e-6)


def test_the_unit_is_the_distance_of_two_random_faces() -> None:
    rng = np.random.default_rng(0)
    projection = rng.uniform(-0.05, 0.05, (30, 500))
    faces = rng.normal(size=(2, 4000, 500)) @ projection.T
    apart = float(np.sqrt(((faces[0] - faces[1]) ** 2).sum(1).mean()))
    assert unit_of_appearance(projection) == pytest.approx(apart, rel=0.02)
