"""Linear support vector machine on histograms of oriented gradients. Source: Dalal and Triggs, "Histograms of Oriented Gradients for Human
Detection", CVPR 2005, with OpenCV's descriptor: 9 orientations, blocks of 2 x 2 cells; cells of 6 pixels here, because a mouth in a face of 48
pixels is about that high. Comparison for `linear_svm`, on the pixels as in savoiu2017, and fitted the same way.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from seqfer.models.layers import FrameEncoder
from seqfer.models.svm import frame_scores

TITLE = "Linear SVM on HOG"
PAPER = "Dalal & Triggs 2005"
SIZE, CELL, ORIENTATIONS = 48, 6, 9
FEATURES = (SIZE // CELL - 1) ** 2 * 4 * ORIENTATIONS


def build(classes: int = 7) -> FrameEncoder:
    """48x48 grey faces -> 1,764 centred histogram values -> one margin per class. To be fitted by `seqfer train`, not by gradients."""
    return HogSvm(classes)


class HogSvm(FrameEncoder):
    """The fitted SVM as an encoder: the features are histograms minus their mean, the classifier is the decision function."""

    feature_dim = FEATURES
    input_size = SIZE
    mean: Tensor

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(self.feature_dim))
        self.classifier = nn.Linear(self.feature_dim, classes)

    def embed(self, images: Tensor) -> Tensor:
        """(image 1 48 48) in [0, 1] -> (image 1764), centred. Computed by OpenCV on the CPU, from pixels rounded to 8 bits; without a gradient."""
        pixels = (images.detach()[:, 0] * 255).round().clamp(0, 255).to("cpu", torch.uint8).numpy()
        return torch.from_numpy(histograms(pixels)).to(self.mean) - self.mean


def histograms(faces: np.ndarray) -> np.ndarray:
    """uint8 (image 48 48) -> float32 (image 1764): block after block, each of norm about 1."""
    made = [np.ravel(_descriptor().compute(np.ascontiguousarray(face))) for face in faces]
    return np.stack(made) if made else np.zeros((0, FEATURES), np.float32)


def fit_predict(
    train_frames: np.ndarray, train_labels: np.ndarray, test_frames: np.ndarray, classes: int, seed: int
) -> np.ndarray:
    """Train on uint8 (image height width) or (image height width 3), resized to 48 pixels, and return scores (test image class) that sum to 1
    in each row: the softmax of the margins. A class without a training image has score 0."""
    train, test = (histograms(_as_grey_faces(frames)) for frames in (train_frames, test_frames))
    return frame_scores(train, train_labels, test, classes, seed)


def _as_grey_faces(frames: np.ndarray) -> np.ndarray:
    grey = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) if frame.ndim == 3 else frame for frame in frames]
    resized = [frame if frame.shape == (SIZE, SIZE) else cv2.resize(frame, (SIZE, SIZE)) for frame in grey]
    return np.array(resized, np.uint8).reshape(-1, SIZE, SIZE)


@cache
def _descriptor() -> cv2.HOGDescriptor:
    # stored in the module, because an encoder must be copyable
    return cv2.HOGDescriptor((SIZE, SIZE), (2 * CELL, 2 * CELL), (CELL, CELL), (CELL, CELL), ORIENTATIONS)
