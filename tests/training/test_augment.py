"""Augmentation: repeatable, in range, and changing what it should."""

import torch

from seqfer.training.augment import augment, mixup


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


def test_size():
    assert augment(torch.rand(4, 1, 48, 48), generator(), size=40).shape == (4, 1, 40, 40)


def cut(cutout):
    """(image height width) bool: which pixels of 64 random images are not as they came, nor mirrored; and the images made."""
    images = torch.rand(64, 1, 48, 48).clamp(1e-3, 1)
    made = augment(images, generator(), strength=0.0, cutout=cutout)
    changed = torch.stack([(made - kept).abs()[:, 0] > 1e-4 for kept in (images, images.flip(3))])
    mirrored = changed[1].sum((1, 2)) < changed[0].sum((1, 2))
    return torch.where(mirrored[:, None, None], changed[1], changed[0]), images, made


def test_cut_outs_are_one_rectangle_of_the_images_mean():
    changed, images, made = cut(cutout=1.0)
    edges = set()
    for where, image, picture in zip(changed, images, made):
        rows, columns = where.any(1).nonzero(), where.any(0).nonzero()
        top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
        assert torch.allclose(picture[0, top:bottom, left:right], image.mean(), atol=1e-5)
        # a pixel that happened to be as grey as the mean is no change: nearly all of the rectangle must be
        assert int(where.sum()) > 0.97 * (bottom - top) * (right - left)
        assert max(bottom - top, right - left) <= 0.46 * 48 + 1
        edges.add((top, bottom, left, right))
    assert len(edges) > 50


def test_no_cut_outs_and_some():
    assert not cut(cutout=0.0)[0].any()
    some = int(cut(cutout=0.5)[0].flatten(1).any(1).sum())
    assert 16 < some < 48


def test_mixup_mixes_images_and_targets_alike():
    images = torch.arange(4.0).view(4, 1, 1, 1).expand(4, 1, 2, 2)
    targets = torch.arange(4.0).view(4, 1)
    mixed, (mixed_targets,) = mixup(images, [targets], generator(), 5.0)
    assert torch.allclose(mixed[:, 0, 0, 0], mixed_targets[:, 0])
    assert not torch.equal(mixed, images)
