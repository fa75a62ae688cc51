"""Parameters and multiplications against the papers' own numbers, to the last digit."""

import pytest
import torch
from torch import nn

from seqfer.core import registry
from seqfer.models.layers import FrameEncoder, convolution_multiplications, parameter_counts

# name: (classes, parameters in all, trainable, multiplications of the convolutions); None: no paper gives it
COUNTS = {
    "resezap": (7, 54_480, 53_136, 16_909_540),  # abriz2021, tables 1 and 2
    "resezap_full": (7, 345_319, 343_975, 130_075_776),  # abriz2021, section 3 (point 4) and table 1
    "liu_valence": (9, 1_367_241, 1_367_241, None),  # liu2020, table I
    "mini_xception": (7, 58_423, 56_951, None),  # the authors' Keras code; abriz2021, table 2: "60000"
    "vgg16": (
        7,
        33_625_927,
        33_625_927,
        None,
    ),  # Keras' VGG16 for 48x48x3 and 7 classes: convolutions, dense 512 -> 4096 -> 4096 -> 7
    "vgg16_bn": (
        7,
        33_642_823,
        33_634_375,
        None,
    ),  # vgg16 and four numbers for each of 4,224 maps, as torchvision's vgg16_bn
    "resezap_mirrored": (7, 54_480, 53_136, 33_819_080),  # resezap's, twice the multiplications
    "resnet50": (1000, 25_610_152, 25_557_032, None),  # torchvision's model card: 25,557,032 with 1000 classes
}


def built(name: str, **settings) -> FrameEncoder:
    """Counting needs no numbers, so nothing is allocated."""
    with torch.device("meta"):
        return registry.find("encoders", name).build(**settings)


def multiplications(encoder: FrameEncoder) -> int:
    with torch.device("meta"):
        return convolution_multiplications(encoder)


@pytest.mark.parametrize("name", COUNTS)
def test_counts_are_the_papers(name):
    classes, everything, trainable, multiplied = COUNTS[name]
    encoder = built(name, classes=classes)
    assert parameter_counts(encoder) == (everything, trainable)
    if multiplied is not None:
        assert multiplications(encoder) == multiplied


@pytest.mark.parametrize(("separable", "first"), [(True, 86_756), (False, 609_408)])
def test_resezap_first_layer(separable, first):
    encoder = built("resezap", separable=separable)
    layer = encoder.blocks[0].convolutions[0]
    seen = [m for m in layer.modules() if isinstance(m, nn.Conv2d)]
    assert sum(m.weight[0].numel() * m.out_channels * 46 * 46 for m in seen) == first


def test_resezap_sizes_and_shares():
    encoder = built("resezap")
    sizes: list[int] = []
    for block in encoder.blocks:
        block.norms[0].register_forward_hook(lambda _m, _i, out: sizes.append(out.shape[-1]))
        block.register_forward_hook(lambda _m, _i, out: sizes.append(out.shape[-1]))
    encoder.embed(torch.zeros(2, 1, 48, 48, device="meta"))
    assert sizes == [46, 24, 24, 13, 13, 7]
    convolutions = sum(parameter_counts(block.convolutions)[0] for block in encoder.blocks)
    assert convolutions + parameter_counts(encoder.classifier)[0] == 42_480
    assert parameter_counts(encoder.dense)[0] == 9_312
    assert sum(parameter_counts(block.norms)[0] for block in encoder.blocks) == 2_304
    assert parameter_counts(encoder.dense_norm)[0] == 384


def test_separable_false_is_resezap_full():
    assert parameter_counts(built("resezap", separable=False)) == parameter_counts(built("resezap_full"))


def test_liu_valence_layer_by_layer():
    encoder = built("liu_valence")
    layers = [m for m in encoder.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assert [parameter_counts(m)[0] for m in layers] == [64, 25_632, 9_248, 18_496, 1_180_160, 131_328, 2_313]


def test_multipie_deep_has_the_layers_of_the_text():
    kinds = [type(m).__name__ for m in built("multipie_deep").modules()]
    counts = {kind: kinds.count(kind) for kind in ("Conv2d", "HalfTanh", "LocalResponseNorm", "MaxPool2d", "Linear")}
    assert counts == {"Conv2d": 8, "HalfTanh": 8, "LocalResponseNorm": 8, "MaxPool2d": 3, "Linear": 1}


def test_multipie_simple_is_the_smaller_of_the_family_with_relu():
    kinds = [type(m).__name__ for m in built("multipie_simple").modules()]
    assert kinds.count("Conv2d") == kinds.count("ReLU") == kinds.count("LocalResponseNorm") < 8
    assert "HalfTanh" not in kinds
