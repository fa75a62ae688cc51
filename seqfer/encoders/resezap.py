"""ResEZAP: 54,480 parameters, depthwise-separable convolutions.

Source: Azimi Abriz and Meghdadi 2021, "Real-time Facial Emotion Recognition with Deep Neural Networks" (abriz2021), section 3, tables 1 and 2.
Exact: 54,480 parameters in all, batch norm's running statistics included (53,136 trainable), 16,909,540 multiplications in the nine
convolutions, 86,756 in the first. The paper reports 69.74 % on FER2013's test images (its text once says 69.49 %).

Not given in the paper and chosen here: the position of the ReLU relative to the addition (after it), and the "normalisation" of the input
(each image by itself to mean 0 and deviation 1, which adds no parameters). The networks were written in Keras; batch norm has its defaults.
"""

from __future__ import annotations

from torch import nn

from seqfer.models.blocks import ResidualSeparableNet
from seqfer.models.layers import FrameEncoder, SeparableConv2d

PAPER = "abriz2021"


def build(classes: int = 7, separable: bool = True) -> FrameEncoder:
    """A new encoder with random weights; `separable=False` is the paper's comparison with ordinary convolutions (`resezap_full`)."""
    return ResidualSeparableNet(SeparableConv2d if separable else nn.Conv2d, classes)
