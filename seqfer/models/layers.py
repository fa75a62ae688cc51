"""The base class of frame encoders, and layers and functions that encoders and heads share."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from seqfer.core.errors import InputError


class FrameEncoder(nn.Module):
    """Base of all encoders: one feature vector per frame.

    A subclass sets `feature_dim`, `input_size` (pixels, square) and `channels`, defines `embed` and the layer `classifier` that turns
    features into class logits for still images. Pixels arrive in [0, 1]; normalisation of single images belongs in `embed`.
    With `two_views` a still is classified by the mean of its features and its mirror image's; training, temporal heads and videos use one view.
    """

    feature_dim: int
    input_size: int
    channels: int = 1
    two_views: bool = False
    classifier: nn.Module

    def embed(self, images: Tensor) -> Tensor:
        """(image channel height width) in [0, 1] -> (image feature)."""
        raise NotImplementedError

    def describe(self, images: Tensor) -> Tensor:
        """(image channel height width) in [0, 1] -> (image description): the input of temporal heads. The features of `embed`, unless an
        encoder defines others: the features that are best for its own classifier are not always best for another corpus."""
        return self.embed(images)

    def depth_order(self) -> list[nn.Module]:
        """The encoder's layers in order from the input, without the classifier: its children, with each Sequential expanded."""
        children = [child for child in self.children() if child is not self.classifier]
        return [stage for child in children for stage in (child if isinstance(child, nn.Sequential) else (child,))]

    @property
    def device(self) -> torch.device:
        """Where the weights are; images must be there too."""
        return next(self.parameters(), torch.empty(0)).device

    @property
    def output_layer(self) -> nn.Linear:
        """The last layer of the classifier: one row per class."""
        layer = self.classifier[-1] if isinstance(self.classifier, nn.Sequential) else self.classifier
        assert isinstance(layer, nn.Linear)
        return layer

    def change_classes(self, before: Sequence[str], after: Sequence[str]) -> None:
        """Give the classifier other classes: rows of earlier classes are kept by name, new ones are initialised randomly."""
        old = self.output_layer
        new = nn.Linear(old.in_features, len(after)).to(old.weight.device)
        with torch.no_grad():
            for row, name in enumerate(after):
                if name in before:
                    new.weight[row] = old.weight[before.index(name)]
                    new.bias[row] = old.bias[before.index(name)]
        if isinstance(self.classifier, nn.Sequential):
            self.classifier[-1] = new
        else:
            self.classifier = new

    def classify(self, images: Tensor) -> Tensor:
        """(image channel height width) in [0, 1] -> class logits (image class)."""
        if self.two_views:
            both = self.embed(torch.cat([images, images.flip(-1)]))
            features = rearrange(both, "(view image) feature -> view image feature", view=2).mean(0)
        else:
            features = self.embed(images)
        logits: Tensor = self.classifier(features)
        return logits

    def forward(self, frames: Tensor) -> Tensor:
        """(batch time channel height width) in [0, 1] -> (batch time feature)."""
        features = self.embed(rearrange(frames, "batch time channel height width -> (batch time) channel height width"))
        return rearrange(features, "(batch time) feature -> batch time feature", batch=len(frames))


class SeparableConv2d(nn.Module):
    """Depthwise then pointwise convolution, as Keras' SeparableConv2D: depthwise without bias, pointwise with one.

    Parameters: kernel^2 x inputs + inputs x outputs + outputs.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, padding: int = 1) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(inputs, inputs, kernel, padding=padding, groups=inputs, bias=False)
        self.pointwise = nn.Conv2d(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(batch inputs height width) -> (batch outputs height width)."""
        output: Tensor = self.pointwise(self.depthwise(x))
        return output


