"""Faces from memory, of any size, in grey or colour, as the arrays that a model of single faces takes."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from seqfer.core.errors import InputError
from seqfer.video.images import with_channels

ALLOWED = "allowed: (face, height, width), (face, height, width, 3) RGB, one face, or a list of faces of any sizes"


def face_stack(faces: Any, size: int, channels: int = 1) -> np.ndarray:
    """Faces as uint8 (face size size), or (face size size 3) RGB for three channels.

    `faces` is an array (face height width) or (face height width 3) RGB, one face (height width) or (height width 3), or a list of faces of any
    sizes; uint8 from 0 to 255, or floats from 0 to 1. Colour becomes grey by BT.601 luma before the face is resized, as in videos; shrinking
    averages areas, enlarging is bilinear; a face that is not square is stretched. Raises InputError for another type, range or shape.
    """
    made = [resized(with_channels(face, channels), size) for face in _listed(faces)]
    return np.stack(made) if made else np.zeros((0, size, size, *((3,) if channels == 3 else ())), np.uint8)


def resized(face: np.ndarray, size: int) -> np.ndarray:
    """uint8 (height width ...) -> (size size ...)."""
    if face.shape[:2] == (size, size):
        return face
    shrinks = face.shape[0] > size or face.shape[1] > size
    return cv2.resize(face, (size, size), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)


def _listed(faces: Any) -> list[np.ndarray]:
    """Every face as uint8 (height width) or (height width 3), contiguous."""
    if isinstance(faces, list | tuple):
        return [_face(face, f"face {number} of the list") for number, face in enumerate(faces)]
    array = _pixels(faces, "faces")
    if array.ndim == 2 or (array.ndim == 3 and array.shape[2] == 3):
        return [_face(array, "the face")]
    if array.ndim == 3 or (array.ndim == 4 and array.shape[3] == 3):
        return [_face(face, "a face") for face in array]
    raise InputError(f"faces have the shape {array.shape}; {ALLOWED}")


def _face(face: Any, which: str) -> np.ndarray:
    array = _pixels(face, which)
    if array.ndim not in (2, 3) or array.shape[2:] not in ((), (3,)) or 0 in array.shape:
        raise InputError(f"{which} has the shape {array.shape}; allowed: (height, width) or (height, width, 3) RGB")
    return np.ascontiguousarray(array)


def _pixels(given: Any, which: str) -> np.ndarray:
    """uint8 of the same shape. Raises InputError for another type, and for floats outside 0 to 1."""
    try:
        array = np.asarray(given)
    except (TypeError, ValueError):  # an array of unequal rows, or an object that refuses
        raise InputError(f"{which}: a {type(given).__name__} that is not an array of numbers; {ALLOWED}") from None
    if array.dtype == np.uint8:
        return array
    if array.dtype.kind != "f":
        raise InputError(f"{which}: values of type {array.dtype}; allowed: uint8 from 0 to 255, or floats from 0 to 1")
    low, high = (float(array.min()), float(array.max())) if array.size else (0.0, 0.0)
    if not (low >= 0 and high <= 1):
        raise InputError(
            f"{which}: floats from {low:g} to {high:g}; allowed: 0 to 1 (divide by 255), or uint8 0 to 255"
        )
    result: np.ndarray = np.rint(array * 255.0).astype(np.uint8)
    return result
