"""ResEZAP that looks at every face and at its mirror image: the same 54,480 parameters, twice the multiplications.

Source: Azimi Abriz and Meghdadi 2021 (abriz2021), see `resezap`; the second look is ours. The features of both views are averaged, so that an
expression means the same on either side of the face: what a network this small lacks is capacity, and a second look gives some without a parameter.
Its weights fit `resezap` and the other way round; those that ship were trained there.
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
        as_seen, mirrored = super().embed(torch.cat([images, images.flip(-1)])).chunk(2)
        return (as_seen + mirrored) / 2


def build(classes: int = 7) -> FrameEncoder:
    """A new encoder with random weights."""
    return MirroredNet(SeparableConv2d, classes)
