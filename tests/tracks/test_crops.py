"""Crops of faces in the framing of the training pictures."""

from __future__ import annotations

import gzip
import math
from pathlib import Path

import cv2
import numpy as np
import pytest

from seqfer.core.records import Detection, TrackedFace
from seqfer.tracks.crops import EYE_DISTANCE, EYES_Y, MOUTH_Y, Square, align_crop, crop_square, square_of, window


def marks_at(x: float, y: float, apart: float, turn_deg: float = 0.0) -> tuple[tuple[float, float], ...]:
    """Five landmarks in the proportions of the training pictures; (x, y) is between the eyes."""
    down, half = (MOUTH_Y - EYES_Y) / EYE_DISTANCE * apart, apart / 2
    flat = [(-half, 0.0), (half, 0.0), (0.0, 0.6 * down), (-0.8 * half, down), (0.8 * half, down)]
    cos, sin = math.cos(math.radians(turn_deg)), math.sin(math.radians(turn_deg))
    return tuple((x + cos * u - sin * v, y + sin * u + cos * v) for u, v in flat)


def face_at(marks: tuple[tuple[float, float], ...]) -> TrackedFace:
    points = np.array(marks)
    (x0, y0), (x1, y1) = points.min(0), points.max(0)
    return TrackedFace(1, (x0 - 10, y0 - 20, x1 + 10, y1 + 10), 0.9, marks)


