"""Makes training sequences from still faces: short sequences like a tracker's crops, with a known emotion on every frame.

A temporal head for videos must combine many uncertain frames of one face, and respond quickly when the expression changes. Labelled
videos for that are not freely available; labelled stills are. A sequence shows one to three stills in succession, cross-faded over a few
frames, while head, light and crop drift slowly and jitter from frame to frame; on some frames the face may be occluded, and some
sequences have a low resolution. Different stills are different people: a sequence is not a real expression over time, so
a head learns to combine frames, not the dynamics of an expression.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Generator, Tensor
from torch.nn import functional

# Part of the key of cached sequences. Raise it when this module makes other pixels or labels from the same seed than before.
# tests/golden/test_cache_versions.py fails when it must be raised.
MOTION_VERSION = 1
FPS = 30  # frames per second of a sequence, to which the speeds of fades and drift belong
MEMORY = 0.95  # autocorrelation of the slow drift from frame to frame, which decays within about a second of video


@dataclass(frozen=True)
class MotionSpread:
    """Standard deviations of the changes: the slow drift of head and light, and the jitter of the crop. Angles in degrees, shifts in half
    widths of the face, scale and gamma as logarithms, noise as a fraction of the full range."""

    angle_deg: float = 6.0
    scale: float = 0.07
    shift: float = 0.06
    gamma: float = 0.2
    jitter: float = 0.2  # as a fraction of the drift's deviation, independent on every frame
    noise: float = 0.02
    covered: float = 0.3  # fraction of sequences in which part of the face is occluded on some frames
    far: float = 0.25  # fraction of sequences with half the resolution or less


def moving_stills(
    images: np.ndarray, probabilities: np.ndarray, length: int, generator: Generator, motion: MotionSpread | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """One sequence from up to three stills.

    `images` uint8 (still height width), the stills in the order they are shown; `probabilities` (still class). Returns uint8 (length height
    width) and float32 (length class), rows summing to one where those of `probabilities` do.
    """
    motion = motion or MotionSpread()
    weights = _fades(len(images), length, generator)
    stills = torch.from_numpy(np.ascontiguousarray(images)).float() / 255
    frames = torch.einsum("ts,shw->thw", weights, stills)[:, None]
    frames = _move(frames, generator, motion)
    if float(torch.rand((), generator=generator)) < motion.far:
        frames = _from_afar(frames, generator)
    if float(torch.rand((), generator=generator)) < motion.covered:
        frames = _cover(frames, generator)
    gamma = torch.exp(motion.gamma * _drift(1, length, generator, motion.jitter / 4))[0][:, None, None, None]
    frames = frames.clamp(1e-4, 1) ** gamma + motion.noise * torch.randn(frames.shape, generator=generator)
    return (frames[:, 0].clamp(0, 1) * 255 + 0.5).to(torch.uint8).numpy(), (
        weights @ torch.from_numpy(probabilities).float()
    ).numpy()


def _fades(stills: int, length: int, generator: Generator) -> Tensor:
    """(length still) weights of each still in each frame: changes at random times, faded over two to eight frames."""
    cuts = torch.sort(torch.randperm(length - 2, generator=generator)[: stills - 1] + 1).values
    weights = torch.zeros(length, stills)
    time = torch.arange(length).float()
    before = torch.ones(length)
    for still, cut in enumerate(cuts.tolist()):
        half = float(torch.randint(1, 5, (), generator=generator))
        after = ((time - cut) / (2 * half) + 0.5).clamp(0, 1)
        weights[:, still] = before * (1 - after)
        before = before * after
    weights[:, stills - 1] = before
    return weights


def _drift(tracks: int, length: int, generator: Generator, jitter: float) -> Tensor:
    """(track length) slow random walks of standard deviation 1 that return to zero, plus independent jitter on every frame."""
    steps = torch.randn(tracks, length, generator=generator) * math.sqrt(1 - MEMORY**2)
    steps[:, 0] = torch.randn(tracks, generator=generator)
    walk = steps.clone()
    for t in range(1, length):
        walk[:, t] = MEMORY * walk[:, t - 1] + steps[:, t]
    return walk + jitter * torch.randn(tracks, length, generator=generator)


def _move(frames: Tensor, generator: Generator, motion: MotionSpread) -> Tensor:
    angle, scale, across, down = _drift(4, len(frames), generator, motion.jitter)
    angle, scale = angle * math.radians(motion.angle_deg), torch.exp(scale * motion.scale)
    mirror = -1.0 if float(torch.rand((), generator=generator)) < 0.5 else 1.0
    matrix = torch.zeros(len(frames), 2, 3)
    matrix[:, 0, 0], matrix[:, 0, 1], matrix[:, 0, 2] = (
        mirror * scale * angle.cos(),
        -scale * angle.sin(),
        motion.shift * across,
    )
    matrix[:, 1, 0], matrix[:, 1, 1], matrix[:, 1, 2] = (
        mirror * scale * angle.sin(),
        scale * angle.cos(),
        motion.shift * down,
    )
    grid = functional.affine_grid(matrix, list(frames.shape), align_corners=False)
    return functional.grid_sample(frames, grid, padding_mode="border", align_corners=False)


def _from_afar(frames: Tensor, generator: Generator) -> Tensor:
    edge = frames.shape[-1]
    small = int(edge * (0.35 + 0.3 * float(torch.rand((), generator=generator))))
    reduced = functional.interpolate(frames, size=(small, small), mode="area")
    return functional.interpolate(reduced, size=(edge, edge), mode="bilinear", align_corners=False)


def _cover(frames: Tensor, generator: Generator) -> Tensor:
    length, _, edge, _ = frames.shape
    draw = torch.rand(6, generator=generator)
    first, frames_covered = int(draw[0] * length), 3 + int(draw[1] * 12)
    height, width = (int(edge * (0.2 + 0.35 * float(d))) for d in draw[2:4])
    top, left = int(draw[4] * (edge - height)), int(draw[5] * (edge - width))
    frames = frames.clone()
    frames[first : first + frames_covered, :, top : top + height, left : left + width] = float(draw[1])
    return frames
