"""VGG-16 with a batch norm after every convolution, on 48x48 colour images (or any multiple of 32 pixels).

Source: Simonyan and Zisserman 2015, configuration D, with the batch norm of Ioffe and Szegedy 2015 where torchvision's `vgg16_bn` has it.
savoiu2017 uses the network without batch norm, from ImageNet's weights. From random weights that network only learns the class frequencies in
an epoch of FER2013; with batch norm it learns the classes. Everything else is as in `vgg16`.
"""

from __future__ import annotations

from seqfer.models.blocks import Vgg16
from seqfer.models.layers import FrameEncoder

PAPER = "savoiu2017"
TAKES = ("input_size",)


def build(classes: int = 7, input_size: int = 48) -> FrameEncoder:
    """A new encoder with random weights. Raises SettingsError for an input under 32 pixels."""
    return Vgg16(classes, input_size, norm=True)
