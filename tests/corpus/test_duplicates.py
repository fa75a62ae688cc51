"""Copies planted in noise are found, all of them and nothing else."""

from __future__ import annotations

import time

import numpy as np
import pytest

from seqfer.core.errors import InputError, SettingsError
from seqfer.corpus.duplicates import Duplicates, crossing, find_duplicates, report


def smooth(count: int, seed: int = 0, side: int = 48) -> np.ndarray:
    """Pictures of a few random waves with a little noise, (image height width): unlike each other, like photos in their spectrum."""
    rng = np.random.default_rng(seed)
    coarse = rng.normal(0, 1, (count, 6, 6)).repeat(side // 6, axis=1).repeat(side // 6, axis=2)
    pictures = 128 + 40 * coarse + rng.normal(0, 4, coarse.shape)
    return pictures.clip(0, 255).astype(np.uint8)


def groups(found: tuple[np.ndarray, ...]) -> list[list[int]]:
    return [group.tolist() for group in found]


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def test_exact_copies_are_grouped() -> None:
    images = smooth(12)
    images[7] = images[2]
    images[11] = images[2]
    images[9] = images[5]
    found = find_duplicates(images, near=False)
    assert groups(found.exact) == [[2, 7, 11], [5, 9]]
    assert found.near == ()


def test_a_single_grey_level_makes_it_near_and_not_exact() -> None:
    images = smooth(8)
    images[6] = images[1]
    images[6, 0, 0] ^= 1
    found = find_duplicates(images)
    assert groups(found.exact) == []
    assert groups(found.near) == [[1, 6]]


def test_brightness_contrast_and_noise_stay_near() -> None:
    images = smooth(8)
    images[3] = (images[0] * 0.6 + 30).astype(np.uint8)
    images[5] = images[0]  # an exact copy of a member belongs to the near group as well
    found = find_duplicates(images)
    assert groups(found.exact) == [[0, 5]]
    assert groups(found.near) == [[0, 3, 5]]


def test_the_pairs_are_those_of_a_full_search() -> None:
    rng = np.random.default_rng(3)
    base = smooth(40, seed=1).astype(float)
    mixed = np.concatenate(
        [base, 0.5 * base + 0.5 * base.mean() + rng.normal(0, 1, base.shape) * np.linspace(1, 14, 40)[:, None, None]]
    )
    images = mixed.clip(0, 255).astype(np.uint8)
    every = [(i, j) for i in range(80) for j in range(i + 1, 80) if correlation(images[i], images[j]) > 0.95]
    assert 5 < len(every) < 40  # some of the noisy copies are near enough, some are not
    assert groups(find_duplicates(images, threshold=0.95).near) == [list(pair) for pair in every]


def test_mirrored_copies_only_when_asked_for() -> None:
    images = smooth(6)
    images[4] = images[1, :, ::-1]
    assert groups(find_duplicates(images).near) == []
    assert groups(find_duplicates(images, mirrored=True).near) == [[1, 4]]


def test_flat_pictures_are_exact_copies_at_most() -> None:
    images = smooth(6)
    images[1] = images[3] = 0
    images[4] = 200
    found = find_duplicates(images)
    assert groups(found.exact) == [[1, 3]]
    assert groups(found.near) == []


@pytest.mark.parametrize("shape", [(5, 7, 5), (3, 1, 9), (1, 48, 48), (0, 48, 48)])
def test_odd_shapes(shape: tuple[int, ...]) -> None:
    images = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    found = find_duplicates(images, mirrored=True)
    assert found.exact == ()
    assert found.near == ()
    assert found.images == shape[0]


def test_crossing_and_report_count_what_training_shares() -> None:
    splits = ["Training", "Training", "PublicTest", "PublicTest", "PrivateTest", "PublicTest", "PrivateTest"]
    found = Duplicates((np.array([0, 2]), np.array([3, 4])), (np.array([0, 2, 5]), np.array([1, 6])), 7)
    assert crossing(found.exact, splits).nonzero()[0].tolist() == [2]
    assert crossing(found.near, splits).nonzero()[0].tolist() == [2, 5, 6]
    counts = report(found, splits)
    assert counts["exact"] == {"groups": 2, "images": 4, "copies": 2}
    assert counts["crossing"]["PublicTest"] == {"images": 3, "exact": 1, "near": 1, "share": 2 / 3}
    assert counts["crossing"]["PrivateTest"] == {"images": 2, "exact": 0, "near": 1, "share": 0.5}


def test_bad_input_is_named() -> None:
    with pytest.raises(InputError, match="float64 of shape"):
        find_duplicates(np.zeros((2, 4, 4)))
    with pytest.raises(InputError, match=r"shape \(2, 4\)"):
        find_duplicates(np.zeros((2, 4), np.uint8))
    with pytest.raises(SettingsError, match=r"1\.5"):
        find_duplicates(smooth(2), threshold=1.5)
    with pytest.raises(InputError, match="1 split names for 2 pictures"):
        report(find_duplicates(smooth(2)), ["Training"])


@pytest.mark.slow
def test_a_corpus_of_36000_takes_less_than_a_minute() -> None:
    images = smooth(36_000, seed=5)
    images[35_999] = images[17]
    start = time.process_time()
    found = find_duplicates(images, mirrored=True)
    assert time.process_time() - start < 60
    assert groups(found.exact) == [[17, 35_999]]
