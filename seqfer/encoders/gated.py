"""Gated: a small residual network with channel gates, made for 48x48 grey faces.

Source: original combination of published components: basic residual blocks and 1x1 shortcuts after an average pool (He et al. 2016; He et al. 2019,
"Bag of Tricks", figure 2c), channel gates (Hu et al. 2018, squeeze-and-excitation, reduction 8), residual branches that start at zero
(Goyal et al. 2017, section 5.1). Stem 16 -> 64 with stride 2, then stages of two blocks each with widths 64, 128, 256 on maps of 24, 12
and 6 pixels, a global average, dropout 0.3 and one linear layer.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from seqfer.models.layers import FrameEncoder, standardise

PAPER = "none (original)"
STEM = 16
WIDTHS = (64, 128, 256)
BLOCKS_PER_STAGE = 2


def _conv_norm(inputs: int, outputs: int, kernel: int, stride: int = 1) -> nn.Sequential:
    """A convolution without bias that keeps the size (up to the stride), and batch norm."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs))


class ChannelGate(nn.Module):
    """Squeeze-and-excitation: every channel times a factor in (0, 1) computed from all channels' means."""

    def __init__(self, width: int, reduction: int = 8) -> None:
        super().__init__()
        self.squeeze = nn.Linear(width, width // reduction)
        self.excite = nn.Linear(width // reduction, width)

    def forward(self, x: Tensor) -> Tensor:
        """(batch width height width_px) -> the same shape."""
        gate = torch.sigmoid(self.excite(F.relu(self.squeeze(x.mean((2, 3))))))
        return x * gate[:, :, None, None]


class Block(nn.Module):
    """Two 3x3 convolutions and a channel gate, added to the input (or to its average-pooled 1x1 projection)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = _conv_norm(inputs, outputs, 3, stride)
        last_norm = nn.BatchNorm2d(outputs)
        # A block initialised as the identity trains more stably at high learning rates.
        nn.init.zeros_(last_norm.weight)
        self.conv2 = nn.Sequential(nn.Conv2d(outputs, outputs, 3, padding=1, bias=False), last_norm)
        self.gate = ChannelGate(outputs)
        self.shortcut: nn.Module = nn.Identity()
        if inputs != outputs or stride != 1:
            pool = nn.AvgPool2d(stride) if stride > 1 else nn.Identity()
            self.shortcut = nn.Sequential(pool, _conv_norm(inputs, outputs, 1))

    def forward(self, x: Tensor) -> Tensor:
        """(batch inputs height width) -> (batch outputs height/stride width/stride)."""
        return F.relu(self.gate(self.conv2(F.relu(self.conv1(x)))) + self.shortcut(x))


class Gated(FrameEncoder):
    """48x48 grey -> 256 features."""

    feature_dim = WIDTHS[-1]
    input_size = 48

    def __init__(self, classes: int = 7) -> None:
        super().__init__()
        self.stem = nn.Sequential(_conv_norm(1, STEM, 3), nn.ReLU(), _conv_norm(STEM, WIDTHS[0], 3, 2), nn.ReLU())
        blocks = []
        inputs = WIDTHS[0]
        for stage, width in enumerate(WIDTHS):
            for position in range(BLOCKS_PER_STAGE):
                blocks.append(Block(inputs, width, stride=2 if stage > 0 and position == 0 else 1))
                inputs = width
        self.stages = nn.Sequential(*blocks)
        self.classifier = nn.Sequential(nn.Dropout(0.3), nn.Linear(self.feature_dim, classes))

    def embed(self, images: Tensor) -> Tensor:
        """(image 1 48 48) in [0, 1] -> (image 256)."""
        output: Tensor = self.stages(self.stem(standardise(images))).mean((2, 3))
        return output

    def describe(self, images: Tensor) -> Tensor:
        """(image 1 48 48) in [0, 1] -> (image 1408): the 256 features, and the second stage's 128 maps averaged over 3 x 3 fields (128 x 9).

        The maps of the second stage still have spatial information, and they are less specific to the web pictures of FER2013 than the last ones.
        """
        middle = self.stages[: 2 * BLOCKS_PER_STAGE](self.stem(standardise(images)))
        last = self.stages[2 * BLOCKS_PER_STAGE :](middle).mean((2, 3))
        return torch.cat([last, F.adaptive_avg_pool2d(middle, 3).flatten(1)], 1)


def build(classes: int = 7) -> FrameEncoder:
    """A new encoder with random weights."""
    return Gated(classes)
