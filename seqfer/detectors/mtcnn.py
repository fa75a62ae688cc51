"""`mtcnn`: a cascade of three small networks, with five landmarks; slower than yunet, for comparison with work that used it. An extra.

Source: K. Zhang, Z. Zhang, Z. Li, Y. Qiao, "Joint Face Detection and Alignment using Multi-task Cascaded Convolutional Networks", IEEE SPL 23,
2016; networks and weights of the package facenet-pytorch (MIT), which `pip install seqfer[mtcnn]` adds. It finds faces from 20 pixels wide.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from seqfer.core.errors import SettingsError
from seqfer.core.records import Detection
from seqfer.detectors._detector import Detector, check_positive_px, check_share, is_box, refuse_weights

LICENCE = "MIT (weights in the package facenet-pytorch)"
_SMALLEST_NET_PX = 12  # the side of the first net's window


def build(
    weights: Path | None = None, *, score: float = 0.9, longest_px: int = 640, smallest_px: int = 20
) -> MtcnnDetector:
    """The detector on the CPU, with the package's own weights. Faces below `score` or `smallest_px` are left out.

    Raises SettingsError when the package is missing, weights are given, or a setting is out of range.
    """
    refuse_weights("mtcnn", weights)
    check_share("score", score)
    check_positive_px("longest_px", longest_px)
    if not _SMALLEST_NET_PX <= smallest_px < math.inf:
        raise SettingsError(f"smallest_px is {smallest_px}; allowed: {_SMALLEST_NET_PX} or more pixels")
    try:
        from facenet_pytorch import MTCNN
    except ImportError as error:
        raise SettingsError(
            f"detector mtcnn needs the package facenet-pytorch ({error}); run: pip install seqfer[mtcnn]"
        ) from None
    net = MTCNN(keep_all=True, min_face_size=smallest_px, device="cpu")
    return MtcnnDetector(net, score, longest_px, smallest_px)


class MtcnnDetector(Detector):
    """facenet-pytorch's MTCNN as a `Detector`; `checksum` is "none", because the weights are part of that package."""

    name = "mtcnn"

    def __init__(self, net: Any, score: float, longest_px: int, smallest_px: int) -> None:
        self._net, self._score, self.longest_px, self._smallest_px = net, score, longest_px, smallest_px

    def _find(self, picture_bgr: np.ndarray) -> list[Detection]:
        if (
            min(picture_bgr.shape[:2]) < self._smallest_px + 1
        ):  # the package fails where no window fits into the picture
            return []
        boxes, scores, points = self._net.detect(cv2.cvtColor(picture_bgr, cv2.COLOR_BGR2RGB), landmarks=True)
        if boxes is None:
            return []
        faces = (detection_of(*face) for face in zip(boxes, scores, points, strict=True))
        return [face for face in faces if face is not None and face.score >= self._score]


def detection_of(box: Any, score: Any, points: Any) -> Detection | None:
    """One face of the package: x1 y1 x2 y2, probability, five points x y. None when it has no box.

    Its "left" is the picture's left, where the person's right eye is, so the order of its landmarks is that of `Detection`.
    """
    corners = tuple(float(value) for value in box)
    landmarks = tuple((float(x), float(y)) for x, y in points)
    if not is_box(corners) or not np.isfinite(landmarks).all():
        return None
    return Detection((corners[0], corners[1], corners[2], corners[3]), min(max(float(score), 0.0), 1.0), landmarks)