def dots(marks: tuple[tuple[float, float], ...], radius: float, size: tuple[int, int] = (300, 300)) -> np.ndarray:
    y, x = np.mgrid[: size[0], : size[1]] + 0.5
    picture = np.full(size, 20.0)
    for u, v in (marks[0], marks[1]):
        picture += 220 * np.exp(-((x - u) ** 2 + (y - v) ** 2) / (2 * radius**2))
    return np.clip(picture, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("turn_deg", [0, 20, -35, 90, 180])
@pytest.mark.parametrize("apart", [24, 70, 130])
@pytest.mark.parametrize("size", [48, 64])
def test_eyes_are_level_and_where_the_training_pictures_have_them(turn_deg: float, apart: float, size: int) -> None:
    marks = marks_at(150, 140, apart, turn_deg)
    crop = align_crop(dots(marks, apart / 12), face_at(marks), size).astype(float) - 20
    assert crop.shape == (size, size)
    for half, x in ((crop[:, : size // 2], 0.5 - EYE_DISTANCE / 2), (crop[:, size // 2 :], EYE_DISTANCE / 2)):
        rows, columns = np.mgrid[:size, : size // 2] + 0.5
        weight = np.clip(half, 0, None) ** 2
        assert (columns * weight).sum() / weight.sum() == pytest.approx(x * size, abs=0.35)
        assert (rows * weight).sum() / weight.sum() == pytest.approx(EYES_Y * size, abs=0.35)


def test_without_landmarks_the_square_about_the_box_has_the_same_framing() -> None:
    """A YuNet box of the median proportions and landmarks of the median places cut the same square."""
    picture = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 256, (300, 300), np.uint8), (0, 0), 6)
    side = 120.0
    x0, y0 = 90.0, 80.0
    box = (x0 + 0.1055 * side, y0 - 0.019 * side, x0 + 0.8945 * side, y0 + 1.019 * side)
    marks = marks_at(x0 + 0.5 * side, y0 + EYES_Y * side, EYE_DISTANCE * side)
    first, second = (align_crop(picture, Detection(box, 0.9, m), 48).astype(float) for m in (None, marks))
    assert np.abs(first - second).mean() < 2
    haar = (x0 + 0.018 * side, y0 + 0.018 * side, x0 + 0.982 * side, y0 + 0.982 * side)
    assert np.abs(align_crop(picture, Detection(haar, 0.9), 48) - second).mean() < 2


def test_shrinking_averages() -> None:
    """Stripes finer than the crop's pixels become grey, where plain sampling would make coarse stripes of them."""
    stripes = np.zeros((600, 600), np.uint8)
    stripes[:, ::2] = 200
    for turn_deg in (0, 15):
        marks = marks_at(300, 250, 150, turn_deg)
        crop = align_crop(stripes, face_at(marks), 48)
        assert crop.std() < 4
        assert crop.mean() == pytest.approx(100, abs=2)


def test_a_crop_of_its_own_size_is_the_picture() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (100, 100), np.uint8)
    side = 48 / 1.038
    face = TrackedFace(1, (50 - side / 2, 40 - side / 2, 50 + side / 2, 40 + side / 2), 0.9)
    assert np.array_equal(align_crop(picture, face, 48), picture[16:64, 26:74])


def test_outside_the_picture_the_edge_is_repeated() -> None:
    picture = np.full((60, 80), 90, np.uint8)
    for box in ((-20, -20, 30, 30), (60, 40, 110, 90), (-90, -90, -40, -40), (-200, -200, 300, 300)):
        assert np.abs(align_crop(picture, TrackedFace(1, box, 0.9), 32).astype(int) - 90).max() <= 1


def test_margin_shows_more_around_and_colour_is_kept() -> None:
    picture = np.zeros((200, 200, 3), np.uint8)
    picture[70:130, 70:130] = (10, 120, 250)
    side = 60 / 1.038
    face = TrackedFace(1, (100 - side / 2, 100 - side / 2, 100 + side / 2, 100 + side / 2), 0.9)
    tight, wide = align_crop(picture, face, 60), align_crop(picture, face, 120, margin=0.5)
    assert (tight == (10, 120, 250)).all()
    assert np.array_equal(wide[30:90, 30:90], tight)
    assert not wide[:29].any()


def test_a_turned_head_is_not_blown_up_and_odd_landmarks_fall_back_to_the_box() -> None:
    picture = np.repeat(np.arange(300)[:, None] // 8 % 2 * 200, 300, axis=1).astype(np.uint8)
    box = (110.0, 90.0, 190.0, 200.0)
    frontal = marks_at(150, 130, 50)
    turned = tuple((150 + 0.4 * (u - 150), v) for u, v in frontal)
    crops = [align_crop(picture, Detection(box, 0.9, m), 48) for m in (frontal, turned)]
    edges = [int((np.abs(np.diff(crop[:, 24].astype(int))) > 60).sum()) for crop in crops]
    assert edges[1] >= 0.7 * edges[0]  # it shows nearly as much
    same = ((150.0, 130.0),) * 5
    assert np.array_equal(
        align_crop(picture, Detection(box, 0.9, same), 48), align_crop(picture, Detection(box, 0.9), 48)
    )


@pytest.mark.data
def test_the_template_fits_the_training_pictures(shared_data: Path) -> None:
    """Eyes of YuNet in FER2013 lie where EYES_Y and EYE_DISTANCE say: the medians over a hundred pictures."""
    file, table = (
        shared_data / "detectors" / "face_detection_yunet_2026may.onnx",
        shared_data / "fer2013" / "fer2013.csv.gz",
    )
    if not file.is_file() or not table.is_file():
        pytest.skip(f"needs {file.name} and {table.name}")
    net = cv2.FaceDetectorYN.create(str(file), "", (288, 288), 0.6)
    marks = []
    with gzip.open(table, "rt") as lines:
        next(lines)
        for line, _ in zip(lines, range(100)):
            grey = np.array(line.split(",")[1].split(), np.uint8).reshape(48, 48)
            large = cv2.resize(grey, (192, 192), interpolation=cv2.INTER_CUBIC)
            large = cv2.copyMakeBorder(large, 48, 48, 48, 48, cv2.BORDER_REPLICATE)
            faces = net.detect(cv2.cvtColor(large, cv2.COLOR_GRAY2BGR))[1]
            if faces is not None:
                marks.append((faces[0][4:14].reshape(5, 2) - 48) / 192)
    right, left, _, *mouth = np.median(marks, axis=0)
    assert left[0] - right[0] == pytest.approx(EYE_DISTANCE, abs=0.03)
    assert (left[1] + right[1]) / 2 == pytest.approx(EYES_Y, abs=0.03)
    assert np.mean(mouth, axis=0)[1] == pytest.approx(MOUTH_Y, abs=0.03)


def test_the_square_of_landmarks_and_of_a_box_by_hand() -> None:
    marks = marks_at(150, 140, 60, 90)
    centre_x, centre_y, side, cos, sin = square_of(face_at(marks))
    assert side == pytest.approx(60 / EYE_DISTANCE)
    assert (cos, sin) == pytest.approx((0, 1), abs=1e-9)
    # turned by a quarter clockwise, "down the face" is to the picture's left
    assert (centre_x, centre_y) == pytest.approx((150 - (0.5 - EYES_Y) * side, 140))
    box = square_of(Detection((10, 20, 110, 120), 0.9))
    assert box == pytest.approx((60, 70, 103.8, 1, 0))


def test_of_a_turned_head_the_mouth_gives_the_size() -> None:
    frontal = marks_at(150, 130, 50)
    narrow = tuple((150 + 0.2 * (x - 150), y) for x, y in frontal)
    assert square_of(face_at(narrow))[2] == pytest.approx(0.8 * 50 / EYE_DISTANCE)


@pytest.mark.parametrize("shape", [(6, 8), (6, 8, 3)])
@pytest.mark.parametrize(
    "place", [(1, 2, 5, 4), (-3, -2, 4, 3), (5, 4, 20, 20), (-9, -9, -5, -7), (30, 2, 35, 9), (3, 3, 3, 3)]
)
def test_a_window_repeats_the_edge(shape: tuple[int, ...], place: tuple[int, int, int, int]) -> None:
    picture = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    x0, y0, x1, y1 = place
    rows = np.clip(np.arange(y0, max(y1, y0 + 1)), 0, 5)
    columns = np.clip(np.arange(x0, max(x1, x0 + 1)), 0, 7)
    assert np.array_equal(window(picture, *place), picture[rows][:, columns])


@pytest.mark.parametrize("side", [100.0, 300.0, 700.0])
def test_shrinking_by_halves_shows_the_same_square(side: float) -> None:
    y, x = np.mgrid[:720, :960]
    smooth = np.rint(127 + 60 * np.sin(x / 60) + 60 * np.cos(y / 50)).astype(np.uint8)
    square = Square(480.0, 350.0, side, 0.96, 0.28)
    exact, halves = (crop_square(smooth, square, 192, by_halves=fast) for fast in (False, True))
    assert exact.shape == halves.shape == (192, 192)
    assert np.abs(exact.astype(int) - halves).max() <= 2