def fuse_conv_bn(encoder: FrameEncoder) -> FrameEncoder:
    """A copy for inference: every batch norm that follows a convolution is fused into it, which saves passes over memory and changes
    results by rounding only. The two are neighbours in a Sequential, or named `NAME` and `NAME_norm` in one module."""
    copied = copy.deepcopy(encoder).eval()
    for module in list(copied.modules()):
        children = dict(module.named_children())
        for name, convolution in children.items():
            norm = layer_after(module, name, "norm")
            after = children.get(norm)
            if isinstance(convolution, nn.Conv2d) and isinstance(after, nn.BatchNorm2d):
                setattr(module, name, fuse_conv_bn_eval(convolution, after))
                setattr(module, norm, nn.Identity())
    return copied.requires_grad_(False).to(memory_format=torch.channels_last)


def layer_after(module: nn.Module, name: str, kind: str) -> str:
    """The name of the child that follows the child `name` of a module: in a Sequential the next one that is not an identity ("" for none),
    else `NAME_kind`, which need not exist."""
    if not isinstance(module, nn.Sequential):
        return f"{name}_{kind}"
    children = list(module.named_children())
    later = children[[other for other, _ in children].index(name) + 1 :]
    return next((other for other, layer in later if not isinstance(layer, nn.Identity)), "")


def parameter_counts(module: nn.Module) -> tuple[int, int]:
    """(all, trainable) parameters. "All" counts batch norm's running statistics, as Keras and the papers do."""
    trainable = sum(p.numel() for p in module.parameters())
    statistics = sum(b.numel() for b in module.buffers() if b.is_floating_point())
    return trainable + statistics, trainable


def convolution_multiplications(encoder: FrameEncoder, way: Callable[[Tensor], Tensor] | None = None) -> int:
    """Multiplications of all convolutions for one image that is processed by `way` (None: `classify`).

    For each: kernel area x inputs per group x outputs x output positions.
    """
    total = 0
    convolutions = [m for m in encoder.modules() if isinstance(m, nn.Conv2d)]
    if not convolutions:  # a baseline, whose features may not be computed by torch
        return 0

    def count(layer: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal total
        assert isinstance(layer, nn.Conv2d)
        total += layer.weight[0].numel() * output.numel()  # a network may process several views of the image

    hooks = [m.register_forward_hook(count) for m in convolutions]
    training = encoder.training
    encoder.eval()
    try:
        with torch.no_grad():
            (way or encoder.classify)(
                torch.zeros(1, encoder.channels, encoder.input_size, encoder.input_size, device=encoder.device)
            )
    finally:
        encoder.train(training)
        for hook in hooks:
            hook.remove()
    return total


def standardise(images: Tensor) -> Tensor:
    """Standardise each image to mean 0 and (nearly) standard deviation 1: (image channel height width) -> the same shape.

    The mean and the deviation (n - 1 in the denominator) are over all pixels and channels of one image, which removes differences of lighting
    and contrast. The 0.02 keeps a uniform image at zero instead of dividing by zero.
    """
    centred = images - images.mean((1, 2, 3), keepdim=True)
    # as `std`, which on a CPU takes forty times as long
    deviation = torch.linalg.vector_norm(centred, dim=(1, 2, 3), keepdim=True) / math.sqrt(images.shape[1:].numel() - 1)
    output: Tensor = centred / (deviation + 0.02)
    return output


def as_imagenet(images: Tensor) -> Tensor:
    """(image 1 or 3, height, width) in [0, 1] -> (image 3 height width) with the mean and deviation that ImageNet networks are trained on."""
    mean = images.new_tensor([0.485, 0.456, 0.406])[:, None, None]
    deviation = images.new_tensor([0.229, 0.224, 0.225])[:, None, None]
    return (images.expand(-1, 3, -1, -1) - mean) / deviation


def expected_valence(logits: Tensor) -> Tensor:
    """Logits of the nine levels (..., 9) -> valence in [-1, 1], shape (...): formula 1 of the paper. Raises InputError for other widths."""
    if logits.shape[-1] != 9:
        raise InputError(f"valence needs logits of 9 levels, got {logits.shape[-1]}; build the network with classes=9")
    levels = torch.arange(1, 10, dtype=logits.dtype, device=logits.device)
    return ((logits.softmax(-1) * levels).sum(-1) - 5) / 4
