"""Head pose from the mesh: how an average face must be turned to lie on it.

Method: the rotation, scale and shift that bring the 45 points of `AVERAGE` which expressions hardly move (forehead, temples, corners of the eyes,
nose) nearest to those of the mesh, in the sense of least squares, in three dimensions and without perspective (W. Kabsch, Acta Crystallographica A32,
1976; S. Umeyama, IEEE TPAMI 13, 1991). Where depth, which is the network's guess, counted less than the places, the yaw of mirrored frames differed
more.

`AVERAGE` is seqfer's own: the mean of the meshes of 2,166 pictures of FER2013's Training part, aligned to each other, made symmetric, and turned so
that the median pitch of these pictures is 0 (`tools/average_face_shape.py`). Its unit is the distance between the outer corners of the eyes.
"""

from __future__ import annotations

import numpy as np

# The right half of the picture: pairs of points, left and right, with the place of the right one (x right, y down, z away from the camera)
_PAIRS = (
    (33, 263, 0.500, -0.001, 0.048),
    (133, 362, 0.199, 0.020, -0.011),
    (127, 356, 0.758, 0.004, 0.572),
    (234, 454, 0.750, 0.157, 0.629),
    (162, 389, 0.750, -0.155, 0.457),
    (21, 251, 0.719, -0.281, 0.317),
    (54, 284, 0.658, -0.397, 0.183),
    (103, 332, 0.556, -0.488, 0.045),
    (67, 297, 0.394, -0.546, -0.077),
    (109, 338, 0.215, -0.573, -0.147),
    (98, 327, 0.198, 0.494, -0.135),
    (93, 323, 0.741, 0.316, 0.643),
    (129, 358, 0.239, 0.417, -0.100),
    (131, 360, 0.180, 0.361, -0.265),
    (122, 351, 0.066, 0.078, -0.205),
    (193, 417, 0.090, -0.028, -0.145),
)
# and the points on the line between the halves, whose x is 0
_MIDDLE = (
    (10, -0.578, -0.165),
    (151, -0.402, -0.195),
    (9, -0.223, -0.211),
    (8, -0.127, -0.194),
    (168, -0.033, -0.188),
    (6, 0.063, -0.231),
    (197, 0.146, -0.282),
    (195, 0.221, -0.336),
    (5, 0.301, -0.392),
    (4, 0.395, -0.415),
    (1, 0.464, -0.390),
    (19, 0.498, -0.353),
    (94, 0.513, -0.268),
)
RIGID = (*(point for point, *_ in _MIDDLE), *(left for left, *_ in _PAIRS), *(right for _, right, *_ in _PAIRS))
AVERAGE = np.array(
    [
        *((0.0, y, z) for _, y, z in _MIDDLE),
        *((-x, y, z) for _, _, x, y, z in _PAIRS),
        *((x, y, z) for _, _, x, y, z in _PAIRS),
    ]
)


def head_rotations(landmarks: np.ndarray) -> np.ndarray:
    """Meshes (face 478 3) in pixels -> rotations float64 (face 3 3), from the average face to the picture."""
    seen = landmarks[:, RIGID].astype(np.float64)
    return fitted_rotations(seen - seen.mean(axis=1, keepdims=True), AVERAGE - AVERAGE.mean(axis=0))


def fitted_rotations(seen: np.ndarray, shape: np.ndarray) -> np.ndarray:
    """The rotations (face 3 3) that bring `shape` (point 3) nearest to `seen` (face point 3), both around 0."""
    left, _, right = np.linalg.svd(seen.transpose(0, 2, 1) @ shape)
    signs = np.ones((len(seen), 1, 3))
    signs[:, 0, 2] = np.sign(np.linalg.det(left @ right))
    result: np.ndarray = (left * signs) @ right
    return result


def pose_angles(rotations: np.ndarray) -> np.ndarray:
    """Rotations (face 3 3) -> yaw, pitch, roll in degrees, float64 (face 3).

    Yaw is positive where the face is turned to the picture's right, pitch where it looks up, roll where it is tilted clockwise. Yaw and pitch say
    where the face's front points, roll how the line between the eyes lies in the picture.
    """
    front, across = -rotations[:, :, 2], rotations[:, :, 0]
    return np.column_stack([direction_angles(front), np.degrees(np.arctan2(across[:, 1], across[:, 0]))])


def direction_angles(directions: np.ndarray) -> np.ndarray:
    """Directions (row 3) -> yaw and pitch in degrees, float64 (row 2); (0, 0, -1), towards the camera, is 0 and 0."""
    x, y, z = directions.T
    angles: np.ndarray = np.degrees(np.column_stack([np.arctan2(x, -z), np.arctan2(-y, np.hypot(x, z))]))
    return angles
