"""Which faces of a block of frames go through the encoder, and what is said of those between.

A face is glanced at twice as often as it is encoded at least, and encoded where an unbroken stretch of it begins and ends, a few times a second
whatever happens, and at every glance that finds it different from when it was last encoded. Between two such frames hardly anything changed;
what the temporal head is given there lies on a straight line in time, and after the last glance of a stretch it stays as it was.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import torch
from torch import Tensor

from seqfer.core.records import TrackedFace

# A face looks different when its picture of 12 x 12 pixels moved by this much on average, in units of its own contrast.
CHANGE = 0.2
_EDGE_PX = 12
_EARLY_S = 1e-3  # timestamps are rounded
_LEAST_CONTRAST = 8.0  # of 255: below it there is only noise to see


@dataclass(frozen=True)
class KeyFrames:
    """`rows` of a block's faces are encoded; each face lies between two of these: (face,) indices into `rows`, (face,) shares of the later one."""

    rows: list[int]
    before: Tensor
    after: Tensor
    share: Tensor

    def spread(self, encoded: Tensor) -> Tensor:
        """What was made of `rows` (row input) -> of all faces (face input)."""
        share = self.share[:, None]
        return (1 - share) * encoded[self.before] + share * encoded[self.after]


class KeyFrameSelector:
    """Says of the faces of one frame after another which are glanced at, so that the others need not be cut out. `encode_hz` 0: all."""

    def __init__(self, encode_hz: float) -> None:
        self._step_s = 0.5 / encode_hz if encode_hz else 0.0
        self._last_s: dict[int, float] = {}  # when the faces of the frame before were last glanced at
        self._before_s = -math.inf

    def due(self, faces: Sequence[TrackedFace], time_s: float, edge: bool) -> list[bool]:
        """Per face of the next frame. On the `edge` of a block all are."""
        to_next_s = time_s - self._before_s  # as long as it took to get here
        everyone = edge or to_next_s <= 0  # a clock that stands or goes back has no line across it
        glanced = {face.face: self._last_s.get(face.face, -math.inf) for face in faces}
        due = [everyone or time_s + to_next_s - glanced[face.face] > self._step_s + _EARLY_S for face in faces]
        self._last_s = {face: time_s if now else glanced[face] for face, now in zip(glanced, due, strict=True)}
        self._before_s = time_s
        return due


def choose_faces(
    times_s: Sequence[float],
    faces: Sequence[tuple[TrackedFace, ...]],
    crops: Sequence[np.ndarray | None],
    encode_hz: float,
) -> KeyFrames:
    """Of the faces of each frame (one crop per face, frame by frame; None: not glanced at) those to encode: at least `encode_hz` a second, 0: all."""
    before, after, share = torch.arange(len(crops)), torch.arange(len(crops)), torch.zeros(len(crops))
    keep = [True] * len(crops)
    for run in _stretches(times_s, faces) if encode_hz else ():
        marks = _marks(run, crops, 1 / encode_hz)
        for first, last in pairwise([*marks, len(run)]):
            for time_s, row in run[first + 1 : last]:
                keep[row] = False
                before[row] = after[row] = run[first][1]
                if last < len(run):
                    after[row] = run[last][1]
                    share[row] = (time_s - run[first][0]) / (run[last][0] - run[first][0])
    place = torch.tensor(keep, dtype=torch.bool).cumsum(0) - 1
    return KeyFrames([row for row, kept in enumerate(keep) if kept], place[before], place[after], share)


Stretch = list[tuple[float, int]]  # (time_s, row) of one face on frames that follow each other


def _stretches(times_s: Sequence[float], faces: Sequence[tuple[TrackedFace, ...]]) -> list[Stretch]:
    stretches: dict[int, list[Stretch]] = {}
    last_at: dict[int, int] = {}
    row = 0
    for at, (time_s, there) in enumerate(zip(times_s, faces, strict=True)):
        for face in there:
            runs = stretches.setdefault(face.face, [])
            if last_at.get(face.face) != at - 1 or time_s <= times_s[at - 1]:
                runs.append([])
            runs[-1].append((time_s, row))
            last_at[face.face] = at
            row += 1
    return [run for runs in stretches.values() for run in runs]


def _marks(run: Stretch, crops: Sequence[np.ndarray | None], step_s: float) -> list[int]:
    """Where along a stretch the face is encoded: indices into it, the first glance, which is its beginning, and the last among them."""
    looks = {i: _look(crop) for i, (_, row) in enumerate(run) if (crop := crops[row]) is not None}
    glances = list(looks)
    marks = glances[:1]
    for before, i, after in zip(glances, glances[1:], [*glances[2:], None]):
        differs = _differs(looks[i], looks[marks[-1]])
        if differs and marks[-1] < before:  # a jump is no slope: both sides of it are encoded
            marks.append(before)
        if differs or after is None or run[after][0] - run[marks[-1]][0] > step_s + _EARLY_S:
            marks.append(i)
    return marks


def _look(crop: np.ndarray) -> np.ndarray:
    """float32 (12 12), mean 0, contrast 1: light that changes evenly changes nothing."""
    grey = crop if crop.ndim == 2 else crop.mean(2)
    small = cv2.resize(grey, (_EDGE_PX, _EDGE_PX), interpolation=cv2.INTER_AREA).astype(np.float32)
    return (small - small.mean()) / max(float(small.std()), _LEAST_CONTRAST)


def _differs(one: np.ndarray, other: np.ndarray) -> bool:
    return float(np.abs(one - other).mean()) > CHANGE
