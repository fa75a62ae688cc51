"""The schedules of a training on images: learning rates, image size and strength of the augmentation."""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import nn
from torch.optim import SGD, Optimizer
from torch.optim.lr_scheduler import LambdaLR

from seqfer.models.layers import FrameEncoder
from seqfer.training.adamw import AdamW
from seqfer.training.settings import ImageTraining


@dataclass(frozen=True)
class EpochAugmentation:
    """How the images of one epoch are changed. `size_px` is the edge of the result (None: as the images come), `mixup` the parameter of the
    beta distribution (0: no mixup)."""

    strength: float
    cutout: float
    mixup: float
    size_px: int | None


def augmentation_of(settings: ImageTraining, epoch: int) -> EpochAugmentation:
    """The augmentation of an epoch counted from 0: small images in the first epochs, reduced augmentation in the last ones."""
    small = bool(settings.low_resolution_px) and epoch < settings.low_resolution_share * settings.epochs
    size_px = settings.low_resolution_px if small else None
    if epoch >= (1 - settings.reduced_augmentation_share) * settings.epochs:
        return EpochAugmentation(0.6 * settings.augment, 0.5 * settings.cutout, 0.0, size_px)
    return EpochAugmentation(settings.augment, settings.cutout, settings.mixup, size_px)


def stage_numbers(encoder: FrameEncoder) -> list[int]:
    """For each layer of `encoder.depth_order()` the stage it belongs to, counted from 0 at the input.

    A stage begins with every layer that has weights (more than the scales of a norm); layers without weights belong to the stage before.
    """
    numbers, stage = [], -1
    for layer in encoder.depth_order():
        stage += any(p.ndim > 1 for p in layer.parameters())
        numbers.append(max(stage, 0))
    return numbers


def layerwise_lr_factors(encoder: FrameEncoder, layer_decay: float) -> dict[nn.Parameter, float]:
    """For each parameter before the classifier the factor of its learning rate: `layer_decay` for the last stage, its square for the one before."""
    numbers = stage_numbers(encoder)
    powers = [max(numbers, default=0) + 1 - number for number in numbers]
    return {
        p: layer_decay**power
        for layer, power in zip(encoder.depth_order(), powers, strict=True)
        for p in layer.parameters()
    }


def make_optimizer(model: nn.Module, encoder: FrameEncoder, settings: ImageTraining) -> Optimizer:
    """SGD with Nesterov momentum or AdamW over the parameters of `model` that train; `encoder` is the part of it with layerwise rates.

    The `lr` of every parameter group is its factor of the learning rate; `lr_schedule` multiplies it by the rate of the step.
    """
    parameters = [p for p in model.parameters() if p.requires_grad]
    factors = layerwise_lr_factors(encoder, settings.layer_decay)
    groups = []
    for factor in sorted({factors.get(p, 1.0) for p in parameters}, reverse=True):
        here = [p for p in parameters if factors.get(p, 1.0) == factor]
        # Biases and scales of batch norm have no weight decay: they are few, and decay only lowers accuracy.
        groups += [
            {"params": [p for p in here if p.ndim > 1], "weight_decay": settings.weight_decay},
            {"params": [p for p in here if p.ndim <= 1], "weight_decay": 0.0},
        ]
        for group in groups[-2:]:
            group |= {"lr": factor, "initial_lr": factor}
    if settings.optimizer == "sgd":
        return SGD(groups, momentum=settings.momentum, nesterov=settings.momentum > 0)
    return AdamW(groups)


def lr_schedule(optimizer: Optimizer, settings: ImageTraining, steps_per_epoch: int, done: int) -> LambdaLR:
    """Schedule of an optimizer of `make_optimizer` after `done` steps: a linear warm-up, then a cosine or a constant rate."""
    # The schedulers of torch.optim for warm-up and cosine compute each rate from the one before, which rounds differently.
    return LambdaLR(optimizer, lambda step: learning_rate(settings, steps_per_epoch, step), last_epoch=done - 1)


def learning_rate(settings: ImageTraining, steps_per_epoch: int, step: int) -> float:
    """The rate of a step counted from 0; the cosine ends at a thousandth of the highest rate."""
    warmup, total = settings.warmup_epochs * steps_per_epoch, settings.epochs * steps_per_epoch
    if step < warmup:
        return settings.learning_rate * (step + 1) / (warmup + 1)
    if settings.schedule == "constant":
        return settings.learning_rate
    angle = math.pi * (step - warmup) / max(1.0, total - warmup)
    return settings.learning_rate * (0.5 * (1 + math.cos(angle)) + 1e-3)
