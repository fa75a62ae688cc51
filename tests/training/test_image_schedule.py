"""What changes in the course of a training: the rates of torch's scheduler are those of the formula, to the last bit."""

import math

import pytest
import torch
from torch import nn

from seqfer.core import registry
from seqfer.training.image_schedule import (
    augmentation_of,
    layerwise_lr_factors,
    learning_rate,
    lr_schedule,
    make_optimizer,
    stage_numbers,
)
from seqfer.training.settings import ImageTraining

STEPS = 7


def tiny():
    return registry.find("encoders", "tiny").build(classes=3)


def stated_rate(settings, step):
    """The formula as it stands in the docs: linear warm-up, then half a cosine with a floor of a thousandth."""
    warmup, total = settings.warmup_epochs * STEPS, settings.epochs * STEPS
    if step < warmup:
        return settings.learning_rate * (step + 1) / (warmup + 1)
    if settings.schedule == "constant":
        return settings.learning_rate
    return settings.learning_rate * (0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1.0, total - warmup))) + 1e-3)


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
@pytest.mark.parametrize(
    ("schedule", "warmup", "layer_decay"), [("cosine", 1.0, 1.0), ("cosine", 0.5, 0.7), ("constant", 1.3, 0.9)]
)
@pytest.mark.parametrize("resumed_after", [0, 2])
def test_every_group_has_the_stated_rate_at_every_step(optimizer, schedule, warmup, layer_decay, resumed_after):
    settings = ImageTraining(
        epochs=4,
        optimizer=optimizer,
        schedule=schedule,
        warmup_epochs=warmup,
        layer_decay=layer_decay,
        learning_rate=0.03,
    )
    encoder = tiny()
    optimizer = make_optimizer(encoder, encoder, settings)
    factors = layerwise_lr_factors(encoder, layer_decay)
    stated = [factors.get(group["params"][0], 1.0) if group["params"] else None for group in optimizer.param_groups]
    rates = lr_schedule(optimizer, settings, STEPS, resumed_after * STEPS)
    for step in range(resumed_after * STEPS, settings.epochs * STEPS):
        for factor, group in zip(stated, optimizer.param_groups, strict=True):
            if factor is not None:
                assert group["lr"] == stated_rate(settings, step) * factor
        optimizer.step()
        rates.step()


def test_the_rate_rises_then_falls_to_a_thousandth():
    settings = ImageTraining(epochs=10, warmup_epochs=1, learning_rate=1.0)
    rates = [learning_rate(settings, 10, step) for step in range(100)]
    assert rates[:10] == sorted(rates[:10])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[10] == pytest.approx(1.001)
    assert learning_rate(settings, 10, 100) == pytest.approx(1e-3)


def test_biases_and_norms_are_not_decayed():
    encoder = tiny()
    optimizer = make_optimizer(encoder, encoder, ImageTraining(weight_decay=0.1))
    decay = {id(p): group["weight_decay"] for group in optimizer.param_groups for p in group["params"]}
    assert {decay[id(p)] for p in encoder.parameters() if p.ndim > 1} == {0.1}
    assert {decay[id(p)] for p in encoder.parameters() if p.ndim <= 1} == {0.0}


def test_parameters_that_do_not_train_are_left_out():
    encoder = tiny()
    encoder.depth_order()[0].requires_grad_(False)
    optimizer = make_optimizer(encoder, encoder, ImageTraining())
    inside = {id(p) for group in optimizer.param_groups for p in group["params"]}
    assert inside == {id(p) for p in encoder.parameters() if p.requires_grad}


def test_factors_fall_from_the_last_stage_to_the_first():
    encoder = tiny()
    numbers, factors = stage_numbers(encoder), layerwise_lr_factors(encoder, 0.5)
    for number, layer in zip(numbers, encoder.depth_order(), strict=True):
        for p in layer.parameters():
            assert factors[p] == 0.5 ** (max(numbers) + 1 - number)
    assert all(p not in factors for p in encoder.classifier.parameters())


def test_small_images_come_first_and_reduced_augmentation_last():
    settings = ImageTraining(
        epochs=10, low_resolution_px=24, low_resolution_share=0.3, reduced_augmentation_share=0.2, mixup=0.4, cutout=0.5
    )
    epochs = [augmentation_of(settings, epoch) for epoch in range(10)]
    assert [one.size_px for one in epochs] == [24] * 3 + [None] * 7
    assert [one.mixup for one in epochs] == [0.4] * 8 + [0.0] * 2
    assert [one.cutout for one in epochs] == [0.5] * 8 + [0.25] * 2
    assert [one.strength for one in epochs] == [1.0] * 8 + [0.6] * 2


def test_without_shares_every_epoch_is_alike():
    settings = ImageTraining(epochs=5)
    assert len({augmentation_of(settings, epoch) for epoch in range(5)}) == 1


def test_a_layer_without_weights_belongs_to_the_stage_before():
    class Small(nn.Sequential):
        classifier = None

        def depth_order(self):
            return list(self)

    layers = Small(nn.ReLU(), nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.Conv2d(2, 2, 3))
    assert stage_numbers(layers) == [0, 0, 0, 0, 1]
    assert torch.tensor(list(layerwise_lr_factors(layers, 0.5).values())).min() == 0.25
