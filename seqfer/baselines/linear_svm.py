"""Linear multiclass support vector machine on mean-centred pixels, the baseline of Savoiu and Wong 2017. Source: savoiu2017, section 3.1.

The paper does not state its penalty. For still images (`seqfer train --set encoder=linear_svm`) it is chosen on the held-out people; on the frames of
clips (`seqfer cv --heads linear_svm`), which are few and of few people, it is fixed at a small value.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from seqfer.models.layers import FrameEncoder
from seqfer.models.svm import frame_scores

TITLE = "Linear SVM"
PAPER = "savoiu2017"


def build(classes: int = 7) -> FrameEncoder:
    """48x48 grey faces -> 2,304 centred pixels -> one margin per class. To be fitted by `seqfer.training.train_encoder`, not by gradients."""
    return PixelSvm(classes)


class PixelSvm(FrameEncoder):
    """The fitted SVM as an encoder: the features are the pixels minus the mean training face, the classifier is the decision function."""

    feature_dim = 48 * 48
    input_size = 48
    mean: Tensor

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(self.feature_dim))
        self.classifier = nn.Linear(self.feature_dim, classes)

    def embed(self, images: Tensor) -> Tensor:
        """(image 1 48 48) in [0, 1] -> (image 2304), centred."""
        return images.flatten(1) - self.mean


def fit_predict(
    train_frames: np.ndarray, train_labels: np.ndarray, test_frames: np.ndarray, classes: int, seed: int
) -> np.ndarray:
    """Train on uint8 (image height width) and return scores (test image class) that sum to 1 in each row.

    The scores are the softmax of the margins: they rank the classes and are not calibrated probabilities. A class without a training
    image has score 0.
    """
    train, test = (frames.reshape(len(frames), -1).astype(np.float32) / 255 for frames in (train_frames, test_frames))
    return frame_scores(train, train_labels, test, classes, seed)
