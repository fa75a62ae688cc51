"""The head as a relief that turns and is lit."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from seqfer import posed
from seqfer.posed.head import draw_head

PERSON = posed.sample_person(3)


def test_yaw_moves_the_nose_to_the_pictures_right_and_pitch_up() -> None:
    bare = dataclasses.replace(PERSON, hair="bald", glasses="no", beard="none")

    def eyes(pose: tuple[float, ...]) -> np.ndarray:
        dark = 255.0 - posed.render(bare, {}, pose, 96).astype(float).mean(axis=2)[28:48, 24:72]
        weight = np.maximum(dark - np.percentile(dark, 90), 0)
        rows, columns = np.indices(weight.shape)
        return np.array([(columns * weight).sum(), (rows * weight).sum()]) / weight.sum()

    straight = eyes((0, 0, 0, 0, 0, 1))
    assert eyes((10, 0, 0, 0, 0, 1))[0] > straight[0] + 1.5
    assert eyes((0, 8, 0, 0, 0, 1))[1] < straight[1] - 1.5


NEUTRAL = (0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
BARE = dataclasses.replace(PERSON, hair="bald", glasses="no", beard="none")


def drawn(pose: tuple[float, ...] = NEUTRAL, light: posed.Light | None = None, size: int = 96) -> np.ndarray:
    """(size size 4) of the square two and a half half-widths around a point below the eyes."""
    places = ((np.arange(size) + 0.5) / size * 2 - 1) * 2.5
    x, y = np.meshgrid(places, places + 0.4)
    return draw_head(BARE, {}, pose, x, y, size / 5, light)


def test_a_shift_moves_and_a_scale_enlarges_the_picture() -> None:
    step = 5 / 96  # a pixel in half face widths
    straight, moved = drawn(), drawn((0, 0, 0, 6 * step, -4 * step, 1))
    assert np.abs(straight[10:80, 10:80] - moved[6:76, 16:86]).max() < 0.02
    near = drawn((0, 0, 0, 0, 0, 1.25))
    skin = [one[:60, :, 3].sum() for one in (straight, near)]
    assert skin[1] > 1.3 * skin[0]


def test_a_roll_tilts_the_head_clockwise() -> None:
    def crown(roll_deg: float) -> float:
        alpha = drawn((0, 0, roll_deg, 0, 0, 1))[:25, :, 3]  # above the eyes
        return float((alpha * np.arange(96)).sum() / alpha.sum() - 47.5)

    assert crown(0) == pytest.approx(0, abs=0.5)
    assert crown(12) > 4
    assert crown(-12) == pytest.approx(-crown(12), abs=0.5)


def test_the_side_to_the_light_is_brighter() -> None:
    def sides(azimuth: float) -> tuple[float, float]:
        face = drawn(light=posed.Light(azimuth, 10, 0.3, 0.8))[35:60, 33:63, :3].mean(axis=2)
        return float(face[:, :15].mean()), float(face[:, 15:].mean())

    left, right = sides(45)
    assert right > 1.15 * left
    left, right = sides(-45)
    assert left > 1.15 * right


def test_warm_light_is_redder() -> None:
    warm, cold = (drawn(light=posed.Light(warmth=warmth))[..., :3] for warmth in (1.0, -1.0))
    assert warm[..., 0].mean() > cold[..., 0].mean()
    assert warm[..., 2].mean() < cold[..., 2].mean()


def test_values_are_colours_and_coverage() -> None:
    rgba = drawn((15, -10, 8, 0.1, 0, 1.1), posed.Light(0, 45, 0.55, 0.85))
    assert rgba.dtype == np.float32
    assert rgba.min() >= 0
    assert rgba.max() <= 1
    assert not rgba[:5, :5, 3].any()
    assert (rgba[40:50, 44:52, 3] == 1).all()
