"""The face mesh: 478 points of a face and its irises, computed by the network that ships with seqfer.

Source: Y. Kartynnik, A. Ablavatski, I. Grishchenko, M. Grundmann, "Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs",
arXiv:1907.06724, and I. Grishchenko, A. Ablavatski, Y. Kartynnik, K. Raveendran, M. Grundmann, "Attention Mesh: High-fidelity Face Mesh Prediction
in Real-time", arXiv:2006.10962; the network of the wheel mediapipe 0.10.21 (Apache-2.0), converted by `tools/convert_mesh.py`. Differs from the
publishers' program: the square that the network sees comes from the detector's landmarks on every frame, not from the points of the frame before,
so that a frame's mesh depends on that frame alone; pictures more than
twice as large as the network's are halved by averaging areas, before they are interpolated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from seqfer.core.errors import SettingsError, WeightsError
from seqfer.core.files import file_checksum
from seqfer.core.records import Detection, TrackedFace
from seqfer.runs.onnx_session import is_available, open_session
from seqfer.tracks.crops import Square, crop_square, square_of

POINTS = 478
FILE = "face_mesh.onnx"
PATH = Path(__file__).parent.parent / "weights_files" / FILE
SHA256 = "8dd7076b8043c38c4f09abfb5446f1c93907300a51d4c4122a16b97fe2cd9710"
SIDE_PX = 192
# The publishers' square is 1.5 times the box around the mesh. Against the square of `seqfer.tracks.crops` its side is 1.45 times as long, and its
# centre lies 0.08 sides lower: the medians of three videos, a photograph and 60 drawn people are 1.39 to 1.55 and 0.076 to 0.091.
# A mesh in this square and one in its own lie 0.012 eye distances apart on average.
_SIDE, _LOWER = 1.45, 0.08


@dataclass(frozen=True)
class MeshCrop:
    """What the network sees of a face: uint8 (192 192 3) RGB, and the square of the picture that it is."""

    picture: np.ndarray
    square: Square


class FaceMesh:
    """The network. `checksum` is that of its file."""

    def __init__(self, session: Any, checksum: str) -> None:
        self._session, self.checksum = session, checksum

    def read(self, crops: Sequence[MeshCrop]) -> tuple[np.ndarray, np.ndarray]:
        """float32 (face 478 3) points x, y, z in pixels of the whole picture, and float32 (face,) how likely each crop has a face, in [0, 1].

        z grows away from the camera, in the same pixels, from a plane through the head. Points 468 to 477 are the irises, a centre and four points
        of the edge each, that on the picture's left (the person's right) first.
        """
        landmarks, presence = np.zeros((len(crops), POINTS, 3), np.float32), np.zeros(len(crops), np.float32)
        for row, crop in enumerate(
            crops
        ):  # one by one: larger batches take longer per face, because they leave the cache
            points, likely = self._session.run(["landmarks", "presence"], {"picture": crop.picture[None]})
            landmarks[row], presence[row] = _in_picture(points[0], crop.square), likely[0]
        return landmarks, presence


def open_mesh() -> FaceMesh:
    """The mesh from its own file. Raises SettingsError without ONNX Runtime, WeightsError for a damaged file.

    Example:
        >>> import numpy as np
        >>> from seqfer.core.records import Detection
        >>> from seqfer.geometry.mesh import mesh_crop, open_mesh
        >>> from seqfer.posed import render, sample_person
        >>> picture = render(sample_person(3), {}, size_px=256)
        >>> eyes_nose_mouth = ((97.0, 102.0), (159.0, 102.0), (128.0, 152.0), (103.0, 178.0), (153.0, 178.0))
        >>> face = Detection((55.0, 40.0, 201.0, 222.0), 1.0, eyes_nose_mouth)
        >>> landmarks, presence = open_mesh().read([mesh_crop(picture, face)])
        >>> landmarks.shape, bool(presence[0] > 0.9)
        ((1, 478, 3), True)
    """
    if not is_available():
        raise SettingsError("face geometry needs the package onnxruntime; install it, or omit --geometry")
    try:
        content, checksum = PATH.read_bytes(), file_checksum(PATH)
    except OSError as error:
        raise WeightsError(f"{PATH}: cannot be read ({error.strerror}); install seqfer again") from None
    if checksum != SHA256:
        raise WeightsError(f"{PATH}: checksum {checksum[:12]}... is not {SHA256[:12]}...; install seqfer again")
    return FaceMesh(open_session(content), checksum)


def mesh_crop(picture: np.ndarray, face: TrackedFace | Detection) -> MeshCrop:
    """The part of a picture (height width 3) uint8 RGB that the network reads for a face: a square, turned so that the eyes are level."""
    at = square_of(face)
    drop = _LOWER * at.side
    square = Square(at.x - at.sin * drop, at.y + at.cos * drop, _SIDE * at.side, at.cos, at.sin)
    return MeshCrop(np.ascontiguousarray(crop_square(picture, square, SIDE_PX, by_halves=True)), square)


def _in_picture(points: np.ndarray, square: Square) -> np.ndarray:
    """Points (478 3) in pixels of the crop, counted from the centre of its first, to pixels of the picture, counted from its corner."""
    from_centre = ((points[:, :2] + 0.5) / SIDE_PX - 0.5) * square.side
    turn = np.array([[square.cos, square.sin], [-square.sin, square.cos]])
    place = from_centre @ turn + (square.x, square.y)
    return np.concatenate([place, points[:, 2:] * (square.side / SIDE_PX)], axis=1)
