"""The shared blocks of encoders."""

import pytest
import torch
from torch import nn

from seqfer.core import registry
from seqfer.models.layers import (
    FrameEncoder,
    SeparableConv2d,
    as_imagenet,
    convolution_multiplications,
    fuse_conv_bn,
    parameter_counts,
    standardise,
)


class Probe(FrameEncoder):
    """Six maps of 3x3 from 5x5 colour pixels, flattened."""

    feature_dim, input_size, channels = 54, 5, 3

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 6, 3, groups=3, bias=False), nn.BatchNorm2d(6), nn.Flatten())
        self.classifier = nn.Linear(54, 2)

    def embed(self, images):
        return self.layers(images)


def test_separable_convolution_is_a_full_one_of_rank_one_kernels():
    layer, x = SeparableConv2d(3, 5), torch.randn(2, 3, 7, 7)
    full = torch.einsum("oi,ihw->oihw", layer.pointwise.weight[:, :, 0, 0], layer.depthwise.weight[:, 0])
    expected = nn.functional.conv2d(x, full, layer.pointwise.bias, padding=1)
    torch.testing.assert_close(layer(x), expected, atol=1e-5, rtol=1e-5)


def test_separable_convolution_counts_as_in_keras():
    assert parameter_counts(SeparableConv2d(32, 64)) == (9 * 32 + 32 * 64 + 64,) * 2


def test_all_parameters_include_running_statistics_but_not_the_batch_counter():
    assert parameter_counts(nn.BatchNorm2d(10)) == (40, 20)


def test_multiplications_of_a_grouped_convolution():
    assert convolution_multiplications(Probe()) == 9 * 1 * 6 * 3 * 3


def test_multiplications_of_two_views_and_of_one():
    encoder = Probe()
    one = convolution_multiplications(encoder)
    encoder.two_views = True
    assert convolution_multiplications(encoder) == 2 * one
    assert convolution_multiplications(encoder, encoder.embed) == one


def test_two_views_classify_by_the_mean_of_both_sides_features():
    torch.manual_seed(0)
    encoder = registry.find("encoders", "mobilenet").build(classes=3).eval()
    images = torch.rand(4, 1, 48, 48)
    sides = (encoder.embed(images) + encoder.embed(images.flip(-1))) / 2
    torch.testing.assert_close(encoder.classify(images), encoder.classifier(sides))
    torch.testing.assert_close(encoder.classify(images), encoder.classify(images.flip(-1)))
    assert not torch.allclose(encoder.embed(images), encoder.embed(images.flip(-1)), atol=1e-3)


@pytest.mark.parametrize("training", [True, False])
def test_counting_multiplications_leaves_no_trace(training):
    encoder = Probe().train(training)
    before = {k: v.clone() for k, v in encoder.state_dict().items()}
    convolution_multiplications(encoder)
    assert encoder.training is training
    assert all(torch.equal(v, before[k]) for k, v in encoder.state_dict().items())
    assert not encoder.layers[0]._forward_hooks


def test_frames_of_a_clip_stay_in_order():
    encoder, frames = Probe().eval(), torch.rand(2, 4, 3, 5, 5)
    features = encoder(frames)
    assert features.shape == (2, 4, 54)
    torch.testing.assert_close(features[1, 2], encoder.embed(frames[1, 2:3])[0])


def test_standardised_images_have_mean_0_and_deviation_1():
    images = torch.rand(3, 2, 20, 20) * torch.tensor([1.0, 5.0, 0.5]).view(3, 1, 1, 1)
    made = standardise(images)
    assert made.mean((1, 2, 3)).abs().max() < 1e-5
    deviation = images.std((1, 2, 3))
    torch.testing.assert_close(made.std((1, 2, 3)), deviation / (deviation + 0.02))


def test_standardising_looks_at_one_image_only_and_forgets_brightness():
    images = torch.rand(3, 1, 6, 6)
    torch.testing.assert_close(standardise(images)[1:2], standardise(images[1:2]))
    torch.testing.assert_close(standardise(images + 0.3), standardise(images), atol=1e-5, rtol=1e-4)


def test_a_flat_image_standardises_to_zero():
    assert standardise(torch.full((1, 1, 6, 6), 0.5)).abs().max() < 1e-5


def test_grey_and_colour_become_imagenet_input():
    grey = torch.rand(2, 1, 4, 4)
    made = as_imagenet(grey)
    assert made.shape == (2, 3, 4, 4)
    torch.testing.assert_close(made, as_imagenet(grey.repeat(1, 3, 1, 1)))
    mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
    assert as_imagenet(mean.expand(1, 3, 2, 2)).abs().max() < 1e-6


@pytest.mark.parametrize("name", ["gated", "mobilenet", "resezap", "tiny"])
def test_folded_batch_norms_change_rounding_only(name):
    torch.manual_seed(0)
    encoder = registry.find("encoders", name).build(classes=7)
    images = torch.rand(4, 1, encoder.input_size, encoder.input_size)
    encoder.train().classify(images)  # statistics that are not 0 and 1
    encoder.eval()
    short = fuse_conv_bn(encoder)
    with torch.no_grad():
        assert torch.allclose(short.classify(images), encoder.classify(images), atol=1e-5)
        assert torch.allclose(short.describe(images), encoder.describe(images), atol=1e-5)
    if name != "resezap":  # its batch norms stand behind the activation
        assert sum(isinstance(m, nn.BatchNorm2d) for m in short.modules()) == 0
    assert any(isinstance(m, nn.BatchNorm2d) for m in encoder.modules())
