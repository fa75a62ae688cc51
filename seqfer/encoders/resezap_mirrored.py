"""ResEZAP on every face and its mirror image: the same 54,480 parameters, twice the multiplications.

Source: Azimi Abriz and Meghdadi 2021 (abriz2021), see `resezap`; the second view is an addition. The features of both views are averaged, so that the
result does not depend on the side of the face; this improves a small network without further parameters.
Its weights fit `resezap` and vice versa; the included ones were trained with `resezap`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from seqfer.models.blocks import ResidualSeparableNet
from seqfer.models.layers import FrameEncoder, SeparableConv2d

PAPER = "abriz2021"


class MirroredNet(ResidualSeparableNet):
    """48x48 grey -> 96 features, the same for a face and its mirror image."""

    def embed(self, images: Tensor) -> Tensor:
        """(image 1 48 48) in [0, 1] -> (image 96)."""
        both = super().embed(torch.cat([images, images.flip(-1)]))
        return both.reshape(2, -1, self.feature_dim).mean(0)  # a shape of constants, which a graph need not compute


def build(classes: int = 7) -> FrameEncoder:
    """A new encoder with random weights."""
    return MirroredNet(SeparableConv2d, classes)
