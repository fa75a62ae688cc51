"""Quality of a face: each part alone, and what blur, darkness and contrast do to a picture's appearance."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from seqfer import posed
from seqfer.geometry.quality import PARTS, appearance, quality_parts

GOOD = (40.0, (0.0, 0.0), (1.0, 120.0, 40.0))
CROP = posed.render(posed.sample_person(3), {}, size_px=192, framing="crop")


def parts(between: float, angles: tuple[float, float], seen: tuple[float, float, float]) -> dict[str, float]:
    found = quality_parts(np.array([between]), np.array([angles]), np.array([seen]))
    return dict(zip(PARTS, found[0].tolist(), strict=True))


def test_a_good_face_has_all_parts() -> None:
    assert parts(*GOOD) == {"size": 1, "blur": 1, "pose": 1, "light": 1}


@pytest.mark.parametrize(
    ("changed", "part", "value"),
    [
        ((15.0, *GOOD[1:]), "size", 0.5),
        ((2.0, *GOOD[1:]), "size", 0.0),
        ((40.0, (52.5, 0.0), GOOD[2]), "pose", 0.5),
        ((40.0, (0.0, -80.0), GOOD[2]), "pose", 0.0),
        ((40.0, (0.0, 0.0), (0.4, 120.0, 40.0)), "blur", 0.5),
        ((40.0, (0.0, 0.0), (1.0, 10.0, 40.0)), "light", 0.0),
        ((40.0, (0.0, 0.0), (1.0, 225.0, 40.0)), "light", 0.5),
        ((40.0, (0.0, 0.0), (1.0, 120.0, 10.0)), "light", 0.5),
    ],
)
def test_each_part_alone(changed: tuple, part: str, value: float) -> None:
    found = parts(*changed)
    assert found.pop(part) == pytest.approx(value)
    assert set(found.values()) == {1.0}


def test_blur_lowers_sharpness_only() -> None:
    sharp, light, contrast = appearance(CROP)
    blurred, light_too, contrast_too = appearance(cv2.GaussianBlur(CROP, (0, 0), 8))
    assert blurred < 0.7 * sharp
    assert light_too == pytest.approx(light, abs=3)
    assert contrast_too == pytest.approx(contrast, rel=0.3)


def test_sharpness_does_not_depend_on_light() -> None:
    sharp, light, contrast = appearance(CROP)
    dark = appearance((CROP * 0.4).astype(np.uint8))
    assert dark[0] == pytest.approx(sharp, rel=0.1)
    assert dark[1] == pytest.approx(0.4 * light, abs=2)
    assert dark[2] == pytest.approx(0.4 * contrast, abs=2)


def test_one_grey_level_is_no_error() -> None:
    assert appearance(np.full((192, 192, 3), 90, np.uint8)) == (0.0, 90.0, 0.0)
