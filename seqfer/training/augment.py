"""Augments batches of face crops with random geometric and photometric changes.

All randomness comes from one generator, so that an epoch can be repeated exactly.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Generator, Tensor
from torch.nn import functional


def augment(
    images: Tensor, generator: Generator, *, strength: float = 1.0, cutout: float = 0.5, size: int | None = None
) -> Tensor:
    """(batch channel height width) in [0, 1] -> the same in [0, 1], rotated, scaled, sheared, shifted, mirrored, re-lit, with noise and cut-outs.

    `strength` scales every range (0: mirror only); `cutout` is the probability of one grey rectangle per image; `size` is the edge of
    the result in pixels (None: unchanged).
    """
    count, channels, height, _ = images.shape
    size = size or height

    def uniform(half: float) -> Tensor:
        return (torch.rand(count, generator=generator) * 2 - 1) * half * strength

    grid = functional.affine_grid(
        _random_affine(count, generator, uniform), [count, channels, size, size], align_corners=False
    )
    images = functional.grid_sample(images, grid, align_corners=False, padding_mode="border")
    gamma = torch.exp(uniform(0.35))[:, None, None, None]
    noise = torch.randn(count, 1, 1, 1, generator=generator).abs() * 0.03 * strength
    images = images.clamp(1e-4, 1) ** gamma + noise * torch.randn(images.shape, generator=generator)
    return _cut_out(images.clamp(0, 1), generator, cutout)


def _random_affine(count: int, generator: Generator, uniform: Callable[[float], Tensor]) -> Tensor:
    """(count 2 3) matrices: rotation to 25 degrees, scale 0.8 to 1.2, aspect, shear, shift to a sixth of half the width, mirror."""
    angle, shear = uniform(math.radians(25)), uniform(0.12)
    scale, aspect = torch.exp(uniform(math.log(1.22))), torch.exp(uniform(0.08))
    mirror = (torch.rand(count, generator=generator) < 0.5).float() * 2 - 1
    matrix = torch.zeros(count, 2, 3)
    matrix[:, 0, 0] = angle.cos() * scale * aspect * mirror
    matrix[:, 0, 1] = -angle.sin() * scale + shear
    matrix[:, 1, 0] = angle.sin() * scale * mirror
    matrix[:, 1, 1] = angle.cos() * scale / aspect
    matrix[:, 0, 2], matrix[:, 1, 2] = uniform(0.17), uniform(0.17)
    return matrix


def _cut_out(images: Tensor, generator: Generator, probability: float) -> Tensor:
    """One rectangle per image, an eighth to nearly half of the edge, filled with that image's mean (which standardises to zero)."""
    count, _, height, width = images.shape
    sides = torch.rand(2, count, 1, generator=generator) * 0.33 + 0.125
    centres = torch.rand(2, count, 1, generator=generator)
    chosen = torch.rand(count, 1, 1, generator=generator) < probability
    rows = ((torch.arange(height) + 0.5) / height - centres[0]).abs() < sides[0] / 2
    columns = ((torch.arange(width) + 0.5) / width - centres[1]).abs() < sides[1] / 2
    hole = (rows[:, :, None] & columns[:, None, :] & chosen)[:, None]
    return torch.where(hole, images.mean((2, 3), keepdim=True), images)


def mixup(images: Tensor, targets: list[Tensor], generator: Generator, alpha: float) -> tuple[Tensor, list[Tensor]]:
    """Convex mixtures of pairs of images and of all their targets (Zhang et al. 2018, arXiv 1710.09412), one weight for the batch."""
    # The maximum of the two weights keeps the first image dominant; the weight is drawn from a symmetric beta distribution.
    gammas = torch._standard_gamma(torch.full((2,), alpha), generator=generator) + 1e-9
    share = float(gammas.max() / gammas.sum())
    partner = torch.randperm(len(images), generator=generator)
    return share * images + (1 - share) * images[partner], [share * t + (1 - share) * t[partner] for t in targets]
