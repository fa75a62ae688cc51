"""Selects the faces of a block of frames to encode, the key frames, and interpolates the features of the others.

A face is compared with its last key frame at least twice as often as it is encoded. It is encoded where an uninterrupted interval of it begins
and ends, a few times a second in any case, and whenever it differs from its last key frame. Between key frames the face hardly changes, and
the temporal head's input is interpolated linearly in time; after the last comparison of an interval it is constant.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from seqfer.core.records import TrackedFace

# A face differs when its picture of 12 x 12 pixels changed by this much on average, in units of its own contrast.
CHANGE = 0.2
_EDGE_PX = 12
_EARLY_S = 1e-3  # timestamps are rounded
_LEAST_CONTRAST = 8.0  # of 255: pictures with less contrast have only noise


@dataclass(frozen=True)
class KeyFrames:
    """`rows` of a block's faces are encoded; each face is between two of these: (face,) indices into `rows`, (face,) weights of the later one."""

    rows: list[int]
    before: np.ndarray
    after: np.ndarray
    share: np.ndarray

    def spread(self, encoded: np.ndarray) -> np.ndarray:
        """Inputs of `rows` (row input) -> interpolated inputs of all faces (face input)."""
        share = self.share[:, None]
        result: np.ndarray = (1 - share) * encoded[self.before] + share * encoded[self.after]
        return result


class KeyFrameSelector:
    """Decides for each frame in turn which faces are candidates for key frames, so that the others need not be cropped. `encode_hz` 0: all."""

    def __init__(self, encode_hz: float) -> None:
        self._step_s = 0.5 / encode_hz if encode_hz else 0.0
        self._last_s: dict[int, float] = {}  # when the faces of the previous frame were last candidates
        self._before_s = -math.inf

    def due(self, faces: Sequence[TrackedFace], time_s: float, edge: bool) -> list[bool]:
        """Whether each face of the next frame is a candidate. At the `edge` of a block all are."""
        to_next_s = time_s - self._before_s  # assumed to equal the step before
        everyone = edge or to_next_s <= 0  # no interpolation where times do not increase
        last_s = {face.face: self._last_s.get(face.face, -math.inf) for face in faces}
        due = [everyone or time_s + to_next_s - last_s[face.face] > self._step_s + _EARLY_S for face in faces]
        self._last_s = {face: time_s if now else last_s[face] for face, now in zip(last_s, due, strict=True)}
        self._before_s = time_s
        return due


def choose_faces(
    times_s: Sequence[float],
    faces: Sequence[tuple[TrackedFace, ...]],
    crops: Sequence[np.ndarray | None],
    encode_hz: float,
    change: float = CHANGE,
) -> KeyFrames:
    """The key frames of the faces of each frame (one crop per face, frame by frame; None: not a candidate): at least `encode_hz` a second, 0: all.

    `change` is the mean difference of two crops, in units of their contrast, from which on a face differs.
    """
    before, after, share = np.arange(len(crops)), np.arange(len(crops)), np.zeros(len(crops), np.float32)
    keep = [True] * len(crops)
    for run in _stretches(times_s, faces) if encode_hz else ():
        marks = _marks(run, crops, 1 / encode_hz, change)
        for first, last in pairwise([*marks, len(run)]):
            for time_s, row in run[first + 1 : last]:
                keep[row] = False
                before[row] = after[row] = run[first][1]
                if last < len(run):
                    after[row] = run[last][1]
                    share[row] = (time_s - run[first][0]) / (run[last][0] - run[first][0])
    place = np.cumsum(np.array(keep, dtype=bool)) - 1
    return KeyFrames([row for row, kept in enumerate(keep) if kept], place[before], place[after], share)


Stretch = list[tuple[float, int]]  # (time_s, row) of one face on successive frames


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


def _marks(run: Stretch, crops: Sequence[np.ndarray | None], step_s: float, change: float) -> list[int]:
    """The key frames of an interval: indices into it, including the first candidate, which is its beginning, and the last one."""
    looks = {i: _look(crop) for i, (_, row) in enumerate(run) if (crop := crops[row]) is not None}
    candidates = list(looks)
    marks = candidates[:1]
    for before, i, after in zip(candidates, candidates[1:], [*candidates[2:], None]):
        differs = float(np.abs(looks[i] - looks[marks[-1]]).mean()) > change
        if differs and marks[-1] < before:  # a sudden change is not interpolated: both sides of it are encoded
            marks.append(before)
        if differs or after is None or run[after][0] - run[marks[-1]][0] > step_s + _EARLY_S:
            marks.append(i)
    return marks


def _look(crop: np.ndarray) -> np.ndarray:
    """float32 (12 12), mean 0, contrast 1, so that uniform changes of light have no effect."""
    grey = crop if crop.ndim == 2 else crop.mean(2)
    small = cv2.resize(grey, (_EDGE_PX, _EDGE_PX), interpolation=cv2.INTER_AREA).astype(np.float32)
    result: np.ndarray = (small - small.mean()) / max(float(small.std()), _LEAST_CONTRAST)
    return result
