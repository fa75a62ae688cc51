"""Gaze from the irises of a mesh made by hand."""

from __future__ import annotations

import numpy as np
import pytest
from face_meshes import UNIT_PX, average_mesh

from seqfer.geometry.gaze import gaze_angles
from seqfer.geometry.pose import head_rotations


def gaze(points: np.ndarray) -> np.ndarray:
    return gaze_angles(points[None], head_rotations(points[None]))[0]


def moved(x: float, y: float) -> np.ndarray:
    """The average mesh with irises moved by these many eye widths."""
    points = average_mesh()
    points[[468, 473]] += UNIT_PX * 0.3083 * np.array([x, y, 0])
    return points


def test_straight_ahead_is_zero() -> None:
    assert gaze(average_mesh()) == pytest.approx((0, 0), abs=0.2)


def test_the_sine_of_the_angle_is_the_way_over_the_radius() -> None:
    assert gaze(moved(0.195, 0))[0] == pytest.approx(30, abs=1)
    assert gaze(moved(0, -0.1))[1] == pytest.approx(np.degrees(np.arcsin(0.1 / 0.39)), abs=1)


def test_gaze_turns_with_the_head() -> None:
    turn = np.radians(20)
    yaw = np.array([[np.cos(turn), 0, -np.sin(turn)], [0, 1, 0], [np.sin(turn), 0, np.cos(turn)]])  # front to the right
    assert gaze(average_mesh() @ yaw.T)[0] == pytest.approx(20, abs=0.5)


def test_an_iris_outside_the_eye_gives_a_finite_angle() -> None:
    far = gaze(moved(1.0, 1.0))
    assert np.isfinite(far).all()
    assert far[0] > 40
    assert far[1] < -40


def test_no_face() -> None:
    assert gaze_angles(np.zeros((0, 478, 3)), np.zeros((0, 3, 3))).shape == (0, 2)
