"""Augmentation: repeatable, in range, and changing what it should."""

import torch

from seqfer.augment import augment, mixup


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_same_generator_same_pictures_and_range():
    images = torch.rand(8, 1, 48, 48)
    a, b = augment(images, generator()), augment(images, generator())
    assert torch.equal(a, b)
    assert a.min() >= 0
    assert a.max() <= 1
    assert not torch.equal(a, augment(images, generator(1)))


def test_no_strength_only_mirrors():
    images = torch.rand(32, 1, 16, 16).clamp(1e-3, 1)
    made = augment(images, generator(), strength=0.0, cutout=0.0)
    same = (made - images).abs().amax((1, 2, 3)) < 1e-5
    mirrored = (made - images.flip(3)).abs().amax((1, 2, 3)) < 1e-5
    assert (same | mirrored).all()
    assert 0 < int(same.sum()) < 32


def test_size_and_cutout():
    images = torch.rand(64, 1, 48, 48)
    assert augment(images, generator(), size=40).shape == (64, 1, 40, 40)
    made = augment(images, generator(), strength=0.0, cutout=1.0)
    flat = (made - made.mean((2, 3), keepdim=True)).abs()
    assert (
        (made == made[:, :, 24:25, 24:25]).sum((2, 3)) > 9
    ).sum() > 3 or flat.min() < 1  # a constant patch somewhere
    share = [(picture == picture.flatten().mode().values).float().mean() for picture in made]
    assert min(share) > 0.001


def test_mixup_mixes_images_and_targets_alike():
    images = torch.arange(4.0).view(4, 1, 1, 1).expand(4, 1, 2, 2)
    targets = torch.arange(4.0).view(4, 1)
    mixed, (mixed_targets,) = mixup(images, [targets], generator(), 5.0)
    assert torch.allclose(mixed[:, 0, 0, 0], mixed_targets[:, 0])
    assert not torch.equal(mixed, images)
