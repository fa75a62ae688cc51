"""Encoders in bfloat16 with fewer passes over memory: the numbers that torch gives under autocast, and the encoder itself where that cannot be."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from seqfer.models.film_files import add_valence
from seqfer.models.fused_bf16 import FusedConvolution, fuse_activations, with_fused_encoders
from seqfer.models.included import TIERS
from seqfer.models.layers import FrameEncoder, fuse_conv_bn
from seqfer.models.opening import open_model

HALF = bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
needs_half = pytest.mark.skipif(not HALF, reason="this processor has no bfloat16")


def embedded(encoder, faces):
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        return encoder.embed(faces).float()


@needs_half
@pytest.mark.parametrize("tier", TIERS)
def test_features_are_those_under_autocast(tier):
    encoder = fuse_conv_bn(open_model(tier, kind="image").encoder)
    quick = fuse_activations(encoder)
    assert sum(isinstance(module, FusedConvolution) for module in quick.modules()) > 10
    assert not any(isinstance(module, FusedConvolution) for module in encoder.modules())  # that one stays as it was
    for count in (1, 3, 17):
        faces = torch.rand(count, encoder.channels, encoder.input_size, encoder.input_size)
        wanted = embedded(encoder, faces)
        assert (embedded(quick, faces) - wanted).abs().max() <= 0.02 * wanted.abs().max()


@needs_half
def test_a_films_faces_are_read_the_same():
    model = add_valence(open_model("compact", precision="bf16", kind="video"))
    faces = np.random.default_rng(0).integers(0, 256, (5, 48, 48), dtype=np.uint8)
    wanted = model.encode(faces)
    torch.testing.assert_close(
        with_fused_encoders(model).encode(faces), wanted, atol=0.02 * wanted.abs().max().item(), rtol=0
    )


class Mixed(FrameEncoder):
    """Convolutions with every kind of neighbour: an activation that goes with it, one that does not, none, a padding that is no number."""

    feature_dim, input_size = 4, 12

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            *(nn.Conv2d(1, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU()),
            *(nn.Conv2d(8, 8, 3, groups=4), nn.Tanh()),
            *(nn.Conv2d(8, 8, 3, padding="same"), nn.ReLU6()),
            nn.Conv2d(8, 4, 3, stride=2, dilation=2, padding=2, padding_mode="reflect"),
        )
        self.last, self.last_relu = nn.Conv2d(4, 4, 1), nn.ReLU6()
        self.classifier = nn.Linear(4, 2)

    def embed(self, images):
        return self.last_relu(self.last(self.layers(images))).mean((2, 3))


@needs_half
def test_an_activation_goes_with_the_convolution_before_it():
    torch.manual_seed(0)
    encoder = fuse_conv_bn(Mixed())
    quick = fuse_activations(encoder)
    kinds = [type(layer) for layer in quick.layers]
    plain = nn.Identity
    assert kinds == [FusedConvolution, plain, plain, FusedConvolution, nn.Tanh, nn.Conv2d, nn.ReLU6, nn.Conv2d]
    assert type(quick.last) is FusedConvolution
    assert type(quick.last_relu) is plain
    faces = torch.rand(3, 1, 12, 12)
    wanted = embedded(encoder, faces)
    torch.testing.assert_close(embedded(quick, faces), wanted, atol=0.02 * wanted.abs().max().item(), rtol=0)


def test_what_cannot_be_fused_stays_as_it_is(monkeypatch):
    encoder = fuse_conv_bn(Mixed())

    def refuse(*_):
        raise RuntimeError("no such operation here")

    monkeypatch.setattr("seqfer.models.fused_bf16.FusedConvolution", refuse)
    assert fuse_activations(encoder) is encoder


@needs_half
def test_other_numbers_are_not_taken(monkeypatch):
    encoder = fuse_conv_bn(Mixed())
    forward = FusedConvolution.forward
    monkeypatch.setattr(FusedConvolution, "forward", lambda self, x: 1.1 * forward(self, x))
    before = copy.deepcopy(encoder.state_dict())
    assert fuse_activations(encoder) is encoder
    torch.testing.assert_close(encoder.state_dict(), before)
