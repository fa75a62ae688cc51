"""Pictures of a person at any size: the same seed gives the same pixels; heads can be cut out and painted."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from seqfer import posed
from seqfer.core.errors import InputError

PERSON = posed.sample_person(3)


def test_same_seed_same_person_and_pixels() -> None:
    assert posed.sample_person(3) == PERSON
    assert posed.sample_person(4) != PERSON
    first, second = (
        posed.render(PERSON, {12: 0.7}, size_px=48, camera=posed.Camera(0.02, rng=np.random.default_rng(5)))
        for _ in range(2)
    )
    assert first.shape == (48, 48, 3)
    assert first.dtype == np.uint8
    assert np.array_equal(first, second)


def test_any_size_draws_the_same_face() -> None:
    small = posed.render(PERSON, {26: 0.5}, (8, -5, 4, 0.1, 0, 1), 64).astype(float)
    large = posed.render(PERSON, {26: 0.5}, (8, -5, 4, 0.1, 0, 1), 192).astype(np.float32)
    again = cv2.resize(large, (64, 64), interpolation=cv2.INTER_AREA)
    assert np.abs(small - again).mean() < 4


def test_cut_out_has_a_clear_corner_and_a_solid_middle() -> None:
    rgba = posed.cut_out(PERSON, {}, size_px=64)
    assert rgba.shape == (64, 64, 4)
    assert rgba.dtype == np.uint8
    assert rgba[0, 0, 3] == 0
    assert rgba[28, 32, 3] == 255


def test_paint_head_changes_the_canvas_where_it_says() -> None:
    canvas = np.full((120, 200, 3), 90, np.uint8)
    box = posed.paint_head(canvas, PERSON, {}, centre_xy_px=(150, 50), unit_px=20)
    assert box[0] == pytest.approx(130)
    assert box[2] == pytest.approx(170)
    assert box[1] < 50 < box[3]
    assert (canvas[:, :90] == 90).all()
    assert (canvas[40:80, 140:160] != 90).any(axis=2).mean() > 0.95
    posed.paint_head(canvas, PERSON, {}, centre_xy_px=(-500, 50), unit_px=20)  # all outside: nothing to do
    assert (canvas[:, :90] == 90).all()


def test_bad_input_is_told_in_one_line() -> None:
    for wrong, word in (({99: 1.0}, "99"), (np.zeros(3), "shape")):
        with pytest.raises(InputError, match=word):
            posed.render(PERSON, wrong)
    with pytest.raises(InputError, match="framing"):
        posed.render(PERSON, {}, framing="feet")
    with pytest.raises(InputError, match="size"):
        posed.render(PERSON, {}, size_px=4)
    with pytest.raises(InputError, match="rng"):
        posed.Camera(noise=0.1)
    with pytest.raises(InputError, match="canvas"):
        posed.paint_head(np.zeros((4, 4)), PERSON, {}, centre_xy_px=(0, 0), unit_px=9)


@pytest.mark.data
def test_a_face_detector_finds_the_faces(shared_data) -> None:
    file = shared_data / "detectors" / "face_detection_yunet_2026may.onnx"
    if not file.is_file():
        pytest.skip(f"needs {file.name}")
    detector = cv2.FaceDetectorYN.create(str(file), "", (256, 256), 0.6)
    found = 0
    for seed in range(10):
        picture = posed.render(posed.sample_person(seed), {}, size_px=256, framing="shoulders")
        found += detector.detect(np.ascontiguousarray(picture[..., ::-1]))[1] is not None
    assert found >= 9
