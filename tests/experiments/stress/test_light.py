"""Exposure, tone, contrast and light from one side, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from seqfer.experiments.stress import light

RAMP = np.tile(np.arange(256, dtype=np.uint8), (4, 1))


def rng(seed=0):
    return np.random.default_rng(seed)


def test_exposure_multiplies_and_clips():
    assert light.gain(RAMP, 2.0, rng())[0].tolist() == [min(2 * v, 255) for v in range(256)]
    assert np.abs(light.gain(RAMP, 0.5, rng())[0] - np.arange(256) / 2).max() <= 0.5


@pytest.mark.parametrize("exponent", [0.4, 1.0, 3.0])
def test_the_tone_curve_keeps_black_and_white(exponent):
    curve = light.gamma(RAMP, exponent, rng())[0]
    assert (curve[0], curve[255]) == (0, 255)
    assert curve[128] == round(255 * (128 / 255) ** exponent)
    assert (np.diff(curve.astype(int)) >= 0).all()


def test_contrast_keeps_the_mean_and_scales_distances():
    picture = np.array([[100, 120], [140, 160]], np.uint8)
    assert light.contrast(picture, 0.5, rng()).tolist() == [[115, 125], [135, 145]]
    assert light.contrast(picture, 2.0, rng()).tolist() == [[70, 110], [150, 190]]
    assert (light.contrast(picture, 0.0, rng()) == 130).all()


def test_light_from_one_side_runs_evenly_and_the_side_is_drawn():
    flat = np.full((31, 31), 100, np.uint8)
    brighter = set()
    for seed in range(10):
        lit = light.side_light(flat, 0.5, rng(seed)).astype(int)
        assert (lit.min(), lit.max()) == (50, 150)
        assert lit[15, 15] == 100
        assert np.abs(np.diff(lit, 2, axis=1)).max() <= 1  # a straight ramp
        brighter.add(bool(lit[15, -1] > lit[15, 0]))
    assert brighter == {True, False}
    colours = light.side_light(np.stack([flat] * 3, axis=2), 0.5, rng(1))
    assert np.array_equal(colours[..., 0], light.side_light(flat, 0.5, rng(1)))


def test_rounded_values_are_clipped_to_eight_bits():
    assert light.rounded(np.array([-3.0, 0.5, 1.5, 254.6, 999.0])).tolist() == [0, 0, 2, 255, 255]
