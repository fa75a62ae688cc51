"""Faces of a video to the numbers of their geometry: the one class that `seqfer.film` uses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seqfer.core.records import TrackedFace
from seqfer.geometry import action_units
from seqfer.geometry.blendshapes import blendshape_scores
from seqfer.geometry.gaze import gaze_angles
from seqfer.geometry.mesh import POINTS, FaceMesh, MeshCrop, mesh_crop, open_mesh
from seqfer.geometry.openings import eye_openness, interocular_px, mouth_opening
from seqfer.geometry.pose import head_rotations, pose_angles
from seqfer.geometry.quality import PARTS, appearance, quality_parts

OPENNESS = ("eye_openness_left", "eye_openness_right")
QUALITY = "quality"
MEASURES = (
    "pose_yaw_deg",
    "pose_pitch_deg",
    "pose_roll_deg",
    "gaze_yaw_deg",
    "gaze_pitch_deg",
    *OPENNESS,
    "mouth_opening",
    "interocular_px",
    *action_units.COLUMNS,
    QUALITY,
    *(f"{QUALITY}_{part}" for part in PARTS),
)
PRESENT = 0.5  # a crop with a lower presence has no face
# Rows and columns of the crop that hold both eyes: a blink hardly changes the whole crop.
_EYES = (slice(58, 86), slice(52, 140), 1)
_LOOK = 3  # sharpness, brightness, contrast


class GeometryReader:
    """Reads key frames with the mesh, and computes `columns` of all frames from what is interpolated between them."""

    columns = MEASURES
    shape = (POINTS, 3)
    change = 0.3  # of what `look` returns between two key frames, as `seqfer.film.keyframes` measures it

    def __init__(self, mesh: FaceMesh | None = None) -> None:
        """`mesh` is by default the one that ships. Raises as `open_mesh` does."""
        self.mesh = mesh or open_mesh()

    @property
    def width(self) -> int:
        """Numbers per face of `read`."""
        return 3 * POINTS + 1 + _LOOK

    @staticmethod
    def crop(picture: np.ndarray, face: TrackedFace) -> MeshCrop:
        """What `read` needs of a face in a picture (height width 3) uint8 RGB."""
        return mesh_crop(picture, face)

    @staticmethod
    def look(crop: MeshCrop) -> np.ndarray:
        """The part of a crop whose change asks for a key frame, uint8 (height width)."""
        part: np.ndarray = crop.picture[_EYES]
        return part

    def read(self, crops: Sequence[MeshCrop]) -> np.ndarray:
        """float32 (face, `width`): points, presence and appearance of each face."""
        landmarks, presence = self.mesh.read(crops)
        seen = np.array([appearance(crop.picture) for crop in crops], np.float32).reshape(-1, _LOOK)
        return np.concatenate([landmarks.reshape(-1, 3 * POINTS), presence[:, None], seen], axis=1)

    def measures(self, read: np.ndarray, boxes_xyxy_px: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Numbers of `read`, also interpolated ones (face, `width`) -> float64 (face, column), and the points (face 478 3) as `in_boxes` has them.

        Faces without a mesh have quality 0, and NaN in everything else.
        """
        points = read[:, : 3 * POINTS].reshape(-1, POINTS, 3)
        present = read[:, 3 * POINTS] >= PRESENT
        result = np.full((len(read), len(self.columns)), np.nan)
        result[:, self.columns.index(QUALITY)] = 0.0
        if present.any():
            result[present] = _measured(points[present], read[present, -_LOOK:])
        return result, in_boxes(np.where(present[:, None, None], points, np.nan), boxes_xyxy_px)


def in_boxes(points: np.ndarray, boxes_xyxy_px: np.ndarray) -> np.ndarray:
    """Points (face 478 3) in pixels -> float16, from the centre of each face's box (face 4) in its widths.

    So they lie between -1 and 1, where float16 has steps of 1/2048 and less; in a picture 2000 pixels wide its steps would be a pixel.
    """
    centres, widths = _frames_of(boxes_xyxy_px)
    result: np.ndarray = ((points - centres) / widths).astype(np.float16)
    return result


def in_picture(landmarks: np.ndarray, boxes_xyxy_px: np.ndarray) -> np.ndarray:
    """What `in_boxes` made -> float32 (face 478 3) in pixels."""
    centres, widths = _frames_of(boxes_xyxy_px)
    result: np.ndarray = (landmarks.astype(np.float32) * widths + centres).astype(np.float32)
    return result


def _frames_of(boxes_xyxy_px: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centres (face 1 3), whose depth is 0, and widths (face 1 1)."""
    boxes = np.asarray(boxes_xyxy_px, np.float64).reshape(-1, 1, 4)
    centres = (boxes[..., :2] + boxes[..., 2:]) / 2
    return np.concatenate([centres, np.zeros_like(centres[..., :1])], axis=-1), boxes[..., 2:3] - boxes[..., 0:1]


def _measured(points: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """float64 (face, column) of meshes (face 478 3) and their appearance (face 3), in the order of `MEASURES`."""
    rotations = head_rotations(points)
    pose, between = pose_angles(rotations), interocular_px(points)
    parts = quality_parts(between, pose, seen)
    return np.column_stack(
        [
            pose,
            gaze_angles(points, rotations),
            eye_openness(points),
            mouth_opening(points),
            between,
            action_units.action_unit_estimates(blendshape_scores(points)),
            parts.min(axis=1),
            parts,
        ]
    )
