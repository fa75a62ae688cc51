"""Cuts are found, and what only looks like one is not: flashes, pans, motion, exposure, black frames, black bars."""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import partial

import cv2
import numpy as np
import pytest

from seqfer.core.errors import InputError
from seqfer.tracks.shots import CutDetector


def scene(seed: int, width: int = 64, height: int = 36) -> np.ndarray:
    """uint8 (height width 3): soft shapes of a few colours, as a reduced picture of a room has them."""
    rng = np.random.default_rng(seed)
    base = rng.integers(50, 190, 3)
    planes = [np.clip(rng.normal(level, 35, (4, 7)), 0, 255).astype(np.uint8) for level in base]
    return np.dstack([cv2.resize(plane, (width, height), interpolation=cv2.INTER_CUBIC) for plane in planes])


def luma(picture: np.ndarray) -> np.ndarray:
    return cv2.resize(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), (32, 18), interpolation=cv2.INTER_AREA)


def cuts(pictures: Iterable[np.ndarray]) -> list[int]:
    """Where cuts are called; the same whether every picture is looked at or only those whose luma changed."""
    detector, quick, found = CutDetector(), CutDetector(), []
    for index, picture in enumerate(pictures):
        if detector.is_cut(picture):
            found.append(index)
        if quick.is_cut_of(luma(picture), partial(np.copy, picture)) != (index in found):
            raise AssertionError(f"frame {index}: another answer without looking at every picture")
    return found


def noisy(picture: np.ndarray, seed: int, gain: float = 1.0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, 3, picture.shape)
    return np.clip(picture * gain + noise, 0, 255).astype(np.uint8)


def test_most_hard_cuts_are_found_and_nothing_else() -> None:
    pictures = [noisy(scene(index // 10), index) for index in range(600)]
    found, true = set(cuts(pictures)), set(range(10, 600, 10))
    assert found <= true
    assert len(found) >= 0.95 * len(true)


@pytest.mark.parametrize("seed", range(6))
def test_flashes_and_exposure_are_no_cuts(seed: int) -> None:
    gains = [1.0] * 8 + [1.8, 1.4, 1.1] + [1.0] * 5 + [1.6] * 6 + [0.5] * 6
    assert cuts(noisy(scene(seed), index, gain) for index, gain in enumerate(gains)) == []


def test_a_flash_to_white_is_no_cut_and_black_between_shots_is_one() -> None:
    white, black = np.full((36, 64, 3), 255, np.uint8), np.zeros((36, 64, 3), np.uint8)
    assert cuts([scene(1)] * 5 + [white] * 3 + [scene(1)] * 5) == []
    assert cuts([scene(1)] * 5 + [black] * 4 + [scene(2)] * 5) == [9]
    assert cuts([black] * 4 + [scene(2)] * 5 + [black] * 4) == []


def test_a_bright_shot_is_not_a_flash_for_ever() -> None:
    """A speaker before a white wall: the cut to her may be called a few frames late, the cut away from her is not."""
    bright = np.full((36, 64, 3), 255, np.uint8)
    bright[14:, 8:36] = scene(1, 28, 22)
    first, second = cuts([scene(6)] * 8 + [bright] * 12 + [scene(7)] * 8)
    assert 8 <= first <= 14
    assert second == 20


@pytest.mark.parametrize("speed_px", [1, 4, 8, -8])
def test_pans_are_no_cuts(speed_px: int) -> None:
    wide = scene(3, 640)
    places = np.clip(260 + np.concatenate([np.zeros(5), np.cumsum([speed_px] * 30)]), 0, 576).astype(int)
    assert cuts(wide[:, x : x + 64] for x in places) == []


def test_a_large_thing_passing_by_is_no_cut() -> None:
    pictures = []
    for index in range(40):
        picture = scene(4)
        left = 5 * index - 60
        picture[8:, max(left, 0) : max(left + 26, 0)] = (40, 60, 160)
        pictures.append(picture)
    assert cuts(pictures) == []


def test_pictures_that_hardly_change_are_not_made() -> None:
    """Two shots in which the light rises slowly: their first pictures are made, and those on both sides of the cut."""
    made, found, detector = [], [], CutDetector()
    for index in range(80):
        picture = cv2.convertScaleAbs(scene(1 + index // 40), alpha=0.7 + 0.005 * (index % 40))

        def make(index: int = index, picture: np.ndarray = picture) -> np.ndarray:
            made.append(index)
            return picture

        if detector.is_cut_of(luma(picture), make):
            found.append(index)
    assert found == [40]
    assert made == [0, 39, 40]


def test_a_fade_from_black_into_another_shot_is_one_cut() -> None:
    """However slowly it comes: what is black was not looked at, so the first picture with something on it is compared with the shot before."""
    dark = [cv2.convertScaleAbs(scene(2), alpha=0.004 * step) for step in range(150)]
    assert len(cuts([*[scene(1)] * 10, *dark])) == 1


def test_nothing_known_of_the_luma() -> None:
    detector = CutDetector()
    pictures = [scene(1)] * 5 + [scene(2)] * 5
    assert [index for index, picture in enumerate(pictures) if detector.is_cut_of(None, partial(np.copy, picture))] == [
        5
    ]


def test_black_bars_hide_no_cut() -> None:
    def barred(seed: int) -> np.ndarray:
        picture = np.zeros((36, 64, 3), np.uint8)
        picture[9:27, 8:56] = scene(seed, 48, 18)
        return picture

    assert cuts([barred(1)] * 6 + [barred(5)] * 6 + [barred(9)] * 6) == [6, 12]


def test_a_slow_dissolve_is_missed_as_the_file_says() -> None:
    shares = np.linspace(0, 1, 25)
    assert cuts(cv2.addWeighted(scene(1), 1 - share, scene(2), share, 0) for share in shares) == []


def test_any_size_of_picture() -> None:
    for width, height in ((64, 36), (36, 64), (640, 360), (16, 9)):
        assert cuts([scene(1, width, height)] * 4 + [scene(2, width, height)] * 4) == [4]


@pytest.mark.parametrize("picture", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)])
def test_what_is_no_picture_is_one_line(picture: np.ndarray) -> None:
    with pytest.raises(InputError, match="takes uint8") as error:
        CutDetector().is_cut(picture)
    assert "\n" not in str(error.value)


@pytest.mark.slow
def test_costs_less_than_a_tenth_of_a_millisecond() -> None:
    pictures = [noisy(scene(index // 20), index) for index in range(400)]
    best = min(_seconds(pictures) for _ in range(3))
    assert best / len(pictures) < 1e-4


def _seconds(pictures: list[np.ndarray]) -> float:
    start = time.thread_time()
    cuts(pictures)
    return time.thread_time() - start
