"""The base class of face detectors; not a plug-in: checks the picture, sorts the detections, and reads weights files."""

from __future__ import annotations

import hashlib
import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from seqfer.core.errors import InputError, SettingsError, WeightsError
from seqfer.core.input_files import read_bytes
from seqfer.core.records import Detection

LARGEST_BYTES = 256 << 20  # of a detector's weights


class Detector(ABC):
    """Finds faces in one picture at a time. Without state: the result does not depend on earlier pictures.

    `longest_px` is the recommended maximum of a picture's longer side; larger pictures only take longer. Where nothing is found in a large picture,
    larger ones are tried up to `larger_px` (0: none). A track is confirmed by a detection of at least `confirm_score`. `checksum` is the sha256 of
    the weights file, "none" where there is no file. Not safe to call from two threads at once.
    """

    name: str = ""
    longest_px: int = 320
    larger_px: int = 0
    confirm_score: float = 0.0
    checksum: str = "none"

    def detect(self, picture_bgr: np.ndarray) -> list[Detection]:
        """Faces in a picture, uint8 (height width 3) in BGR, in that picture's pixels, the best score first; [] without a face.

        Raises InputError for any other array.
        """
        if picture_bgr.ndim != 3 or picture_bgr.shape[2] != 3 or picture_bgr.dtype != np.uint8 or not picture_bgr.size:
            raise InputError(
                f"{self.name}: a picture of {picture_bgr.dtype} {picture_bgr.shape}; it must be uint8 (height, width, 3) in BGR"
            )
        height, width = picture_bgr.shape[:2]
        found = [face for face in self._find(np.ascontiguousarray(picture_bgr)) if _touches(face, width, height)]
        return sorted(found, key=lambda face: (-face.score, face.box_xyxy_px))

    @abstractmethod
    def _find(self, picture_bgr: np.ndarray) -> Iterable[Detection]:
        """The faces of a picture that has been checked, in any order."""


def _touches(face: Detection, width: int, height: int) -> bool:
    """Whether a box overlaps the picture; networks sometimes detect outside it."""
    x1, y1, x2, y2 = face.box_xyxy_px
    return x1 < width and y1 < height and x2 > 0 and y2 > 0


def is_box(numbers: Iterable[float]) -> bool:
    """Whether x1 y1 x2 y2 are finite and form a box of at least a pixel."""
    x1, y1, x2, y2 = numbers
    return all(map(math.isfinite, (x1, y1, x2, y2))) and x2 - x1 >= 1 and y2 - y1 >= 1


def read_weights(path: Path, advice: str) -> tuple[bytes, str]:
    """(bytes, sha256 as hex) of a weights file. Raises WeightsError, which ends in the advice, when it cannot be read."""
    content = read_bytes(path, advice, LARGEST_BYTES, error=WeightsError)
    return content, hashlib.sha256(content).hexdigest()


def refuse_weights(name: str, weights: Path | None) -> None:
    """Raises SettingsError when a file is given to a detector that has its own."""
    if weights is not None:
        raise SettingsError(f"detector {name} has its own weights; omit {weights}, or choose yunet or pico")


def check_share(what: str, value: float) -> None:
    """Raises SettingsError when a threshold is not in [0, 1]."""
    if not 0.0 <= value <= 1.0:
        raise SettingsError(f"{what} is {value}; allowed: 0 to 1")


def check_positive_px(what: str, value: float) -> None:
    """Raises SettingsError when a length in pixels is not at least 1."""
    if not 1 <= value < math.inf:
        raise SettingsError(f"{what} is {value}; allowed: 1 or more pixels")
