"""Faces of a video to the numbers of their geometry."""

from __future__ import annotations

import numpy as np
import pytest

from seqfer import posed
from seqfer.core.records import TrackedFace
from seqfer.geometry.mesh import MeshCrop
from seqfer.geometry.reader import GeometryReader, in_boxes, in_picture
from seqfer.tracks.crops import Square

FACE = TrackedFace(
    1, (120, 110, 280, 300), 1.0, ((163.0, 170.0), (237.0, 170.0), (200.0, 220.0), (172.0, 255.0), (228.0, 255.0))
)
READER = GeometryReader()
BOX = np.array([FACE.box_xyxy_px])


def picture(units: dict[int, float] | None = None, roll: float = 0.0) -> np.ndarray:
    return posed.render(posed.sample_person(3), units or {}, (0, 0, roll, 0, 0, 1), 400, framing="shoulders")


def measured(shown: np.ndarray) -> dict[str, float]:
    values, _ = READER.measures(READER.read([READER.crop(shown, FACE)]), BOX)
    return dict(zip(READER.columns, values[0].tolist(), strict=True))


def test_a_drawn_face() -> None:
    values, in_box = READER.measures(READER.read([READER.crop(picture(), FACE)]), BOX)
    points = in_picture(in_box, BOX)
    found = dict(zip(READER.columns, values[0].tolist(), strict=True))
    assert abs(found["pose_yaw_deg"]) < 5
    assert abs(found["pose_roll_deg"]) < 2
    assert found["interocular_px"] == pytest.approx(74, rel=0.15)
    assert found["quality"] == min(value for name, value in found.items() if name.startswith("quality_")) > 0.5
    assert points.shape == (1, 478, 3)
    assert 100 < points[0, :, 0].min() < points[0, :, 0].max() < 300


def test_an_open_mouth_and_closed_eyes() -> None:
    still, moved = measured(picture()), measured(picture({26: 1.0, 25: 1.0, 45: 1.0}))
    assert moved["mouth_opening"] > still["mouth_opening"] + 0.1
    assert moved["eye_openness_left"] < 0.7 * still["eye_openness_left"]


def test_no_face_has_quality_0_and_nothing_else() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (192, 192, 3), np.uint8)
    values, points = READER.measures(READER.read([MeshCrop(noise, Square(96, 96, 192, 1, 0))]), BOX)
    assert values[0, READER.columns.index("quality")] == 0
    assert np.isnan(np.delete(values[0], READER.columns.index("quality"))).all()
    assert np.isnan(points).all()


def test_faces_between_key_frames() -> None:
    ends = READER.read([READER.crop(picture(roll=roll), FACE) for roll in (0.0, 8.0)])
    assert ends.shape == (2, READER.width)
    values, _ = READER.measures(np.stack([ends[0], ends.mean(0), ends[1]]), np.repeat(BOX, 3, axis=0))
    assert values[1, 2] == pytest.approx(values[[0, 2], 2].mean(), abs=0.2)


def test_no_faces() -> None:
    values, points = READER.measures(READER.read([]), BOX[:0])
    assert values.shape == (0, len(READER.columns))
    assert points.shape == (0, 478, 3)


def test_the_look_is_the_eyes() -> None:
    crop = READER.crop(picture(), FACE)
    closed = READER.crop(picture({45: 1.0}), FACE)
    other = READER.crop(picture({26: 1.0}), FACE)
    change = [np.abs(READER.look(one).astype(int) - READER.look(crop)).mean() for one in (closed, other)]
    assert change[0] > 3 * change[1]


def test_points_in_boxes_keep_a_tenth_of_a_pixel() -> None:
    rng = np.random.default_rng(0)
    boxes = np.array([(1700.0, 900.0, 1900.0, 1140.0), (3.0, 5.0, 23.0, 30.0)])
    points = rng.uniform(-0.6, 0.6, (2, 478, 3)) * np.array([200.0, 20.0])[:, None, None]
    points[..., :2] += ((boxes[:, :2] + boxes[:, 2:]) / 2)[:, None]
    packed = in_boxes(points, boxes)
    assert packed.dtype == np.float16
    assert np.abs(in_picture(packed, boxes)[0] - points[0]).max() < 0.1
    assert np.abs(in_picture(packed, boxes)[1] - points[1]).max() < 0.01


def test_columns_are_named_once() -> None:
    assert len(set(READER.columns)) == len(READER.columns)
    assert "AU12_estimate" in READER.columns
