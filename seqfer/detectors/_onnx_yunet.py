"""Runs the YuNet network with ONNX Runtime, with the results of OpenCV's FaceDetectorYN in less than half its time; not a plug-in.

The network has outputs at three grids of 8, 16 and 32 pixels. Every grid cell has two probabilities of a face (the score is the root of their
product), the centre and the size of its box (in cells, the size as a logarithm), and its five landmarks.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from seqfer.runs.onnx_session import is_available, open_session

_STEPS_PX = (8, 16, 32)
_OUTPUTS = [f"{kind}_{step}" for kind in ("cls", "obj", "bbox", "kps") for step in _STEPS_PX]
_LARGEST, _LARGEST_LOG = 1e6, 20.0  # larger numbers are noise, not a box


def open_net(content: bytes, score: float, overlap: float) -> OnnxYunet | None:
    """The network from its file's bytes. None where ONNX Runtime is unavailable, and for versions of the network that take pictures of one
    size only, which OpenCV supports."""
    if not is_available():
        return None
    session = open_session(content)
    (entry,) = session.get_inputs()
    free = all(not isinstance(length, int) for length in entry.shape[2:])
    known = set(_OUTPUTS) <= {output.name for output in session.get_outputs()}
    return OnnxYunet(session, entry.name, score, overlap) if free and known else None


class OnnxYunet:
    """The interface of cv2.FaceDetectorYN that `YunetDetector` uses. Faces below `score`, and of two that overlap by more than `overlap` the
    one with the lower score, are left out."""

    def __init__(self, session: Any, entry: str, score: float, overlap: float) -> None:
        self._session, self._entry, self._score, self._overlap = session, entry, score, overlap
        self._grids: tuple[tuple[int, int], np.ndarray, np.ndarray] | None = None  # of the last picture's size

    def setInputSize(self, size: tuple[int, int]) -> None:  # noqa: N802  OpenCV's name
        """Does nothing: the size is taken from every picture."""

    def detect(self, picture_bgr: np.ndarray) -> tuple[int, np.ndarray | None]:
        """(1, float32 (face 15) or None), see `seqfer.detectors.yunet.detection_of`."""
        height, width = picture_bgr.shape[:2]
        missing = -height % _STEPS_PX[-1], -width % _STEPS_PX[-1]
        if any(missing):
            picture_bgr = cv2.copyMakeBorder(
                picture_bgr, 0, missing[0], 0, missing[1], cv2.BORDER_CONSTANT, value=(0, 0, 0)
            )
        made = self._session.run(_OUTPUTS, {self._entry: cv2.dnn.blobFromImage(picture_bgr)})
        cls, obj, box, points = (np.concatenate(made[at : at + 3], 1)[0] for at in range(0, len(made), 3))
        scores = np.sqrt(np.clip(cls[:, 0], 0, 1) * np.clip(obj[:, 0], 0, 1))
        at = np.flatnonzero(scores >= self._score)
        places, steps_px = (grid[at] for grid in self._places(*picture_bgr.shape[:2]))
        size = np.exp(np.minimum(box[at, 2:], _LARGEST_LOG)) * steps_px
        corner = (places + box[at, :2]) * steps_px - size / 2
        marks = (places[:, None] + points[at].reshape(-1, 5, 2)) * steps_px[:, None]
        faces = np.concatenate([corner, size, marks.reshape(-1, 10), scores[at, None]], 1)
        faces = faces[(np.abs(faces) < _LARGEST).all(1)]
        # whole pixels, as OpenCV compares them
        keep = cv2.dnn.NMSBoxes(faces[:, :4].astype(int).tolist(), faces[:, 14].tolist(), self._score, self._overlap)
        return 1, faces[np.asarray(keep, int).ravel()] if len(keep) else None

    def _places(self, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
        """float32 (place 2) and (place 1): column and row of every cell of the three grids, and its grid's step in pixels."""
        if self._grids is None or self._grids[0] != (height, width):
            grids = [np.mgrid[: height // step, : width // step][::-1].reshape(2, -1).T for step in _STEPS_PX]
            steps = np.repeat(np.array(_STEPS_PX, np.float32), [len(grid) for grid in grids])[:, None]
            self._grids = (height, width), np.concatenate(grids).astype(np.float32), steps
        return self._grids[1:]
