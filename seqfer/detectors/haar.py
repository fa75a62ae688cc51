"""`haar`: the boosted cascade of Viola and Jones, in OpenCV with its cascade file; it misses rotated faces.

Source: P. Viola, M. Jones, "Robust Real-Time Face Detection", IJCV 57, 2004; the frontal cascade `alt2` of R. Lienhart, which comes with
OpenCV. Of OpenCV's frontal cascades it had the fewest false detections. It finds upright faces from 24 pixels wide, without landmarks.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import cv2.data
import numpy as np

from seqfer.core.errors import SettingsError, WeightsError
from seqfer.core.files import file_checksum
from seqfer.core.records import Detection
from seqfer.detectors._detector import Detector, check_positive_px, check_share, refuse_weights

FILE = "haarcascade_frontalface_alt2.xml"
LICENCE = (
    "Intel License Agreement for Open Source Computer Vision Library (3-clause BSD terms); part of OpenCV's package"
)


def build(
    weights: Path | None = None,
    *,
    score: float = 0.0,
    longest_px: int = 320,
    smallest_px: int = 24,
    growth: float = 1.1,
    neighbours: int = 3,
) -> HaarDetector:
    """The detector from OpenCV's own file. Windows grow by `growth`; a face needs at least `neighbours` overlapping windows.

    The score is the sum of the last stage for a face's best window, scaled from that stage's threshold (0) to its largest possible sum (1); real
    faces have 0.1 to 0.4. Raises SettingsError when weights are given or a setting is out of range; WeightsError when OpenCV lacks the file.
    """
    refuse_weights("haar", weights)
    check_share("score", score)
    check_positive_px("longest_px", longest_px)
    check_positive_px("smallest_px", smallest_px)
    if not 1.01 <= growth <= 4 or neighbours < 1:
        raise SettingsError(f"growth {growth}, neighbours {neighbours}; allowed: 1.01 to 4, 1 or more")
    file = Path(cv2.data.haarcascades) / FILE
    cascade = cv2.CascadeClassifier(str(file)) if file.is_file() else cv2.CascadeClassifier()
    if cascade.empty():
        raise WeightsError(f"{file}: OpenCV's own cascade is missing; install opencv-python-headless (4.13 to below 5)")
    detector = HaarDetector(cascade, last_stage(file), score, smallest_px, growth, neighbours)
    detector.checksum, detector.longest_px = file_checksum(file), longest_px
    return detector


def last_stage(file: Path) -> tuple[float, float]:
    """(threshold, largest possible sum) of a cascade's last stage."""
    storage = cv2.FileStorage(str(file), cv2.FILE_STORAGE_READ)
    stages = storage.getNode("cascade").getNode("stages")
    stage = stages.at(stages.size() - 1)
    trees = stage.getNode("weakClassifiers")
    leaves = [trees.at(tree).getNode("leafValues") for tree in range(trees.size())]
    largest = sum(max(values.at(leaf).real() for leaf in range(values.size())) for values in leaves)
    threshold = stage.getNode("stageThreshold").real()
    storage.release()
    return threshold, largest


class HaarDetector(Detector):
    """OpenCV's CascadeClassifier as a `Detector`."""

    name = "haar"

    def __init__(
        self,
        cascade: cv2.CascadeClassifier,
        range_of_sums: tuple[float, float],
        score: float,
        smallest_px: int,
        growth: float,
        neighbours: int,
    ) -> None:
        self._cascade, self._score = cascade, score
        self._low, self._high = range_of_sums
        self._smallest_px, self._growth, self._neighbours = smallest_px, growth, neighbours

    def _find(self, picture_bgr: np.ndarray) -> list[Detection]:
        grey = cv2.equalizeHist(cv2.cvtColor(picture_bgr, cv2.COLOR_BGR2GRAY))
        boxes, _, sums = self._cascade.detectMultiScale3(
            grey,
            scaleFactor=self._growth,
            minNeighbors=self._neighbours,
            minSize=(self._smallest_px, self._smallest_px),
            outputRejectLevels=True,  # otherwise no sums are returned
        )
        faces = []
        for (x, y, width, height), last in zip(
            np.reshape(boxes, (-1, 4)).tolist(), np.ravel(sums).tolist(), strict=True
        ):
            score = min(max((last - self._low) / (self._high - self._low), 0.0), 1.0)
            if score >= self._score:
                faces.append(Detection((float(x), float(y), float(x + width), float(y + height)), score))
        return faces
