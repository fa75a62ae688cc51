"""What every face detector promises, checked for each one found. A new file in `seqfer/detectors/` is tested without a change here."""

import os
import warnings
from pathlib import Path

import cv2
import numpy as np
import pytest

from seqfer import posed
from seqfer.core import registry
from seqfer.core.errors import InputError, SettingsError
from seqfer.detectors import Detector

# Detectors whose weights are a file beside the checkout; and those of an extra: the package they need.
FILES = {"yunet": "face_detection_yunet_*.onnx", "pico": "facefinder"}
EXTRAS = {"mtcnn": "facenet_pytorch"}
NAMES = [pytest.param(name, marks=pytest.mark.data if name in FILES else ()) for name in registry.names("detectors")]


def weights_of(name: str, request) -> Path | None:
    """The detector's file from the research data, or None where it needs none; skips what is not there."""
    if name in EXTRAS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pytest.importorskip(EXTRAS[name])
    if name not in FILES:
        return None
    found = sorted((request.getfixturevalue("shared_data") / "detectors").glob(FILES[name]))
    return found[0] if found else pytest.skip(f"no {FILES[name]} among the research data")


@pytest.fixture(scope="module", params=NAMES)
def detector(request) -> Detector:
    return registry.find("detectors", request.param).build(weights_of(request.param, request))


@pytest.fixture(scope="module")
def two_heads() -> tuple[np.ndarray, list[tuple[float, float, float, float]]]:
    """(picture in BGR, the boxes painted): a small head on the left, a larger one on the right."""
    picture = np.full((180, 320, 3), 150, np.uint8)
    boxes = [
        posed.paint_head(picture, posed.sample_person(1), {}, centre_xy_px=(80, 70), unit_px=24),
        posed.paint_head(picture, posed.sample_person(2), {}, centre_xy_px=(225, 75), unit_px=32),
    ]
    return cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), boxes


def overlap(a, b) -> float:
    """Intersection over union of two boxes."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def test_it_says_what_it_is(detector):
    module = registry.find("detectors", detector.name)
    assert isinstance(detector, Detector)
    assert "Source" in module.__doc__
    assert 64 <= detector.longest_px <= 2000
    assert detector.checksum == "none" or len(bytes.fromhex(detector.checksum)) == 32


def test_it_finds_both_heads_where_they_are(detector, two_heads):
    picture, boxes = two_heads
    found = detector.detect(picture)
    assert len(found) == 2
    assert all(max(overlap(face.box_xyxy_px, box) for face in found) > 0.4 for box in boxes)
    assert [face.score for face in found] == sorted((face.score for face in found), reverse=True)
    assert all(0 <= face.score <= 1 for face in found)


def test_landmarks_are_in_the_order_of_detection(detector, two_heads):
    for face in detector.detect(two_heads[0]):
        if face.landmarks_xy_px is None:
            continue
        right_eye, left_eye, nose, right_mouth, left_mouth = face.landmarks_xy_px
        x1, y1, x2, y2 = face.box_xyxy_px
        assert x1 < right_eye[0] < nose[0] < left_eye[0] < x2  # the person's right is the picture's left
        assert right_mouth[0] < left_mouth[0]
        assert y1 < min(right_eye[1], left_eye[1]) < nose[1] < min(right_mouth[1], left_mouth[1]) < y2


def test_the_same_picture_gets_the_same_answer_whatever_came_before(detector, two_heads):
    picture = two_heads[0]
    first = detector.detect(picture)
    detector.detect(picture[:90, ::-1])
    detector.detect(np.zeros((33, 47, 3), np.uint8))
    before = picture.copy()
    assert detector.detect(picture) == first
    assert np.array_equal(picture, before)


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (1, 90), (90, 1), (13, 200), (181, 97), (47, 48)])
@pytest.mark.parametrize("level", [0, 255])
def test_empty_pictures_of_any_size_have_no_face(detector, size, level):
    assert detector.detect(np.full((*size, 3), level, np.uint8)) == []


def test_boxes_stay_in_reach_of_the_picture(detector, two_heads):
    picture = two_heads[0]
    for part in (picture[40:], picture[:, 60:], picture[:120, 100:], picture[::2, ::2]):
        height, width = part.shape[:2]
        for face in detector.detect(part):
            x1, y1, x2, y2 = face.box_xyxy_px
            assert -width < x1 < x2 < 2 * width
            assert -height < y1 < y2 < 2 * height


@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 4), (0, 8, 3)])
def test_what_is_no_picture_is_one_line(detector, shape):
    with pytest.raises(InputError, match="must be uint8") as error:
        detector.detect(np.zeros(shape, np.uint8))
    assert "\n" not in str(error.value)


def test_floats_are_refused(detector):
    with pytest.raises(InputError, match="float64"):
        detector.detect(np.zeros((8, 8, 3)))


def test_settings_out_of_range_are_one_line(detector, request):
    module = registry.find("detectors", detector.name)
    weights = weights_of(detector.name, request)
    for wrong in ({"score": 1.5}, {"score": float("nan")}, {"longest_px": 0}):
        with pytest.raises(SettingsError, match="allowed"):
            module.build(weights, **wrong)


def test_threads_and_environment_are_left_alone(detector, two_heads):
    threads, environment = cv2.getNumThreads(), dict(os.environ)
    detector.detect(two_heads[0])
    assert cv2.getNumThreads() == threads
    assert dict(os.environ) == environment
