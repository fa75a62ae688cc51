"""Which faces of a block of frames go through the encoder, and what is said of those between.

A face is encoded where an unbroken stretch of it begins and ends, a few times a second whatever happens, and whenever it looks different from when it
was last encoded. Between two such frames hardly anything changed; what the temporal head is given there lies on a straight line in time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import torch
from torch import Tensor

from seqfer.records import TrackedFace

# A face looks different when its picture of 12 x 12 pixels moved by this much on average, in units of its own contrast.
CHANGE = 0.2
_EDGE_PX = 12
_LEAST_CONTRAST = 8.0  # of 255: below it there is only noise to see


@dataclass(frozen=True)
class Sparse:
    """`rows` of a block's faces are encoded; each face lies between two of these: (face,) indices into `rows`, (face,) shares of the later one."""

    rows: list[int]
    before: Tensor
    after: Tensor
    share: Tensor

    def spread(self, encoded: Tensor) -> Tensor:
        """What was made of `rows` (row input) -> of all faces (face input)."""
        share = self.share[:, None]
        return (1 - share) * encoded[self.before] + share * encoded[self.after]


def choose_faces(
    times_s: Sequence[float], faces: Sequence[tuple[TrackedFace, ...]], crops: Sequence[np.ndarray], encode_hz: float
) -> Sparse:
    """Of the faces of each frame (one crop per face, frame by frame) those to encode: at least `encode_hz` a second, 0: all."""
    looks = [_look(crop) for crop in crops] if encode_hz else []
    count = len(crops)
    before, after, share = torch.arange(count), torch.arange(count), torch.zeros(count)
    keep = [True] * count
    for run in _stretches(times_s, faces) if encode_hz else ():
        for first, last in pairwise(_marks(run, looks, 1 / encode_hz)):
            for i in range(first + 1, last):
                time_s, row = run[i]
                keep[row] = False
                before[row], after[row] = run[first][1], run[last][1]
                share[row] = (time_s - run[first][0]) / (run[last][0] - run[first][0])
    place = torch.tensor(keep, dtype=torch.bool).cumsum(0) - 1
    return Sparse([row for row in range(count) if keep[row]], place[before], place[after], share)


Stretch = list[tuple[float, int]]  # (time_s, row) of one face on frames that follow each other


def _stretches(times_s: Sequence[float], faces: Sequence[tuple[TrackedFace, ...]]) -> list[Stretch]:
    stretches: dict[int, list[Stretch]] = {}
    last_at: dict[int, int] = {}
    row = 0
    for at, (time_s, there) in enumerate(zip(times_s, faces, strict=True)):
        for face in there:
            runs = stretches.setdefault(face.face, [])
            if last_at.get(face.face) != at - 1:
                runs.append([])
            runs[-1].append((time_s, row))
            last_at[face.face] = at
            row += 1
    return [run for runs in stretches.values() for run in runs]


def _marks(run: Stretch, looks: Sequence[np.ndarray], step_s: float) -> list[int]:
    """Where along a stretch the face is encoded: indices into it, the first and the last among them."""
    marks = [0]
    for i in range(1, len(run)):
        (time_s, row), (time_before_s, _) = run[i], run[i - 1]
        # A clock that stands or goes back has no line across it, and a jump is no slope: the frames on both sides are encoded.
        breaks = time_s <= time_before_s or _differs(looks[row], looks[run[marks[-1]][1]])
        if breaks and marks[-1] < i - 1:
            marks.append(i - 1)
        if breaks or i == len(run) - 1 or time_s - run[marks[-1]][0] >= step_s - 1e-3:
            marks.append(i)
    return marks


def _look(crop: np.ndarray) -> np.ndarray:
    """float32 (12 12), mean 0, contrast 1: light that changes evenly changes nothing."""
    grey = crop if crop.ndim == 2 else crop.mean(2)
    small = cv2.resize(grey, (_EDGE_PX, _EDGE_PX), interpolation=cv2.INTER_AREA).astype(np.float32)
    return (small - small.mean()) / max(float(small.std()), _LEAST_CONTRAST)


def _differs(one: np.ndarray, other: np.ndarray) -> bool:
    return float(np.abs(one - other).mean()) > CHANGE
