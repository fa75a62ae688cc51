"""Networks that several encoders share: shapes, sizes and arithmetic as in their papers."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from seqfer.core.errors import SettingsError
from seqfer.models.blocks import (
    HalfTanh,
    LocalResponseNet,
    ResidualBlock,
    ResidualSeparableNet,
    Vgg16,
    _vgg_convolutions,
)
from seqfer.models.layers import SeparableConv2d


@pytest.mark.parametrize(("size", "padding", "result"), [(48, 0, 24), (48, 1, 25), (25, 1, 13)])
def test_a_residual_block_halves_the_padded_map(size: int, padding: int, result: int) -> None:
    block = ResidualBlock(nn.Conv2d, 1, 4, padding).eval()
    assert block(torch.rand(2, 1, size, size)).shape == (2, 4, result, result)


def test_a_residual_block_adds_the_first_output_to_the_third() -> None:
    torch.manual_seed(0)
    block = ResidualBlock(nn.Conv2d, 1, 2, 1).eval()
    x = torch.randn(1, 1, 8, 8)
    a = block.norms[0](block.convolutions[0](x))
    b = block.norms[1](block.convolutions[1](a))
    c = block.norms[2](block.convolutions[2](b))
    expected = nn.functional.avg_pool2d(nn.functional.pad(torch.relu(a + c), (1, 1, 1, 1)), 2)
    assert torch.allclose(block(x), expected)


@pytest.mark.parametrize("convolution", [nn.Conv2d, SeparableConv2d])
def test_resezap_has_96_features_of_global_maxima(convolution) -> None:
    torch.manual_seed(0)
    net = ResidualSeparableNet(convolution, 5).eval()
    images = torch.rand(3, 1, 48, 48)
    assert net.embed(images).shape == (3, 96)
    assert net.classifier(net.embed(images)).shape == (3, 5)
    assert torch.allclose(
        net.embed(images * 0.5 + 0.2), net.embed(images * 0.5), atol=1e-4
    )  # brightness does not count


def test_half_tanh_is_tanh_of_a_half() -> None:
    assert HalfTanh()(torch.tensor([0.0, 2.0, -2.0])).tolist() == pytest.approx([0, 0.761594, -0.761594], abs=1e-6)


def test_three_pools_leave_eight_by_eight_positions() -> None:
    net = LocalResponseNet([[4], [6, 6], [8]], nn.ReLU, 1.0, 3).eval()
    assert net.feature_dim == 8 * 8 * 8
    assert net.embed(torch.rand(1, 1, 128, 128)).shape == (1, 512)
    assert sum(isinstance(layer, nn.Conv2d) for layer in net.layers) == 4
    assert sum(isinstance(layer, nn.MaxPool2d) for layer in net.layers) == 3


def test_the_gain_scales_the_start() -> None:
    spreads = []
    for gain in (1.0, 2.0):
        torch.manual_seed(0)
        spreads.append(float(LocalResponseNet([[16], [16], [16]], nn.ReLU, gain, 3).layers[0].weight.detach().std()))
    assert spreads[1] == pytest.approx(2 * spreads[0], rel=1e-5)


def test_vgg16_has_the_stated_convolutions_and_refuses_small_images() -> None:
    """Configuration D: thirteen convolutions of 14,714,688 weights; a batch norm adds two for each of 4,224 maps."""
    plain, normed = _vgg_convolutions(False), _vgg_convolutions(True)
    assert sum(isinstance(layer, nn.Conv2d) for layer in plain) == 13
    assert sum(p.numel() for p in plain.parameters()) == 14_714_688
    assert sum(p.numel() for p in normed.parameters()) == 14_714_688 + 2 * 4_224
    assert plain(torch.rand(1, 3, 32, 32)).shape == (1, 512, 1, 1)
    with pytest.raises(SettingsError, match="vgg16 got input_size 31; at least 32 pixels are needed"):
        Vgg16(7, 31)
