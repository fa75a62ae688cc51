"""What every detector shares: the picture is checked, faces leave in order, weights are read with their checksum."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path

import numpy as np
import pytest

from seqfer.core.errors import InputError, SettingsError, WeightsError
from seqfer.core.records import Detection
from seqfer.detectors._detector import Detector, check_positive_px, check_share, is_box, read_weights, refuse_weights


class Given(Detector):
    """Finds what it is made with, and remembers the picture."""

    name = "given"

    def __init__(self, *found: Detection) -> None:
        self.found = found

    def _find(self, picture_bgr: np.ndarray) -> tuple[Detection, ...]:
        self.picture = picture_bgr
        return self.found


def test_faces_leave_best_first_and_those_outside_the_picture_not_at_all() -> None:
    inside, worse, left = Detection((5, 5, 9, 9), 0.9), Detection((1, 1, 5, 5), 0.5), Detection((0, 0, 5, 5), 0.9)
    outside = [Detection(box, 1.0) for box in ((30, 0, 40, 5), (0, 20, 5, 30), (-9, 0, 0, 5), (0, -9, 5, 0))]
    touching = Detection((-4, -4, 1, 1), 0.1)
    detector = Given(worse, inside, *outside, touching, left)
    assert detector.detect(np.zeros((20, 30, 3), np.uint8)) == [
        left,
        inside,
        worse,
        touching,
    ]  # equal scores: from the left


def test_the_network_gets_a_contiguous_picture() -> None:
    detector = Given()
    picture = np.arange(20 * 30 * 3, dtype=np.uint8).reshape(20, 30, 3)
    detector.detect(picture[:, ::-1])
    assert detector.picture.flags.c_contiguous
    assert np.array_equal(detector.picture, picture[:, ::-1])


@pytest.mark.parametrize(
    "picture", [np.zeros((4, 4)), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)]
)
def test_what_is_no_picture_is_one_line(picture: np.ndarray) -> None:
    with pytest.raises(InputError, match=r"given: a picture of .*; it must be uint8 \(height, width, 3\) in BGR"):
        Given().detect(picture)


@pytest.mark.parametrize(
    ("numbers", "right"),
    [
        ((0, 0, 1, 1), True),
        ((0, 0, 0.9, 5), False),
        ((0, 0, 5, 0.9), False),
        ((5, 5, 0, 0), False),
        ((0, 0, math.nan, 5), False),
        ((-math.inf, 0, 5, 5), False),
    ],
)
def test_a_box_has_at_least_a_pixel(numbers: tuple[float, ...], right: bool) -> None:
    assert is_box(numbers) is right


def test_weights_come_with_their_checksum(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(b"abc")
    assert read_weights(tmp_path / "net.onnx", "get it") == (b"abc", hashlib.sha256(b"abc").hexdigest())
    with pytest.raises(WeightsError, match=r"gone\.onnx: cannot be read \(No such file or directory\); get it"):
        read_weights(tmp_path / "gone.onnx", "get it")


def test_settings_out_of_range() -> None:
    refuse_weights("haar", None)
    with pytest.raises(SettingsError, match=r"haar .*mine\.xml"):
        refuse_weights("haar", Path("mine.xml"))
    check_share("min_score", 0.0)
    check_share("min_score", 1.0)
    for value in (-0.1, 1.1, math.nan):
        with pytest.raises(SettingsError, match=f"min_score is {value}; allowed: 0 to 1"):
            check_share("min_score", value)
    check_positive_px("smallest", 1)
    for value in (0.5, math.inf, math.nan):
        with pytest.raises(SettingsError, match=f"smallest is {value}; allowed: 1 or more pixels"):
            check_positive_px("smallest", value)
