"""YuNet's net run by ONNX Runtime, with the answers of OpenCV's FaceDetectorYN in less than half its time; not a part itself.

The net answers at three grids of 8, 16 and 32 pixels. Every place of a grid says how likely a face is there (twice: of which the root of the product
is the score), where its centre lies and how large it is (in steps of the grid, the size as a logarithm), and where its five landmarks are.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import cv2
import numpy as np

_STEPS_PX = (8, 16, 32)
_KINDS = ("cls", "obj", "bbox", "kps")
_LARGEST, _LARGEST_LOG = 1e6, 20.0  # beyond these a number was chance, and no box
_OUTPUTS = [f"{kind}_{step}" for step in _STEPS_PX for kind in _KINDS]


def open_net(content: bytes, score: float, overlap: float) -> OnnxYunet | None:
    """The net from its file's bytes. None where there is no ONNX Runtime for the machine, and for builds of the net that take pictures of one
    size only, which OpenCV does not mind."""
    if find_spec("onnxruntime") is None:
        return None
    import onnxruntime  # here, because it takes a while

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # the other cores decode and encode
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    (entry,) = session.get_inputs()
    free = all(not isinstance(length, int) for length in entry.shape[2:])
    known = set(_OUTPUTS) <= {output.name for output in session.get_outputs()}
    return OnnxYunet(session, entry.name, score, overlap) if free and known else None


class OnnxYunet:
    """What `YunetDetector` asks of a cv2.FaceDetectorYN. Faces below `score`, and of two that overlap by more than `overlap` the worse one,
    are left out."""

    def __init__(self, session: Any, entry: str, score: float, overlap: float) -> None:
        self._session, self._entry, self._score, self._overlap = session, entry, score, overlap

    def setInputSize(self, size: tuple[int, int]) -> None:  # noqa: N802  OpenCV's name
        """Nothing to do: every picture says its own."""

    def detect(self, picture_bgr: np.ndarray) -> tuple[int, np.ndarray | None]:
        """(1, float32 (face 15) or None), see `seqfer.detectors.yunet.detection_of`."""
        height, width = picture_bgr.shape[:2]
        largest = _STEPS_PX[-1]
        padded = cv2.copyMakeBorder(
            picture_bgr, 0, -height % largest, 0, -width % largest, cv2.BORDER_CONSTANT, value=(0, 0, 0)
        )
        pixels = np.ascontiguousarray(padded.transpose(2, 0, 1)[None], np.float32)
        made = self._session.run(_OUTPUTS, {self._entry: pixels})
        grids = (made[at : at + len(_KINDS)] for at in range(0, len(made), len(_KINDS)))
        width = padded.shape[1]
        rows = [_faces([a[0] for a in grid], step, width, self._score) for grid, step in zip(grids, _STEPS_PX)]
        faces = np.concatenate(rows)
        faces = faces[(np.abs(faces) < _LARGEST).all(1)]
        # whole pixels, as OpenCV compares them
        keep = cv2.dnn.NMSBoxes(faces[:, :4].astype(int).tolist(), faces[:, 14].tolist(), self._score, self._overlap)
        return 1, faces[np.asarray(keep, int).ravel()] if len(keep) else None


def _faces(grid: list[np.ndarray], step_px: int, width_px: int, least: float) -> np.ndarray:
    """What one grid says, (place 1), (place 1), (place 4), (place 10) -> float32 (face 15): x, y, width, height, landmarks, score."""
    cls, obj, box, points = grid
    scores = np.sqrt(np.clip(cls[:, 0], 0, 1) * np.clip(obj[:, 0], 0, 1))
    at = np.flatnonzero(scores >= least)
    place = np.stack([at % (width_px // step_px), at // (width_px // step_px)], 1).astype(np.float32)
    size = np.exp(np.minimum(box[at, 2:], _LARGEST_LOG)) * step_px
    corner = (place + box[at, :2]) * step_px - size / 2
    marks = (place[:, None] + points[at].reshape(-1, 5, 2)) * step_px
    return np.concatenate([corner, size, marks.reshape(-1, 10), scores[at, None]], 1)
