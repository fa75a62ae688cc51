"""MobileNet, truncated after its twelfth separable block, for fine-tuning from weights trained on face identity.

Source: Howard et al. 2017 (arXiv 1704.04861), table 1, width 1.0: a full convolution with stride 2, then blocks of a depthwise 3x3 and a pointwise
convolution, each with batch norm and a ReLU that ends at 6. Differs: the thirteenth block is left out (the twelfth already has
1,024 features), the input has one grey channel, and faces of 48 pixels are enlarged to 112 first, the input size of the identity
network. Padding is on the right and below where the stride is 2, as in TensorFlow, so that its weights fit. A still
image is classified by the mean of the face's and its mirror image's features.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from seqfer.models.layers import FrameEncoder, standardise

PAPER = "none (Howard et al. 2017)"
RESOLUTION = 112
# (outputs, stride) of the twelve separable blocks.
BLOCKS = (
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2),
    (512, 1), (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2),
)  # fmt: skip
STEM = 32
# The standard deviation of a face's pixels on a scale of 0 to 255, as in the training of the initial weights.
CONTRAST = 55.0


def _norm(width: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(width, eps=1e-3)


class SeparableBlock(nn.Module):
    """Depthwise 3x3, pointwise 1x1, each with batch norm and ReLU6."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.depthwise = nn.Conv2d(inputs, inputs, 3, stride, padding=2 - stride, groups=inputs, bias=False)
        self.depthwise_norm, self.depthwise_relu = _norm(inputs), nn.ReLU6(inplace=True)
        self.pointwise = nn.Conv2d(inputs, outputs, 1, bias=False)
        self.pointwise_norm, self.pointwise_relu = _norm(outputs), nn.ReLU6(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """(batch inputs height width) -> (batch outputs height/stride width/stride)."""
        x = F.pad(x, (0, 1, 0, 1)) if self.stride == 2 else x
        x = self.depthwise_relu(self.depthwise_norm(self.depthwise(x)))
        output: Tensor = self.pointwise_relu(self.pointwise_norm(self.pointwise(x)))
        return output


class MobileNet(FrameEncoder):
    """48x48 grey (any other size is resized too) -> 1,024 features."""

    feature_dim = BLOCKS[-1][0]
    input_size = 48
    two_views = True

    def __init__(self, classes: int = 7) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, STEM, 3, 2, bias=False)
        self.stem_norm = _norm(STEM)
        widths = (STEM, *(outputs for outputs, _ in BLOCKS))
        self.blocks = nn.Sequential(
            *(SeparableBlock(inputs, *block) for inputs, block in zip(widths, BLOCKS, strict=False))
        )
        self.classifier = nn.Sequential(nn.Dropout(0.3), nn.Linear(self.feature_dim, classes))
        for layer in self.modules():
            if isinstance(
                layer, nn.Conv2d
            ):  # torch's default initialisation is so small that the signal vanishes in twelve blocks
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")

    def _enter(self, images: Tensor) -> Tensor:
        if images.shape[-1] != RESOLUTION:
            images = F.interpolate(images, size=(RESOLUTION, RESOLUTION), mode="bilinear", align_corners=False)
        x = F.pad(standardise(images) * CONTRAST, (0, 1, 0, 1))
        return F.relu6(self.stem_norm(self.stem(x)), inplace=True)

    def embed(self, images: Tensor) -> Tensor:
        """(image 1 height width) in [0, 1] -> (image 1024)."""
        output: Tensor = self.blocks(self._enter(images)).mean((2, 3))
        return output

    def describe(self, images: Tensor) -> Tensor:
        """(image 1 height width) in [0, 1] -> (image 2048): the 512 maps before the last block, averaged over 2 x 2 fields (512 x 4).

        They still have spatial information, and they are less specific to the web pictures of FER2013 than the last features.
        """
        return F.adaptive_avg_pool2d(self.blocks[:-1](self._enter(images)), 2).flatten(1)


def build(classes: int = 7) -> FrameEncoder:
    """A new encoder with random weights."""
    return MobileNet(classes)
