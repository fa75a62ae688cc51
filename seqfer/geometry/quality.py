"""How well a face can be read, from 0 to 1, and why: its size, sharpness, turn and light. The worst of the four decides.

Each part is 1 where it does not matter, 0 where nothing can be read, and grows evenly between. The limits are conventions of seqfer, not those of
ISO/IEC 29794-5: 24 pixels between the eyes give the encoders, which see 48 x 48 pixels, all that they use; sharp frames of real videos have a
sharpness of about 1, and 0.55 after a Gaussian blur of 0.06 eye distances. A face without a mesh has quality 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

PARTS = ("size", "blur", "pose", "light")
_SMALL_PX = 64  # side of the picture in which sharpness is measured: about the scale of the encoders' pictures
_FACE = (slice(16, 56), slice(16, 48))  # of that picture: without hair and background
# where a part is 0, and where it is 1
_SIZE_PX, _SHARPNESS, _TURN_DEG = (6.0, 24.0), (0.2, 0.6), (75.0, 30.0)
_DARK, _BRIGHT, _CONTRAST = (15.0, 50.0), (245.0, 205.0), (4.0, 16.0)  # of 255


def appearance(crop: np.ndarray) -> tuple[float, float, float]:
    """Sharpness, brightness and contrast of the crop of a face, uint8 (side side 3) RGB.

    Sharpness is the spread of the Laplacian over that of the grey levels, brightness and contrast are mean and spread of the face's grey levels.
    """
    grey = cv2.resize(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), (_SMALL_PX, _SMALL_PX), interpolation=cv2.INTER_AREA)
    face = grey[_FACE].astype(np.float32)
    contrast = float(face.std())
    return float(cv2.Laplacian(face, cv2.CV_32F).std()) / max(contrast, 1.0), float(face.mean()), contrast


def quality_parts(interocular_px: np.ndarray, angles_deg: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """float64 (face 4) in the order of `PARTS`, of eye distances (face,), yaw and pitch in the first columns of (face 2 or 3), and `appearance`
    (face 3). NaN where a number is NaN."""
    yaw, pitch = np.radians(angles_deg[:, :2]).T
    turn = np.degrees(np.arccos(np.clip(np.cos(yaw) * np.cos(pitch), -1, 1)))
    light = [_ramp(seen[:, 1], _DARK), _ramp(seen[:, 1], _BRIGHT), _ramp(seen[:, 2], _CONTRAST)]
    return np.column_stack(
        [_ramp(interocular_px, _SIZE_PX), _ramp(seen[:, 0], _SHARPNESS), _ramp(turn, _TURN_DEG), np.min(light, axis=0)]
    )


def _ramp(values: np.ndarray, limits: Sequence[float]) -> np.ndarray:
    """0 at the first limit and before it, 1 at the second and beyond it."""
    result: np.ndarray = np.clip((values - limits[0]) / (limits[1] - limits[0]), 0, 1)
    return result
