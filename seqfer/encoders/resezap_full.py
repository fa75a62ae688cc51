"""ResEZAP with ordinary convolutions: the comparison in the paper's table 1.

Source: Azimi Abriz and Meghdadi 2021 (abriz2021), section 3. Exact: 345,319 parameters in all, batch norm's running statistics included, and
130,075,776 multiplications in the nine convolutions (609,408 in the first). The paper gives no accuracy for it. What the paper does
not give is chosen as in `resezap`.
"""

from __future__ import annotations

from torch import nn

from seqfer.models.blocks import ResidualSeparableNet
from seqfer.models.layers import FrameEncoder

PAPER = "abriz2021"


def build(classes: int = 7) -> FrameEncoder:
    """A new encoder with random weights."""
    return ResidualSeparableNet(nn.Conv2d, classes)
