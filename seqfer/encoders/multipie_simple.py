"""The simple Multi-PIE network: fewer convolutions than `multipie_deep`, and ReLU.

Source: Khryashchev et al. 2018 (khryashchev2018), section 3, figure 4. The text gives the input (128x128 grey), the kinds of layers and ReLU.
Not given and chosen here: three convolutions of widths 32, 64, 64, a 7x7 kernel of stride 2 in the first and 3x3 in the others, Caffe's defaults for
local response normalisation, standardisation of each image by itself. So this is a network like the paper's, not a reproduction;
the paper's 92.29 % is on six expressions of Multi-PIE (SGD 0.01, weight decay 0.0005, 70,000 iterations).
"""

from __future__ import annotations

from torch import nn

from seqfer.models.blocks import LocalResponseNet
from seqfer.models.layers import FrameEncoder

PAPER = "khryashchev2018"


def build(classes: int = 7) -> FrameEncoder:
    """A new encoder with random weights; the paper has six classes."""
    return LocalResponseNet([[32], [64], [64]], nn.ReLU, 2**0.5, classes)
