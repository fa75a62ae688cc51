"""How far eyes and mouth are open, and how large the face is, from the distances between points of the mesh.

Eye openness is the eye aspect ratio (T. Soukupova, J. Cech, "Real-Time Eye Blink Detection using Facial Landmarks", CVWW 2016) of three pairs of
points of the lids, in three dimensions, so that a turned head changes it less. The mouth's opening is the distance between the inner lips in
distances between the eyes.
"""

from __future__ import annotations

import numpy as np

# corners, and pairs of points on the upper and the lower lid; left and right are the person's own
_RIGHT, _RIGHT_LIDS = (33, 133), ((160, 144), (159, 145), (158, 153))
_LEFT, _LEFT_LIDS = (263, 362), ((387, 373), (386, 374), (385, 380))
_INNER_LIPS = (13, 14)


def eye_openness(landmarks: np.ndarray) -> np.ndarray:
    """Meshes (face 478 3) -> openness of the person's left and right eye, float64 (face 2): 0 closed, about 0.3 open."""
    sides = ((_LEFT, _LEFT_LIDS), (_RIGHT, _RIGHT_LIDS))
    return np.column_stack(
        [
            np.mean([distances(landmarks, *pair) for pair in lids], axis=0)
            / np.maximum(distances(landmarks, *corners), 1e-6)
            for corners, lids in sides
        ]
    )


def mouth_opening(landmarks: np.ndarray) -> np.ndarray:
    """Meshes (face 478 3) -> distance between the inner lips over that between the eyes' centres, float64 (face,)."""
    left, right = (_centres(landmarks, corners) for corners in (_LEFT, _RIGHT))
    between = np.linalg.norm(left - right, axis=1)
    result: np.ndarray = distances(landmarks, *_INNER_LIPS) / np.maximum(between, 1e-6)
    return result


def interocular_px(landmarks: np.ndarray) -> np.ndarray:
    """Meshes (face 478 3) -> distance in the picture between the eyes' centres, the middles of their corners, in pixels, float64 (face,)."""
    left, right = (_centres(landmarks, corners)[:, :2] for corners in (_LEFT, _RIGHT))
    result: np.ndarray = np.linalg.norm(left - right, axis=1)
    return result


def distances(landmarks: np.ndarray, one: int, other: int) -> np.ndarray:
    """float64 (face,) distances between two points of each mesh."""
    result: np.ndarray = np.linalg.norm(landmarks[:, one].astype(np.float64) - landmarks[:, other], axis=1)
    return result


def _centres(landmarks: np.ndarray, corners: tuple[int, int]) -> np.ndarray:
    result: np.ndarray = landmarks[:, corners].astype(np.float64).mean(axis=1)
    return result
