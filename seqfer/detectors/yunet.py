"""`yunet`: a small convolutional network that finds faces and five landmarks; its file is downloaded once, when it is named.

Source: W. Wu, H. Peng, S. Yu, "YuNet: A Tiny Millisecond-level Face Detector", Machine Intelligence Research 20, 2023; the network from the
OpenCV Zoo (MIT), run by ONNX Runtime or by OpenCV's FaceDetectorYN, whose results are equal within a thousandth of a pixel. Only files with a
checksum in `SHA256` are accepted.

On pictures of 320 pixels it finds faces from about 11 pixels wide: 44 pixels in a video 1280 wide, 66 in one 1920 wide. Pictures of 1280 pixels take
16 times as long, and reach faces of 20 pixels in a video 1920 wide.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from seqfer.core.errors import WeightsError
from seqfer.core.records import Detection
from seqfer.detectors._detector import Detector, check_positive_px, check_share, is_box, read_weights
from seqfer.detectors._onnx_yunet import OnnxYunet, open_net

LICENCE = "MIT (OpenCV Zoo); trained on WIDER FACE"
FILE, CACHED_FILES = "face_detection_yunet_2023mar.onnx", "face_detection_yunet*.onnx"
# The file is in Git LFS, so github.com/.../raw redirects to the first address. The second one names a fixed revision.
URLS = tuple(
    f"https://media.githubusercontent.com/media/opencv/opencv_zoo/{state}/models/face_detection_yunet/{FILE}"
    for state in ("main", "82b38c8f98e7b52aa171400f3e4c722352d0669f")
)
# sha256 -> version of the network. A downloaded file must be one of these, too.
SHA256 = {
    "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4": "2023mar",
    "ebafce4e3c118d6554634be5c27ab333b4c047a9a8c3faf1d7cf93101c22f0f0": "2026may",
}
_ADVICE = f"give {FILE} of the OpenCV Zoo, or choose the detector centerface"


def build(
    weights: Path | None = None, *, score: float = 0.6, overlap: float = 0.3, longest_px: int = 320
) -> YunetDetector:
    """The detector from its file. Faces below `score` are left out, and of two that overlap by more than `overlap` the one with the lower score.

    Raises WeightsError without a file or for any file not in `SHA256`; SettingsError for a setting out of range.
    """
    check_share("score", score)
    check_share("overlap", overlap)
    check_positive_px("longest_px", longest_px)
    if weights is None:
        raise WeightsError(f"detector yunet needs its weights file; {_ADVICE}")
    content, checksum = read_weights(weights, _ADVICE)
    if checksum not in SHA256:
        raise WeightsError(
            f"{weights}: checksum {checksum[:12]}... is not that of a known yunet file "
            f"({', '.join(f'{sha[:12]}... {what}' for sha, what in SHA256.items())}); {_ADVICE}"
        )
    # From the verified bytes, without reading the path again.
    buffer = np.frombuffer(content, np.uint8)
    quick = open_net(content, score, overlap)
    net = quick or cv2.FaceDetectorYN.create("onnx", buffer, np.empty(0, np.uint8), (32, 32), score, overlap)
    return YunetDetector(net, checksum, longest_px)


class YunetDetector(Detector):
    """The network as a `Detector`."""

    name = "yunet"
    larger_px = 1280
    confirm_score = 0.7  # fists, ears and patterns score 0.6 to 0.7; faces that are seen well score above 0.9

    def __init__(self, net: cv2.FaceDetectorYN | OnnxYunet, checksum: str, longest_px: int) -> None:
        self.checksum, self.longest_px = checksum, longest_px
        self._net = net

    def _find(self, picture_bgr: np.ndarray) -> list[Detection]:
        height, width = picture_bgr.shape[:2]
        self._net.setInputSize((width, height))
        _, rows = self._net.detect(picture_bgr)
        return [] if rows is None else [face for row in rows.tolist() if (face := detection_of(row)) is not None]


def detection_of(row: list[float]) -> Detection | None:
    """One row of FaceDetectorYN: x, y, width, height, five landmarks as x, y, score. None when it has no face.

    On pictures of a few pixels' height OpenCV sometimes gives random rows with a high score, so rows with a landmark more than half a box
    outside the box are rejected.

    Its landmarks are already in the order of `Detection`: right eye, left eye, nose tip, right and left corner of the mouth.
    """
    x, y, width, height = row[:4]
    box = (x, y, x + width, y + height)
    if len(row) != 15 or not is_box(box) or not np.isfinite(row).all():
        return None
    points = tuple((row[at], row[at + 1]) for at in range(4, 14, 2))
    if not all(abs(px - x - width / 2) <= width and abs(py - y - height / 2) <= height for px, py in points):
        return None
    return Detection(box, min(max(row[14], 0.0), 1.0), points)
