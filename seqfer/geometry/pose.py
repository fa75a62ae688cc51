"""Head pose from the mesh: how an average face must be turned to lie on it.

Method: a rotation, a scale and a shift that bring the 45 points of `AVERAGE` which expressions hardly move (forehead, temples, corners of the eyes,
nose) nearest to those of the mesh, in the sense of least squares and without perspective. The depth of the mesh is the network's guess and counts a
quarter of the places, which are seen. The solution in closed form for equal weights (W. Kabsch, Acta Crystallographica A32, 1976) is improved
by Gauss-Newton steps.

`AVERAGE` is seqfer's own: the mean of the meshes of 2,166 pictures of FER2013's Training part, aligned to each other, made symmetric, and turned so
that the median pitch of these pictures is 0 (`tools/average_face_shape.py`). Its unit is the distance between the outer corners of the eyes.
"""

from __future__ import annotations

import numpy as np

# The right half of the picture: pairs of points, left and right, with the place of the right one (x right, y down, z away from the camera)
_PAIRS = (
    (33, 263, 0.500, -0.001, 0.048),
    (133, 362, 0.199, 0.020, -0.011),
    (127, 356, 0.758, 0.006, 0.572),
    (234, 454, 0.750, 0.160, 0.628),
    (162, 389, 0.750, -0.153, 0.458),
    (21, 251, 0.719, -0.280, 0.318),
    (54, 284, 0.658, -0.397, 0.185),
    (103, 332, 0.556, -0.487, 0.047),
    (67, 297, 0.394, -0.546, -0.075),
    (109, 338, 0.215, -0.573, -0.145),
    (98, 327, 0.198, 0.494, -0.137),
    (93, 323, 0.741, 0.319, 0.642),
    (129, 358, 0.239, 0.417, -0.102),
    (131, 360, 0.180, 0.360, -0.266),
    (122, 351, 0.066, 0.078, -0.205),
    (193, 417, 0.090, -0.028, -0.145),
)
# and the points on the line between the halves, whose x is 0
_MIDDLE = (
    (10, -0.578, -0.163),
    (151, -0.402, -0.193),
    (9, -0.224, -0.210),
    (8, -0.127, -0.193),
    (168, -0.034, -0.188),
    (6, 0.062, -0.231),
    (197, 0.145, -0.282),
    (195, 0.220, -0.337),
    (5, 0.300, -0.393),
    (4, 0.393, -0.416),
    (1, 0.462, -0.391),
    (19, 0.497, -0.355),
    (94, 0.512, -0.270),
)
RIGID = (*(point for point, *_ in _MIDDLE), *(left for left, *_ in _PAIRS), *(right for _, right, *_ in _PAIRS))
AVERAGE = np.array(
    [
        *((0.0, y, z) for _, y, z in _MIDDLE),
        *((-x, y, z) for _, _, x, y, z in _PAIRS),
        *((x, y, z) for _, _, x, y, z in _PAIRS),
    ]
)
_WEIGHTS = np.array([1.0, 1.0, 0.25])
_STEPS = 4


def head_rotations(landmarks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Meshes (face 478 3) in pixels -> rotations float64 (face 3 3), from the average face to the picture, and scales (face,): pixels per unit."""
    shape = AVERAGE - AVERAGE.mean(axis=0)
    seen = landmarks[:, RIGID].astype(np.float64)
    seen -= seen.mean(axis=1, keepdims=True)
    rotations = _kabsch(seen, shape)
    for _ in range(_STEPS):
        rotations = _improved(rotations, seen, shape)
    return rotations, _scales(seen, shape @ rotations.transpose(0, 2, 1))


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


def _kabsch(seen: np.ndarray, shape: np.ndarray) -> np.ndarray:
    """The rotations (face 3 3) that bring `shape` (point 3) nearest to `seen` (face point 3), both around 0."""
    left, _, right = np.linalg.svd(seen.transpose(0, 2, 1) @ shape)
    signs = np.ones((len(seen), 1, 3))
    signs[:, 0, 2] = np.sign(np.linalg.det(left @ right))
    result: np.ndarray = (left * signs) @ right
    return result


def _scales(seen: np.ndarray, turned: np.ndarray) -> np.ndarray:
    """The best scale of each turned shape (face point 3)."""
    result: np.ndarray = (_WEIGHTS * turned * seen).sum((1, 2)) / (_WEIGHTS * turned**2).sum((1, 2))
    return result


def _improved(rotations: np.ndarray, seen: np.ndarray, shape: np.ndarray) -> np.ndarray:
    """One Gauss-Newton step of the weighted least squares, by a small further turn of each rotation."""
    turned = shape @ rotations.transpose(0, 2, 1)
    scaled = turned * _scales(seen, turned)[:, None, None]
    weight, rows = np.sqrt(_WEIGHTS), 3 * len(shape)
    slopes = (_cross_matrices(-scaled) * weight[:, None]).reshape(
        -1, rows, 3
    )  # how each coordinate moves with the turn
    missing = ((seen - scaled) * weight).reshape(-1, rows, 1)
    across = slopes.transpose(0, 2, 1)
    turn = np.linalg.solve(across @ slopes, across @ missing)[..., 0]
    result: np.ndarray = _turns(turn) @ rotations
    return result


def _cross_matrices(vectors: np.ndarray) -> np.ndarray:
    """(... 3) -> (... 3 3), so that matrix @ w is the cross product of the vector and w."""
    x, y, z = np.moveaxis(vectors, -1, 0)
    none = np.zeros_like(x)
    matrices: np.ndarray = np.stack([np.stack(row, -1) for row in ((none, -z, y), (z, none, -x), (-y, x, none))], -2)
    return matrices


def _turns(vectors: np.ndarray) -> np.ndarray:
    """Rotation vectors (face 3) -> matrices (face 3 3), by Rodrigues' formula."""
    angle = np.linalg.norm(vectors, axis=1)[:, None, None]
    cross = _cross_matrices(vectors)
    squared = 0.5 * np.sinc(angle / (2 * np.pi)) ** 2 * (cross @ cross)
    result: np.ndarray = squared + np.sinc(angle / np.pi) * cross + np.eye(3)
    return result
