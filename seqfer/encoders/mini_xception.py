"""Mini-Xception: residual separable convolutions without dense layers, 58,423 parameters.

Source: Arriaga, Valdenegro-Toro and Plöger 2017, "Real-time Convolutional Neural Networks for Emotion and Gender Classification"
(arXiv 1710.07557), section III and figure 4; abriz2021 lists it in table 2 with 60,000 parameters and 66 % on FER2013. The widths (8, 8, then 16,
32, 64, 128) give 58,423 parameters with seven classes, batch norm's running statistics included (56,951 trainable), at any input size.

Differs: 48x48 input instead of 64x64; max-pooling pads evenly. The last 3x3 convolution to the classes followed by a global average is
linear in the map, so it is computed as a linear layer on the means of the map at each of the nine kernel positions (1152
features): the same numbers and the same parameters, and features from which the classifier computes exactly the logits of `classify`.
The multiplications of that last layer are therefore not counted among those of the convolutions.
"""

from __future__ import annotations

import itertools

from torch import Tensor, nn
from torch.nn import functional as F

from seqfer.models.layers import FrameEncoder, standardise

PAPER = "arriaga2017"
WIDTHS = (8, 16, 32, 64, 128)


def _norm(width: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(width, eps=1e-3, momentum=0.01)


def _separable(inputs: int, outputs: int) -> list[nn.Module]:
    """A separable convolution without any bias, and batch norm."""
    depthwise = nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs, bias=False)
    return [depthwise, nn.Conv2d(inputs, outputs, 1, bias=False), _norm(outputs)]


class Module(nn.Module):
    """Two separable convolutions and a max-pool, added to a 1x1 convolution of stride 2."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride=2, bias=False), _norm(outputs))
        self.body = nn.Sequential(
            *_separable(inputs, outputs), nn.ReLU(), *_separable(outputs, outputs), nn.MaxPool2d(3, stride=2, padding=1)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(batch inputs height width) -> (batch outputs height/2 width/2), rounded up."""
        output: Tensor = self.body(x) + self.shortcut(x)
        return output


class MiniXception(FrameEncoder):
    """48x48 grey -> 1152 features."""

    feature_dim = WIDTHS[-1] * 9
    input_size = 48

    def __init__(self, classes: int = 7) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(1, 8, 3, bias=False), _norm(8), nn.ReLU(), nn.Conv2d(8, 8, 3, bias=False), _norm(8), nn.ReLU()
        )
        self.stages = nn.Sequential(*(Module(a, b) for a, b in itertools.pairwise(WIDTHS)))
        self.classifier = nn.Linear(self.feature_dim, classes)

    def embed(self, images: Tensor) -> Tensor:
        """(image 1 48 48) in [0, 1] -> (image 1152)."""
        maps = self.stages(self.stem(standardise(images)))
        return F.unfold(maps, 3, padding=1).mean(-1)


def build(classes: int = 7) -> FrameEncoder:
    """A new encoder with random weights."""
    return MiniXception(classes)
