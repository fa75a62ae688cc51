"""52 blendshape scores of a face mesh: how far the brows, eyes, jaw and mouth are in each of the poses that ARKit and MediaPipe name.

Source: the scores are those of MediaPipe's blendshape network (Grishchenko et al., "Blendshapes GHUM: Real-time Monocular Facial Blendshape
Prediction", arXiv:2309.05782), approximated by a network of seqfer's own, three layers on the same 146 points, which `tools/train_blendshapes.py`
distils from it. Differs: the points are turned upright first, so that a tilted head has the scores of an upright one; its teacher changes by 0.007
a score at a tilt of 20 degrees. How well the two agree: `weights_files/blendshapes.md`.

No person coded the faces that the teacher learned from. Its scores for `_neutral`, `cheekPuff`, `cheekSquint`, `jawForward` and `noseSneer` hardly
leave zero on any face.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqfer.core.errors import InputError
from seqfer.models.weights_file import load_arrays

Floats = NDArray[np.float32]

FILE = "blendshapes.safetensors"
PATH = Path(__file__).parent.parent / "weights_files" / FILE
SHA256 = "750383dd94866ceb7376a7b15d4edd770632afed92cd9a260815624d67c10514"
MESH_POINTS = 478

# The order of MediaPipe's face_blendshapes.tflite. Left and right are those of the person.
BLENDSHAPES = (
    "_neutral",
    "browDownLeft",
    "browDownRight",
    "browInnerUp",
    "browOuterUpLeft",
    "browOuterUpRight",
    "cheekPuff",
    "cheekSquintLeft",
    "cheekSquintRight",
    "eyeBlinkLeft",
    "eyeBlinkRight",
    "eyeLookDownLeft",
    "eyeLookDownRight",
    "eyeLookInLeft",
    "eyeLookInRight",
    "eyeLookOutLeft",
    "eyeLookOutRight",
    "eyeLookUpLeft",
    "eyeLookUpRight",
    "eyeSquintLeft",
    "eyeSquintRight",
    "eyeWideLeft",
    "eyeWideRight",
    "jawForward",
    "jawLeft",
    "jawOpen",
    "jawRight",
    "mouthClose",
    "mouthDimpleLeft",
    "mouthDimpleRight",
    "mouthFrownLeft",
    "mouthFrownRight",
    "mouthFunnel",
    "mouthLeft",
    "mouthLowerDownLeft",
    "mouthLowerDownRight",
    "mouthPressLeft",
    "mouthPressRight",
    "mouthPucker",
    "mouthRight",
    "mouthRollLower",
    "mouthRollUpper",
    "mouthShrugLower",
    "mouthShrugUpper",
    "mouthSmileLeft",
    "mouthSmileRight",
    "mouthStretchLeft",
    "mouthStretchRight",
    "mouthUpperUpLeft",
    "mouthUpperUpRight",
    "noseSneerLeft",
    "noseSneerRight",
)
# The points of the mesh that the scores depend on, those of MediaPipe's graph `face_blendshapes_graph.cc` (`kLandmarksSubsetIdxs`).
# fmt: off
POINTS = (
    0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65, 66, 67, 70, 78, 80, 81, 82, 84, 87, 88, 91, 93, 95,
    103, 105, 107, 109, 127, 132, 133, 136, 144, 145, 146, 148, 149, 150, 152, 153, 154, 155, 157, 158, 159, 160, 161, 162, 163, 168, 172, 173, 176,
    178, 181, 185, 191, 195, 197, 234, 246, 249, 251, 263, 267, 269, 270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300, 308, 310, 311,
    312, 314, 317, 318, 321, 323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375, 377, 378, 379, 380, 381, 382, 384, 385, 386, 387, 388,
    389, 390, 397, 398, 400, 402, 405, 409, 415, 454, 466, 468, 469, 470, 471, 472, 473, 474, 475, 476, 477,
)
# fmt: on
_LAYERS = 3


def blendshape_scores(landmarks_px: ArrayLike) -> Floats:
    """float32 (face, 52) scores from 0 to 1, in the order of `BLENDSHAPES`, of meshes (face, 478, 3) in pixels, x to the right and y down.

    Place, size and tilt in the picture do not matter, depth is not read. NaN where a point that counts is NaN or all points are one.
    Raises InputError for another shape; WeightsError for a damaged file of weights.

    Example:
        >>> import numpy as np
        >>> from seqfer.geometry.blendshapes import BLENDSHAPES, blendshape_scores
        >>> mesh = np.random.default_rng(0).normal(200, 50, (1, 478, 3))
        >>> scores = blendshape_scores(mesh)
        >>> scores.shape == (1, len(BLENDSHAPES)), bool(0 <= scores.min() and scores.max() <= 1)
        (True, True)
    """
    landmarks = np.asarray(landmarks_px, np.float32)
    if landmarks.ndim != 3 or landmarks.shape[1:] != (MESH_POINTS, 3):
        raise InputError(f"landmarks of shape {landmarks.shape}; give (face, {MESH_POINTS}, 3), x y z in pixels")
    weights = _weights()
    mean_shape = weights["mean_shape"]
    values = (upright(landmarks[:, POINTS, :2], mean_shape) - mean_shape).reshape(len(landmarks), mean_shape.size)
    for layer in range(_LAYERS):
        values = values @ weights[f"{layer}.weight"].T + weights[f"{layer}.bias"]
        values = np.maximum(values, 0) if layer < _LAYERS - 1 else values
    scores: Floats = 0.5 + 0.5 * np.tanh(0.5 * values)  # the logistic function, without overflow
    return scores


def upright(points_xy: NDArray[np.floating], mean_shape: Floats) -> Floats:
    """Points (face, point, 2) about their centre, at a mean distance of 1 from it, turned as near as possible to `mean_shape` (point, 2)."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        points = points_xy - points_xy.mean(1, keepdims=True)
        points = points / np.linalg.norm(points, axis=2, keepdims=True).mean(1, keepdims=True)
        # the best rotation in the plane has this angle's sine and cosine, up to a common factor
        sine = (points[..., 0] * mean_shape[:, 1] - points[..., 1] * mean_shape[:, 0]).sum(1)
        cosine = (points * mean_shape).sum((1, 2))
        length = np.hypot(sine, cosine)
        sine, cosine = (sine / length)[:, None], (cosine / length)[:, None]
        x, y = points[..., 0], points[..., 1]
        turned: Floats = np.stack([cosine * x - sine * y, sine * x + cosine * y], 2).astype(np.float32)
    return turned


@cache
def _weights() -> dict[str, Floats]:
    arrays, _ = load_arrays(PATH, SHA256)
    return arrays
