"""Makes the batches of a training on images: augmented pixels, targets and their loss."""

from __future__ import annotations

import numpy as np
import torch
from torch import Generator, Tensor
from torch.nn import functional

from seqfer.corpus.stills import ImageSet
from seqfer.models.features import to_pixels
from seqfer.training.augment import augment, mixup
from seqfer.training.image_schedule import EpochAugmentation
from seqfer.training.settings import ImageTraining

# Targets by name. CLASSES (image class) and TEACHER (image class) are probabilities, VOTES (image category) the fractions of the raters' votes,
# HAS_VOTES (image 1) is 1 where an image has votes.
Targets = dict[str, Tensor]
CLASSES, VOTES, HAS_VOTES, TEACHER = "classes", "votes", "has_votes", "teacher"


def learns_votes(data: ImageSet, settings: ImageTraining) -> bool:
    """Whether the votes of raters are a second target."""
    return bool(settings.votes) and data.votes is not None


def make_batch(
    data: ImageSet,
    chosen: np.ndarray,
    settings: ImageTraining,
    augmentation: EpochAugmentation,
    classes: int,
    generator: Generator,
) -> tuple[Tensor, Targets]:
    """Augmented pixels (image channel height width) of the images of these indices (image,), and their targets; mixup mixes both alike."""
    images = augment(
        to_pixels(data.images[chosen]),
        generator,
        strength=augmentation.strength,
        cutout=augmentation.cutout,
        size=augmentation.size_px,
    )
    targets = _targets(data, chosen, settings, classes)
    if augmentation.mixup and float(torch.rand((), generator=generator)) < settings.mixup_share:
        images, mixed = mixup(images, list(targets.values()), generator, augmentation.mixup)
        targets = dict(zip(targets, mixed, strict=True))
    return images, targets


def _targets(data: ImageSet, chosen: np.ndarray, settings: ImageTraining, classes: int) -> Targets:
    if data.class_probabilities is None:
        truth = functional.one_hot(torch.from_numpy(data.labels[chosen]), classes).float()
    else:
        truth = torch.from_numpy(data.class_probabilities[chosen]).float()
    targets = {CLASSES: truth * (1 - settings.label_smoothing) + settings.label_smoothing / classes}
    if settings.votes and data.votes is not None:
        votes = torch.from_numpy(data.votes[chosen]).float()
        targets |= {VOTES: votes, HAS_VOTES: (votes.sum(1, keepdim=True) > 0).float()}
    if settings.distillation and data.teacher_logits is not None:
        logits = torch.from_numpy(data.teacher_logits[chosen]).float()
        targets[TEACHER] = (logits / settings.distillation_temperature).softmax(1)
    return targets


def image_loss(
    logits: Tensor, votes: Tensor | None, targets: Targets, settings: ImageTraining, class_weights: Tensor | None
) -> Tensor:
    """The loss of class logits (image class) and, where votes are learned, logits of votes (image category).

    Distillation is that of Hinton et al. 2015 (arXiv 1503.02531): softened targets, their gradient scaled back by the squared temperature.
    """
    loss = functional.cross_entropy(logits, targets[CLASSES], weight=class_weights)
    if settings.distillation:
        temperature = settings.distillation_temperature
        distilled = functional.cross_entropy(logits / temperature, targets[TEACHER]) * temperature**2
        loss = (1 - settings.distillation) * loss + settings.distillation * distilled
    if votes is not None:
        per_image = functional.cross_entropy(votes.float(), targets[VOTES], reduction="none")
        loss = loss + settings.votes * (per_image * targets[HAS_VOTES][:, 0]).mean()
    return loss


def inverse_frequency_weights(labels: np.ndarray, classes: int) -> Tensor:
    """(class,) float32: the number of labels (image,) over the number of classes times the count of each, which counts as 1 at least."""
    counts = np.bincount(labels, minlength=classes).clip(min=1)
    return torch.tensor(counts.sum() / (len(counts) * counts), dtype=torch.float32)
