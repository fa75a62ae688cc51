"""The complicated Multi-PIE network: eight convolutions, tanh(x/2), local response normalisation, three max-pools.

Source: Khryashchev et al. 2018 (khryashchev2018), section 3, figure 5. The text gives the input (128x128 grey), the number and kinds of layers
and the activation. Not given and chosen here: the widths (32 32, 64 64 64, 64 64 64, a max-pool after each group), a 7x7 kernel of stride 2 in
the first convolution and 3x3 in the others, Caffe's defaults for local response normalisation, standardisation of each image by itself. The one
fully connected layer is the one that gives the class logits: Caffe's softmax-with-loss layer has no weights. So this is a network like
the paper's, not a reproduction; its 94.48 % is on six expressions of Multi-PIE (SGD 0.01, weight decay 0.0005, 70,000 iterations).
"""

from __future__ import annotations

from seqfer.models.blocks import HalfTanh, LocalResponseNet
from seqfer.models.layers import FrameEncoder

PAPER = "khryashchev2018"


def build(classes: int = 7) -> FrameEncoder:
    """A new encoder with random weights; the paper has six classes."""
    return LocalResponseNet([[32, 32], [64, 64, 64], [64, 64, 64]], HalfTanh, 2.0, classes)
