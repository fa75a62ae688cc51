"""The face mesh: its file, the points that the publishers' program finds, and points in the pixels of the picture."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from seqfer.core.errors import SettingsError, WeightsError
from seqfer.core.records import Detection
from seqfer.geometry import mesh
from seqfer.tracks.crops import Square, crop_square

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = json.loads((ROOT / "tests" / "golden" / "face_mesh.json").read_text())
sys.path.insert(0, str(ROOT / "tools"))

from make_mesh_goldens import drawn_face  # noqa: E402


def publishers_crop(picture: np.ndarray, x: float, y: float, side: float, turn: float) -> np.ndarray:
    """The square as the publishers' program reads it: pixels are counted from the centre of the first, and not averaged."""
    cos, sin, pixel = math.cos(turn), math.sin(turn), side / mesh.SIDE_PX
    matrix = np.array(
        [
            [cos * pixel, -sin * pixel, x - (cos - sin) * side / 2],
            [sin * pixel, cos * pixel, y - (sin + cos) * side / 2],
        ]
    )
    size, flags = (mesh.SIDE_PX, mesh.SIDE_PX), cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(picture, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)


@pytest.mark.parametrize("row", GOLDEN, ids=lambda row: f"person {row['person']}")
def test_the_points_are_those_of_the_publishers_program(row: dict[str, list[float]]) -> None:
    x, y, side, turn = row["square"]
    square = Square(x + 0.5, y + 0.5, side, math.cos(turn), math.sin(turn))
    crop = mesh.MeshCrop(publishers_crop(drawn_face(int(row["person"])), x, y, side, turn), square)
    landmarks, presence = mesh.open_mesh().read([crop])
    expected = np.array(row["landmarks"])
    assert presence[0] > 0.9
    assert np.abs(landmarks[0, :, :2] - expected[:, :2] - offset(square)).max() < 0.05
    assert np.abs(landmarks[0, :, 2] - expected[:, 2]).max() < 0.1


def offset(square: Square) -> np.ndarray:
    """What `FaceMesh.read` adds against counting from the centres of pixels: half a pixel of the crop, and half a pixel of the picture."""
    across, down = 0.5 * square.side / mesh.SIDE_PX * square.cos, 0.5 * square.side / mesh.SIDE_PX * square.sin
    return np.array([across - down + 0.5, across + down + 0.5])


def test_one_face_after_the_other() -> None:
    faces = [
        mesh.MeshCrop(drawn_face(int(row["person"]))[100:292, 100:292], Square(96, 96, 192, 1, 0)) for row in GOLDEN
    ]
    reader = mesh.open_mesh()
    together = reader.read(faces)[0]
    assert all(np.array_equal(together[row], reader.read([face])[0][0]) for row, face in enumerate(faces))
    assert reader.read([])[0].shape == (0, 478, 3)


def test_a_crop_turns_a_tilted_face_upright_and_its_points_back() -> None:
    picture = drawn_face(3)
    eyes_nose_mouth = ((163.0, 170.0), (237.0, 170.0), (200.0, 220.0), (172.0, 255.0), (228.0, 255.0))
    upright = Detection((120, 110, 280, 300), 1.0, eyes_nose_mouth)
    turned, matrix = np.rot90(picture).copy(), np.array([[0.0, 1.0], [-1.0, 0.0]])
    marks = tuple((float(y), 400 - float(x)) for x, y in eyes_nose_mouth)
    sideways = Detection((110, 120, 300, 280), 1.0, marks)
    reader = mesh.open_mesh()
    straight, _ = reader.read([mesh.mesh_crop(picture, upright)])
    tilted, _ = reader.read([mesh.mesh_crop(turned, sideways)])
    assert np.abs(straight[0, :, :2] @ matrix.T + (0, 400) - tilted[0, :, :2]).max() < 1.0


def test_no_face_has_no_presence() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (192, 192, 3), np.uint8)
    _, presence = mesh.open_mesh().read([mesh.MeshCrop(noise, Square(96, 96, 192, 1, 0))])
    assert presence[0] < 0.1


def test_a_crop_is_the_square_around_the_face() -> None:
    picture = np.zeros((300, 300, 3), np.uint8)
    crop = mesh.mesh_crop(picture, Detection((100, 100, 200, 200), 1.0))
    assert crop.square.side == pytest.approx(1.45 * 1.038 * 100)
    assert (crop.square.x, crop.square.y) == pytest.approx((150, 150 + 0.08 * 103.8))
    assert crop.picture.shape == (192, 192, 3)
    assert np.array_equal(crop.picture, crop_square(picture, crop.square, 192, by_halves=True))


def test_another_file_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(mesh, "PATH", tmp_path / "face_mesh.onnx")
    with pytest.raises(WeightsError, match="cannot be read"):
        mesh.open_mesh()
    (tmp_path / "face_mesh.onnx").write_bytes(b"another")
    with pytest.raises(WeightsError, match="checksum"):
        mesh.open_mesh()


def test_without_onnx_runtime_the_message_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mesh, "is_available", lambda: False)
    with pytest.raises(SettingsError, match="onnxruntime"):
        mesh.open_mesh()
