"""Valence CNN: nine levels of pleasantness, 1,367,241 parameters.

Source: Liu et al. 2020 (liu2020), table I and section II. Exact: 64 + 25,632 + 9,248 + 18,496 + 1,180,160 + 131,328 + 2,313 parameters. Table I
writes 32 maps for the fourth convolution, 576 inputs for the first dense layer and 1024 for the last; its own sums, and the
64x6x6 map of the text, need 64, 2304 and 256, which are used here.

The nine classes are the levels of the Self-Assessment Manikin, 1 very negative to 9 very positive. Valence is the expectation over the softmax,
mapped from [1, 9] to [-1, 1] (`expected_valence`, formula 1). Training in the paper: Adam 0.001, batch 32, 30 epochs, L2 0.05 on the two dense
layers. Not given in the paper and chosen here: the deviation of the normal initialisation (0.05, Keras' default), and the "input feature
normalization" (each image by itself).
"""

from __future__ import annotations

from torch import Tensor, nn

from seqfer.models.layers import FrameEncoder, standardise

PAPER = "liu2020"


class LiuValence(FrameEncoder):
    """48x48 grey -> 256 features."""

    feature_dim = 256
    input_size = 48

    def __init__(self, classes: int = 9) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv2d(1, 32, 1),
            nn.ReLU(),
            nn.Conv2d(32, 32, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 32, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
        )
        dense = [nn.Linear(64 * 6 * 6, 512), nn.Linear(512, self.feature_dim)]
        for layer in dense:
            nn.init.normal_(layer.weight, std=0.05)
            nn.init.zeros_(layer.bias)
        self.dense = nn.Sequential(dense[0], nn.ReLU(), nn.Dropout(0.4), dense[1], nn.ReLU(), nn.Dropout(0.4))
        self.classifier = nn.Linear(self.feature_dim, classes)

    def embed(self, images: Tensor) -> Tensor:
        """(image 1 48 48) in [0, 1] -> (image 256)."""
        output: Tensor = self.dense(self.convolutions(standardise(images)))
        return output


def build(classes: int = 9) -> FrameEncoder:
    """A new encoder with random weights. Nine outputs by default."""
    return LiuValence(classes)
