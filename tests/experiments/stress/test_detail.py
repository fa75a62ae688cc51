"""Fewer pixels, blur, noise, compression."""

from __future__ import annotations

import numpy as np
import pytest

from seqfer.experiments.stress import detail
from seqfer.experiments.stress.corruptions import CORRUPTIONS

CHANGE = {corruption.name: corruption for corruption in CORRUPTIONS}


def test_blurs_keep_the_light_and_have_the_stated_width():
    point, block = np.zeros((2, 1, 101, 101), np.uint8)
    point[0, 50, 50] = block[0, 40:61, 40:61] = 255
    blurred = CHANGE["blur_gaussian"](block, 3)[0].astype(float)
    variance = (blurred.sum(0) * (np.arange(101) - 50) ** 2).sum() / blurred.sum()
    assert np.sqrt(variance - (21**2 - 1) / 12) == pytest.approx(0.03 * 101, rel=0.05)  # the block's own is taken off
    assert blurred.sum() == pytest.approx(block.sum(), rel=0.01)
    moved = CHANGE["blur_motion"](point, 4)[0].astype(float)
    spread = np.cov(np.argwhere(moved > 0).T, aweights=moved[moved > 0])
    assert np.sqrt(12 * np.linalg.eigvalsh(spread)[1]) == pytest.approx(0.2 * 101, rel=0.1)  # an even line's length
    assert moved.sum() == pytest.approx(255, rel=0.15)


def test_resolution_leaves_no_more_than_its_pixels():
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (1, 48, 48)).astype(np.uint8)
    coarse = CHANGE["resolution"](noise, 3)[0]  # 20 pixels
    assert np.linalg.matrix_rank(coarse.astype(float), tol=40) <= 20
    small = noise[:, :12, :12]
    assert np.array_equal(CHANGE["resolution"](small, 5), small)  # no picture is enlarged


def rng(seed=0):
    return np.random.default_rng(seed)


def test_a_low_resolution_is_the_average_of_areas():
    picture = np.kron(np.arange(16, dtype=np.uint8).reshape(4, 4) * 10, np.ones((4, 4), np.uint8))
    coarse = detail.resolution(picture, 4, rng())
    assert np.array_equal(coarse[2::4, 2::4], coarse[2::4, 2::4])
    assert abs(float(coarse.mean()) - picture.mean()) < 1
    assert np.array_equal(detail.resolution(picture, 16, rng()), picture)
    assert detail.resolution(picture[:, :8], 4, rng()).shape == (16, 8)


def test_noise_is_independent_in_every_colour_and_has_its_sigma():
    flat = np.full((48, 48, 3), 128, np.uint8)
    noise = detail.gaussian_noise(flat, 20, rng()).astype(float) - 128
    assert noise.std() == pytest.approx(20, rel=0.05)
    assert abs(np.corrcoef(noise[..., 0].ravel(), noise[..., 1].ravel())[0, 1]) < 0.1


def test_dead_pixels_are_black_and_white_in_equal_parts_and_in_all_colours():
    flat = np.full((48, 48, 3), 128, np.uint8)
    dead = detail.salt_and_pepper(flat, 0.4, rng())
    assert np.mean((dead == 0).all(2)) == pytest.approx(0.2, abs=0.03)
    assert np.mean((dead == 255).all(2)) == pytest.approx(0.2, abs=0.03)
    assert ((dead == dead[..., :1]).all(2)).all()


def test_grains_are_as_large_for_any_picture():
    small, large = (detail.salt_and_pepper(np.full((n, n), 128, np.uint8), 0.2, rng()) for n in (48, 144))
    assert np.array_equal(large[1::3, 1::3], small)


def test_jpeg_keeps_the_order_of_colours_and_loses_more_at_a_lower_quality():
    y, x = np.mgrid[:48, :48]
    picture = np.stack([4 * x, 5 * y, 255 - 4 * x], axis=2).astype(np.uint8)
    errors = [np.abs(detail.jpeg(picture, quality, rng()).astype(int) - picture).mean() for quality in (95, 30, 5)]
    assert errors[0] < 3
    assert errors == sorted(errors)
    assert detail.jpeg(picture[..., 0], 95, rng()).shape == (48, 48)


def test_a_blur_leaves_an_even_picture_as_it_is():
    flat = np.full((30, 30, 3), 77, np.uint8)
    assert np.array_equal(detail.gaussian_blur(flat, 0.1, rng()), flat)
    assert np.array_equal(detail.motion_blur(flat, 0.2, rng()), flat)
