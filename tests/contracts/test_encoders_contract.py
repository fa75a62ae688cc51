"""What every frame encoder promises, checked for each one found. A new file in `seqfer/encoders/` is tested without a change here."""

import copy
import inspect

import pytest
import torch
from torch import Tensor, nn

from seqfer.core import registry
from seqfer.models.layers import FrameEncoder

CLASSES = 5
# Networks that take any input size are checked on a small one, to keep the suite fast.
SETTINGS = {"vgg16": {"input_size": 32}, "resnet50": {"input_size": 32}}


@pytest.fixture(scope="module", params=registry.names("encoders"))
def encoder(request) -> FrameEncoder:
    """Each encoder, its batch norms away from their start: some start at zero, which would hide what lies behind them."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        built = registry.find("encoders", request.param).build(classes=CLASSES, **SETTINGS.get(request.param, {}))
        for layer in built.modules():
            if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
                nn.init.uniform_(layer.weight, 0.5, 1.5)
                nn.init.uniform_(layer.bias, -0.1, 0.1)
                layer.running_var.uniform_(0.5, 1.5)
    built.name = request.param
    return built.eval()


def close(expected: Tensor) -> dict[str, float]:
    """Tolerances relative to the largest feature: sums of millions of products in another order differ that much."""
    return {"atol": 1e-4 * float(expected.abs().max()), "rtol": 0}


@pytest.fixture
def images(encoder) -> Tensor:
    """Three images, one of them flat."""
    made = torch.rand(
        3, encoder.channels, encoder.input_size, encoder.input_size, generator=torch.Generator().manual_seed(1)
    )
    made[2] = 0.5
    return made


def test_shapes_and_no_nan(encoder, images):
    with torch.no_grad():
        features, logits = encoder.embed(images), encoder.classify(images)
        clips = encoder(images[None, :2].expand(2, -1, -1, -1, -1))
    assert features.shape == (3, encoder.feature_dim)
    assert logits.shape == (3, CLASSES)
    assert clips.shape == (2, 2, encoder.feature_dim)
    assert all(bool(x.isfinite().all()) for x in (features, logits, clips))


def test_it_says_what_it_is(encoder):
    module = registry.find("encoders", encoder.name)
    assert module.PAPER
    taken = set(inspect.signature(module.build).parameters) & {"input_size", "pretrained"}
    assert set(getattr(module, "TAKES", ())) == taken
    assert encoder.channels in (1, 3)
    assert "Source" in module.__doc__ or "Not from a paper" in module.__doc__


def test_the_classifier_turns_features_into_the_logits(encoder, images):
    with torch.no_grad():
        views = (
            [encoder.embed(images), encoder.embed(images.flip(-1))] if encoder.two_views else [encoder.embed(images)]
        )
        torch.testing.assert_close(encoder.classifier(torch.stack(views).mean(0)), encoder.classify(images))


def test_different_images_differ(encoder, images):
    with torch.no_grad():
        features = encoder.embed(images[:2])
    assert (features[0] - features[1]).abs().max() > 1e-3 * features.abs().max()


def test_one_at_a_time_is_batched(encoder, images):
    with torch.no_grad():
        batched = encoder.embed(images)
        single = torch.cat([encoder.embed(image[None]) for image in images])
        clips = encoder(images[None])[0]
    torch.testing.assert_close(single, batched, **close(batched))
    torch.testing.assert_close(clips, batched, **close(batched))


def test_memory_layout_changes_nothing(encoder, images):
    with torch.no_grad():
        plain = encoder.embed(images)
        channels_last = encoder.embed(images.contiguous(memory_format=torch.channels_last))
    torch.testing.assert_close(channels_last, plain, **close(plain))


def test_every_parameter_gets_a_gradient(encoder, images):
    encoder.zero_grad(set_to_none=True)
    logits = encoder.classify(images[:2])
    (logits * torch.randn(logits.shape, generator=torch.Generator().manual_seed(2))).sum().backward()
    without = [name for name, p in encoder.named_parameters() if p.grad is None or not bool((p.grad != 0).any())]
    broken = [
        name for name, p in encoder.named_parameters() if p.grad is not None and not bool(p.grad.isfinite().all())
    ]
    encoder.zero_grad(set_to_none=True)
    assert without == []
    assert broken == []


def test_training_mode_runs(encoder, images):
    before = copy.deepcopy(dict(encoder.named_buffers()))
    with torch.no_grad():
        logits = encoder.train().classify(images[:2])
    encoder.eval()
    for name, buffer in encoder.named_buffers():
        buffer.copy_(before[name])
    assert bool(logits.isfinite().all())


def test_save_is_load(encoder, images):
    other = registry.find("encoders", encoder.name).build(classes=CLASSES, **SETTINGS.get(encoder.name, {})).eval()
    other.load_state_dict(encoder.state_dict())
    with torch.no_grad():
        assert torch.equal(other.classify(images[:1]), encoder.classify(images[:1]))


def test_describe_is_one_row_per_image_and_does_not_mix_images(encoder, images):
    with torch.no_grad():
        together = encoder.describe(images)
        alone = torch.cat([encoder.describe(image[None]) for image in images])
    assert together.ndim == 2
    assert len(together) == len(images)
    assert torch.isfinite(together).all()
    assert torch.allclose(together, alone, **close(together))


def test_change_classes_keeps_known_rows(encoder):
    changed = copy.deepcopy(encoder)
    rows = encoder.output_layer.weight.detach().clone()
    changed.change_classes(["a", "b", "c", "d", "e"], ["e", "new", "a"])
    assert changed.output_layer.out_features == 3
    assert torch.equal(changed.output_layer.weight[0], rows[4])
    assert torch.equal(changed.output_layer.weight[2], rows[0])
    assert torch.equal(encoder.output_layer.weight, rows)
