"""Head pose: of the average face turned by hand, of meshes, and what mirroring does to the angles."""

from __future__ import annotations

import numpy as np
import pytest

from seqfer.geometry.pose import AVERAGE, RIGID, direction_angles, head_rotations, pose_angles


def turned(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """The rotation whose angles are these: roll after yaw after pitch would move the front, so the front is set first."""
    y, p, r = np.radians([yaw, pitch, roll])
    front = np.array([np.sin(y) * np.cos(p), -np.sin(p), -np.cos(y) * np.cos(p)])
    level = np.cross([0, 1, 0], -front)
    level /= np.linalg.norm(level)
    down = np.cross(-front, level)
    for spin in np.linspace(-np.pi, np.pi, 200001)[
        np.newaxis
    ]:  # the turn about the front that gives the roll in the picture
        across = np.cos(spin)[:, None] * level + np.sin(spin)[:, None] * down
        best = across[np.argmin(np.abs(np.arctan2(across[:, 1], across[:, 0]) - r))]
    return np.column_stack([best, np.cross(-front, best), -front])


def mesh_of(rotation: np.ndarray, scale: float = 120.0) -> np.ndarray:
    """A mesh (478 3) whose rigid points are the average face, turned; the others are far away."""
    points = np.full((478, 3), 1e4)
    points[list(RIGID)] = scale * AVERAGE @ rotation.T + (300, 200, 0)
    return points


@pytest.mark.parametrize("angles", [(0, 0, 0), (30, 0, 0), (-45, 10, 0), (0, -25, 5), (20, 15, -70), (-10, -5, 130)])
def test_the_average_face_turned_by_hand(angles: tuple[float, float, float]) -> None:
    rotations = head_rotations(mesh_of(turned(*angles))[None])
    assert pose_angles(rotations)[0] == pytest.approx(angles, abs=0.01)
    assert np.allclose(rotations[0] @ rotations[0].T, np.eye(3))


def test_place_and_size_do_not_matter() -> None:
    small = mesh_of(turned(30, 5, 10), scale=7) + np.array([900, -40, 12])
    assert pose_angles(head_rotations(small[None]))[0] == pytest.approx((30, 5, 10), abs=0.01)


def test_a_mirrored_face_is_turned_the_other_way() -> None:
    mesh = mesh_of(turned(25, 8, 12))
    mirrored = mesh.copy()
    half = len(RIGID) - 13
    swap = [*RIGID[:13], *RIGID[13 + half // 2 :], *RIGID[13 : 13 + half // 2]]
    mirrored[list(RIGID)] = mesh[swap] * (-1, 1, 1) + (800, 0, 0)
    both = pose_angles(head_rotations(np.stack([mesh, mirrored])))
    assert both[1] == pytest.approx(both[0] * (-1, 1, -1), abs=1e-6)


def test_many_faces_at_once_and_none() -> None:
    meshes = np.stack([mesh_of(turned(yaw, 0, 0)) for yaw in (-20, 0, 20)])
    assert pose_angles(head_rotations(meshes))[:, 0] == pytest.approx([-20, 0, 20], abs=0.01)
    assert pose_angles(head_rotations(meshes[:0])).shape == (0, 3)


def test_directions() -> None:
    towards = np.array([(0, 0, -1), (1, 0, -1), (0, -1, -1), (0, 1, -1)])
    assert direction_angles(towards) == pytest.approx(np.array([(0, 0), (45, 0), (0, 45), (0, -45)]))


def test_the_average_face_is_symmetric_and_has_its_unit() -> None:
    assert np.ptp(AVERAGE[13:29, 0] + AVERAGE[29:, 0]) == 0
    outer = AVERAGE[RIGID.index(263)] - AVERAGE[RIGID.index(33)]
    assert np.linalg.norm(outer) == pytest.approx(1, abs=2e-3)
    assert len(set(RIGID)) == len(RIGID) == 45
