"""The turn that makes the faces of a video upright: drawn people, tilted heads and pictures without a face."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest

from seqfer import posed
from seqfer.core.records import Detection
from seqfer.detectors import Detector
from seqfer.film.detector_choice import choose_detector
from seqfer.tracks.upright import SAMPLES, upright_turn


@cache
def cascade() -> Detector:
    return choose_detector("haar")


@cache
def person(number: int, tilt_deg: float = 0.0) -> list[np.ndarray]:
    """Pictures of a drawn person with several expressions, whose head is tilted: uint8 (height width 3) BGR."""
    pictures = []
    for emotion in ("happiness", "sadness", "anger", "surprise"):
        wall = np.full((180, 240, 3), 150, np.uint8)
        posed.paint_head(
            wall,
            posed.sample_person(number),
            posed.au_vector(emotion, 0.6),
            centre_xy_px=(120, 90),
            unit_px=38,
        )
        tilt = cv2.getRotationMatrix2D((120, 90), tilt_deg, 1)
        pictures.append(cv2.warpAffine(wall[..., ::-1], tilt, (240, 180), borderMode=cv2.BORDER_REPLICATE))
    return pictures


def turned(pictures: list[np.ndarray], quarters_counterclockwise: int) -> list[np.ndarray]:
    return [np.ascontiguousarray(np.rot90(picture, quarters_counterclockwise)) for picture in pictures]


@pytest.mark.parametrize("quarters", range(4))
def test_turned_pictures_are_turned_back(quarters: int) -> None:
    assert upright_turn(turned(person(1), quarters), cascade().detect) == 90 * quarters


@pytest.mark.parametrize("tilt_deg", [-35, -20, 20, 35])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_tilted_head_is_not_turned(number: int, tilt_deg: float) -> None:
    assert upright_turn(person(number, tilt_deg), cascade().detect) == 0


@pytest.mark.parametrize("number", range(1, 7))
def test_upright_people_are_not_turned(number: int) -> None:
    assert upright_turn(person(number), cascade().detect) == 0


def test_without_faces_nothing_is_turned() -> None:
    noise = np.random.default_rng(0)
    blobs = [cv2.resize(noise.integers(0, 255, (12, 16, 3), np.uint8), (240, 180)) for _ in range(4)]
    assert upright_turn(blobs, cascade().detect) == 0
    assert upright_turn([], cascade().detect) == 0


def test_one_turned_picture_of_several_is_not_enough() -> None:
    pictures = [*turned(person(1), 2)[:1], *(np.full((180, 240, 3), 150, np.uint8) for _ in range(SAMPLES - 1))]
    assert upright_turn(pictures, cascade().detect) == 0


def test_a_clear_beginning_ends_the_search() -> None:
    asked = []

    def detect(picture: np.ndarray) -> list[Detection]:
        asked.append(picture)
        return [Detection((0.0, 0.0, 9.0, 9.0), 0.3)]

    assert upright_turn(iter(person(1) * 2), detect) == 0
    assert len(asked) == 3


def test_the_detector_must_agree() -> None:
    pictures = turned(person(1), 2)
    assert upright_turn(pictures, cascade().detect, lambda picture: [Detection((0.0, 0.0, 9.0, 9.0), 0.9)]) == 0
    assert upright_turn(pictures, cascade().detect, lambda picture: []) == 0
