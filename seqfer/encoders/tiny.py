"""A very small encoder for tests and experiments. Not from a paper."""

from __future__ import annotations

from torch import Tensor, nn

from seqfer.models.layers import FrameEncoder

PAPER = "none: for tests"


def build(classes: int = 7) -> FrameEncoder:
    """24x24 grey faces -> 64 features."""
    return Tiny(classes)


class Tiny(FrameEncoder):
    """Two strided convolutions and a mean over the picture's quarters."""

    feature_dim = 64
    input_size = 24

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 8, 3, stride=2, padding=1),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.Conv2d(8, 16, 3, stride=2, padding=1),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(2),
            nn.Flatten(),
        )
        self.classifier = nn.Linear(self.feature_dim, classes)

    def embed(self, images: Tensor) -> Tensor:
        """(image 1 height width) in [0, 1] -> (image 64)."""
        output: Tensor = self.layers(images - 0.5)
        return output
