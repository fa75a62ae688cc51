"""Openness of eyes and mouth, and the distance between the eyes."""

from __future__ import annotations

import numpy as np
import pytest
from face_meshes import UNIT_PX, average_mesh, open_eyes

from seqfer.geometry.openings import distances, eye_openness, interocular_px, mouth_opening
from seqfer.geometry.pose import AVERAGE, RIGID


@pytest.mark.parametrize("openness", [0.0, 0.1, 0.35])
def test_openness_is_lids_over_corners(openness: float) -> None:
    points = average_mesh()
    open_eyes(points, openness)
    assert eye_openness(points[None])[0] == pytest.approx((openness, openness))


def test_left_is_the_persons_left() -> None:
    points = average_mesh()
    points[[160, 159, 158]] = points[[144, 145, 153]]  # the eye on the picture's left is closed
    left, right = eye_openness(points[None])[0]
    assert left == pytest.approx(0.3)
    assert right == 0


def test_a_turned_head_changes_neither_openness_nor_mouth() -> None:
    points, turn = average_mesh(), np.radians(35)
    points[14, 1] += 30
    turned = points @ np.array([[np.cos(turn), 0, -np.sin(turn)], [0, 1, 0], [np.sin(turn), 0, np.cos(turn)]]).T
    assert np.allclose(eye_openness(turned[None]), eye_openness(points[None]))
    assert mouth_opening(turned[None]) == pytest.approx(mouth_opening(points[None]))
    assert interocular_px(turned[None])[0] == pytest.approx(np.cos(turn) * interocular_px(points[None])[0], rel=1e-3)


def test_mouth_opening_is_in_eye_distances() -> None:
    points = average_mesh()
    assert mouth_opening(points[None])[0] == 0
    outer, inner = (AVERAGE[RIGID.index(point), :2] for point in (263, 362))
    between = UNIT_PX * (outer + inner)[0]
    points[14, 1] += between / 2
    assert mouth_opening(points[None])[0] == pytest.approx(0.5, rel=1e-3)
    assert interocular_px(points[None])[0] == pytest.approx(between, rel=1e-3)


def test_points_at_one_place_are_no_error() -> None:
    nothing = np.zeros((2, 478, 3), np.float32)
    assert eye_openness(nothing).tolist() == [[0, 0], [0, 0]]
    assert mouth_opening(nothing).tolist() == [0, 0]
    assert distances(nothing, 1, 2).tolist() == [0, 0]
