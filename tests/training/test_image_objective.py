"""Batches of images and their loss, against the formulas."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from seqfer.corpus.stills import ImageSet
from seqfer.training.image_objective import (
    CLASSES,
    HAS_VOTES,
    TEACHER,
    VOTES,
    image_loss,
    inverse_frequency_weights,
    learns_votes,
    make_batch,
)
from seqfer.training.image_schedule import EpochAugmentation
from seqfer.training.settings import ImageTraining

PLAIN = EpochAugmentation(strength=0.0, cutout=0.0, mixup=0.0, size_px=None)


def data(**more):
    rng = np.random.default_rng(0)
    return ImageSet(rng.integers(0, 256, (6, 8, 8)).astype(np.uint8), np.array([0, 1, 2, 0, 1, 2]), **more)


def batch(settings, chosen=(0, 1, 2), augmentation=PLAIN, **more):
    return make_batch(data(**more), np.array(chosen), settings, augmentation, 3, torch.Generator().manual_seed(0))


def test_labels_are_smoothed_over_all_classes():
    _, targets = batch(ImageTraining(label_smoothing=0.3))
    assert torch.allclose(targets[CLASSES], 0.7 * torch.eye(3) + 0.1)
    assert set(targets) == {CLASSES}


def test_probabilities_take_the_place_of_labels():
    shares = np.tile([0.2, 0.3, 0.5], (6, 1))
    _, targets = batch(ImageTraining(label_smoothing=0.0), class_probabilities=shares)
    assert torch.allclose(targets[CLASSES], torch.tensor([[0.2, 0.3, 0.5]]).expand(3, 3))


def test_images_are_pixels_as_they_are_or_mirrored_without_augmentation():
    images, _ = batch(ImageTraining())
    for image, source in zip(images[:, 0].numpy(), data().images):
        found = [np.abs(image * 255 - view).max() for view in (source, source[:, ::-1])]
        assert min(found) < 0.1  # of 255; interpolation rounds


def test_votes_and_teacher_are_targets_where_they_are_learned():
    votes = np.zeros((6, 8))
    votes[0, 4] = 1
    logits = np.arange(18.0).reshape(6, 3)
    settings = ImageTraining(votes=0.5, distillation=0.5, distillation_temperature=2.0)
    _, targets = batch(settings, votes=votes, teacher_logits=logits)
    assert targets[HAS_VOTES].tolist() == [[1], [0], [0]]
    assert targets[VOTES][0].argmax() == 4
    assert torch.allclose(targets[TEACHER][0], (torch.tensor([0.0, 1.0, 2.0]) / 2).softmax(0))
    assert learns_votes(data(votes=votes), settings)
    assert not learns_votes(data(), settings)
    assert not learns_votes(data(votes=votes), ImageTraining())


def test_mixup_mixes_pictures_and_targets_by_the_same_share():
    settings = ImageTraining(label_smoothing=0.0, mixup=1.0, mixup_share=1.0)
    bright = ImageSet(np.stack([np.full((8, 8), v, np.uint8) for v in (0, 100, 200)]), np.array([0, 1, 2]))
    mixed = EpochAugmentation(strength=0.0, cutout=0.0, mixup=1.0, size_px=None)
    images, targets = make_batch(bright, np.arange(3), settings, mixed, 3, torch.Generator().manual_seed(3))
    assert torch.allclose(images.mean((1, 2, 3)) * 255, targets[CLASSES] @ torch.tensor([0.0, 100.0, 200.0]), atol=0.1)
    assert ((targets[CLASSES] > 0.01) & (targets[CLASSES] < 0.99)).any()


def test_the_loss_by_its_formula():
    torch.manual_seed(0)
    logits, votes_logits = torch.randn(4, 3), torch.randn(4, 8)
    truth, teacher, votes = torch.eye(3)[[0, 1, 2, 0]], torch.rand(4, 3).softmax(1), torch.rand(4, 8).softmax(1)
    has = torch.tensor([[1.0], [0.0], [1.0], [0.0]])
    targets = {CLASSES: truth, TEACHER: teacher, VOTES: votes, HAS_VOTES: has}
    plain = -(truth * logits.log_softmax(1)).sum(1).mean()
    assert float(image_loss(logits, None, targets, ImageTraining(), None)) == pytest.approx(float(plain), abs=1e-6)
    settings = ImageTraining(distillation=0.25, distillation_temperature=3.0, votes=0.5)
    distilled = -(teacher * (logits / 3).log_softmax(1)).sum(1).mean() * 9
    voted = (-(votes * votes_logits.log_softmax(1)).sum(1) * has[:, 0]).mean()
    expected = 0.75 * plain + 0.25 * distilled + 0.5 * voted
    found = image_loss(logits, votes_logits, targets, settings, None)
    assert float(found) == pytest.approx(float(expected), abs=1e-5)
    weights = torch.tensor([1.0, 2.0, 3.0])
    weighted = image_loss(logits, None, targets, ImageTraining(), weights)
    assert float(weighted) == pytest.approx(float(functional.cross_entropy(logits, truth, weight=weights)), abs=1e-6)


def test_rare_classes_weigh_more_and_missing_ones_count_as_one():
    assert inverse_frequency_weights(np.array([0, 0, 0, 1]), 3).tolist() == pytest.approx([5 / 9, 5 / 3, 5 / 3])
