"""Runs an encoder in bfloat16 with fewer passes over memory: weights are reordered once, and each activation is fused into its convolution.

The results are those of torch under autocast. The operation is the one that torch's own compiler uses for a convolution; it is not
documented, so its results are compared first, and where it is missing or differs the encoder is not changed.
"""

from __future__ import annotations

import copy
from dataclasses import replace

import torch
from torch import Tensor, nn

from seqfer.models.film_model import FilmModel
from seqfer.models.layers import FrameEncoder, layer_after

NEAR = 0.02  # of the largest feature: a few steps of bfloat16
# activation -> its name among torch's fused ones, and its numbers
_ACTIVATIONS: dict[type[nn.Module], tuple[str, list[float]]] = {
    nn.ReLU6: ("hardtanh", [0.0, 6.0]),
    nn.ReLU: ("relu", []),
    nn.Identity: ("none", []),
}


def with_fused_encoders(model: FilmModel) -> FilmModel:
    """The same model with encoders by `fuse_activations`."""
    valence = model.valence
    if valence is not None and valence.encoder is not None:
        valence = replace(valence, encoder=fuse_activations(valence.encoder))
    return replace(model, encoder=fuse_activations(model.encoder), valence=valence)


@torch.no_grad()
def fuse_activations(encoder: FrameEncoder) -> FrameEncoder:
    """A copy of an encoder that `fuse_conv_bn` gave, for use under autocast to bfloat16 on the CPU; the encoder itself where that cannot be.

    An activation belongs to a convolution that it follows in a Sequential, or that is called `NAME` where it is called `NAME_relu`, with nothing
    but a fused batch norm between.
    """
    try:
        quick = copy.deepcopy(encoder)
        for module in list(quick.modules()):
            _fuse_children(module)
        images = torch.rand(3, encoder.channels, encoder.input_size, encoder.input_size)
        with torch.autocast("cpu", torch.bfloat16):
            wanted, found = encoder.embed(images).float(), quick.embed(images).float()
    except (AttributeError, NotImplementedError, RuntimeError, TypeError):  # of another build of torch, or processor
        return encoder
    return quick if (wanted - found).abs().max() <= NEAR * wanted.abs().max() else encoder


def _fuse_children(module: nn.Module) -> None:
    children = dict(module.named_children())
    for name, convolution in children.items():
        if not isinstance(convolution, nn.Conv2d) or isinstance(convolution.padding, str):
            continue
        if convolution.padding_mode != "zeros":
            continue
        after = layer_after(module, name, "relu")
        activation = children.get(after)
        if activation is None or type(activation) not in _ACTIVATIONS:
            setattr(module, name, FusedConvolution(convolution, nn.Identity()))
        else:
            setattr(module, name, FusedConvolution(convolution, activation))
            setattr(module, after, nn.Identity())


class FusedConvolution(nn.Module):
    """A convolution in bfloat16 and the activation after it."""

    def __init__(self, convolution: nn.Conv2d, activation: nn.Module) -> None:
        super().__init__()
        assert not isinstance(convolution.padding, str)
        place = list(convolution.padding), list(convolution.stride), list(convolution.dilation), convolution.groups
        weight = convolution.weight.detach().bfloat16().to_mkldnn()
        self._weight = torch._C._nn.mkldnn_reorder_conv2d_weight(weight, *place)
        self._bias = None if convolution.bias is None else convolution.bias.detach().bfloat16()
        self._place, self._activation = place, _ACTIVATIONS[type(activation)]

    def forward(self, x: Tensor) -> Tensor:
        """(image input height width) -> (image output height width), bfloat16."""
        name, numbers = self._activation
        made: Tensor = torch.ops.mkldnn._convolution_pointwise(
            x.bfloat16(), self._weight, self._bias, *self._place, name, numbers, ""
        )
        return made
