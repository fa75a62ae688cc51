"""A film in, rows out: one generator. What is computed offline is the stream, joined up; memory does not grow with the film.

Faces are cut out as soon as they are known, so that pictures can go; blocks of frames go through the encoder together. With a log, what is
costly (detections, encoded faces) is kept block by block: a run that was killed decodes the film again and computes only what is missing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from seqfer.film_model import FilmModel
from seqfer.following import FollowedFrame, FollowSettings, follow
from seqfer.records import Detection, FaceRow, TrackedFace
from seqfer.temporal import EncodedFrame, run_head
from seqfer.tracks import align_crop
from seqfer.video import VideoFrame

BLOCK = 64  # frames that go through the encoder together, two seconds of film

Detect = Callable[[np.ndarray], list[Detection]]


class Log(Protocol):
    """Finished blocks on disk."""

    def get(self, number: int) -> dict[str, np.ndarray] | None:
        """A block's arrays, or None."""

    def put(self, number: int, arrays: dict[str, np.ndarray]) -> None:
        """Keep a block's arrays."""


def annotate(
    frames: Iterable[VideoFrame],
    detect: Detect,
    model: FilmModel,
    settings: FollowSettings,
    *,
    valence: bool = False,
    encode_hz: float = 0.0,
    log: Log | None = None,
    on_face: Callable[[FollowedFrame], None] = lambda followed: None,
) -> Iterator[FaceRow]:
    """Rows in the order of the frames: one per face, or one without a face. `on_face` is shown every followed frame while its picture is there.

    A row comes as soon as nothing later can change it: after `FollowSettings`' look-ahead and one block of frames, and with a head that looks
    both ways after its window too. With `encode_hz` a face goes through the encoder about so many times a second, at the least where it appears
    and where it goes; on the frames between, what the temporal head is given lies on a straight line in time. 0: on every frame.
    """
    norms = model.norms()
    for frame, probabilities in run_head(
        encode(frames, detect, model, settings, encode_hz, log, on_face), model, settings.max_gap_s
    ):
        if not frame.faces:
            yield FaceRow(frame.frame, frame.time_s, frame.shot)
        for tracked, shares in zip(frame.faces, probabilities, strict=True):
            yield FaceRow(
                frame.frame,
                frame.time_s,
                frame.shot,
                tracked.face,
                tracked.box_xyxy_px,
                tracked.score,
                tuple(float(share) for share in shares),
                float(shares @ norms) if valence else float("nan"),
            )


def encode(
    frames: Iterable[VideoFrame],
    detect: Detect,
    model: FilmModel,
    settings: FollowSettings,
    encode_hz: float,
    log: Log | None,
    on_face: Callable[[FollowedFrame], None],
) -> Iterator[EncodedFrame]:
    """Every frame with what the temporal side is given of its faces."""
    known = _Known(detect, log)
    followed = follow(frames, known, settings)
    size, number = model.encoder.input_size, 0
    while True:
        block, crops = [], []
        for now in islice(followed, BLOCK):
            on_face(now)
            if now.faces:
                picture = now.frame.grey() if model.encoder.channels == 1 else now.frame.rgb()
                crops += [align_crop(picture, face, size) for face in now.faces]
            # Of the picture only time and number are kept.
            block.append((now.frame.index, now.frame.time_s, now.shot, now.faces))
        if not block:
            return
        between = _sparse([(time_s, faces) for _, time_s, _, faces in block], encode_hz)
        inputs = known.inputs(number, [crops[row] for row in between.rows], model, between)
        start = 0
        for index, time_s, shot, tracked in block:
            yield EncodedFrame(index, time_s, shot, tracked, inputs[start : start + len(tracked)])
            start += len(tracked)
        number += 1


@dataclass(frozen=True)
class _Between:
    """Which of a block's faces are encoded (`rows`), and for every face the two of these it lies between: (face,) indices into them, and (face,)
    shares of the later one."""

    rows: list[int]
    before: Tensor
    after: Tensor
    share: Tensor

    def spread(self, encoded: Tensor) -> Tensor:
        """(encoded input) -> (face input)."""
        share = self.share[:, None]
        return (1 - share) * encoded[self.before] + share * encoded[self.after]


def _sparse(block: Sequence[tuple[float, tuple[TrackedFace, ...]]], encode_hz: float) -> _Between:
    """The faces of a block (time_s, faces) that are encoded: first and last of every unbroken stretch of a face, and `encode_hz` a second between."""
    stretches: dict[int, list[list[tuple[float, int]]]] = {}
    last_at: dict[int, int] = {}
    count = 0
    for at, (time_s, faces) in enumerate(block):
        for face in faces:
            runs = stretches.setdefault(face.face, [])
            if last_at.get(face.face) != at - 1:
                runs.append([])
            runs[-1].append((time_s, count))
            last_at[face.face] = at
            count += 1
    before, after, share = torch.arange(count), torch.arange(count), torch.zeros(count)
    keep = [True] * count
    step_s = 1 / encode_hz - 1e-3 if encode_hz else 0.0
    for run in (run for runs in stretches.values() for run in runs):
        marks = [0]
        for i in range(1, len(run)):
            # A clock that stands or goes back has no line across it: the frames on both sides are encoded.
            rises = run[i][0] > run[i - 1][0]
            if not rises and marks[-1] < i - 1:
                marks.append(i - 1)
            if not rises or i == len(run) - 1 or run[i][0] - run[marks[-1]][0] >= step_s:
                marks.append(i)
        for first, last in pairwise(marks):
            for i in range(first + 1, last):
                row = run[i][1]
                keep[row] = False
                before[row], after[row] = run[first][1], run[last][1]
                share[row] = (run[i][0] - run[first][0]) / (run[last][0] - run[first][0])
    place = torch.tensor(keep).cumsum(0) - 1
    return _Between([row for row in range(count) if keep[row]], place[before], place[after], share)


class _Known:
    """The detector and the encoder, with a memory: first what an earlier run's log holds, in the order of its calls, then what is computed now.

    A block's record holds the detector's calls since the record before it and the block's encoded faces. The same film and settings make the
    same calls in the same order, so the log needs no frame numbers.
    """

    def __init__(self, detect: Detect, log: Log | None) -> None:
        self.detect, self.log = detect, log
        self.recalled: deque[list[Detection]] = deque()
        self.encoded: dict[int, Tensor] = {}
        self.records_read, self.fresh = 0, list[list[Detection]]()
        self.recalling = (
            log is not None
        )  # until the first record that is not there; what is put later is this run's own

    def __call__(self, picture: np.ndarray) -> list[Detection]:
        while not self.recalled and self._read_record():
            pass
        if self.recalled:
            return self.recalled.popleft()
        self.fresh.append(self.detect(picture))
        return self.fresh[-1]

    def inputs(self, number: int, crops: list[np.ndarray], model: FilmModel, between: _Between) -> Tensor:
        """What the temporal side is given of the faces of block `number`, recalled or made of the crops that are encoded."""
        while number >= self.records_read and self._read_record():
            pass
        known = self.encoded.pop(number, None)
        if known is not None and known.shape == (len(between.share), model.input_dim):
            return known
        if known is not None:  # a record of other frames than these: from here on everything is made anew
            self.recalling, self.recalled, self.encoded = False, deque(), {}
        made = between.spread(model.encode(np.stack(crops))) if crops else torch.zeros(0, model.input_dim)
        if self.log is not None:
            self.log.put(number, {**_packed(self.fresh), "inputs": made.numpy()})
        self.fresh = []
        return made

    def _read_record(self) -> bool:
        arrays = self.log.get(self.records_read) if self.log is not None and self.recalling else None
        if arrays is None:
            self.recalling = False
            return False
        self.recalled.extend(_unpacked(arrays))
        self.encoded[self.records_read] = torch.from_numpy(arrays["inputs"].copy())
        self.records_read += 1
        return True


def _packed(calls: list[list[Detection]]) -> dict[str, np.ndarray]:
    found = [detection for call in calls for detection in call]
    no_points = ((np.nan, np.nan),) * 5
    return {
        "calls": np.array([len(call) for call in calls], dtype=np.int64),
        "boxes": np.array([d.box_xyxy_px for d in found], dtype=np.float64).reshape(-1, 4),
        "scores": np.array([d.score for d in found], dtype=np.float64),
        "landmarks": np.array([d.landmarks_xy_px or no_points for d in found], dtype=np.float64).reshape(-1, 5, 2),
    }


def _unpacked(arrays: dict[str, np.ndarray]) -> Iterator[list[Detection]]:
    start = 0
    for count in arrays["calls"].tolist():
        rows = range(start, start + count)
        yield [
            Detection(
                tuple(arrays["boxes"][i].tolist()),
                float(arrays["scores"][i]),
                None if np.isnan(arrays["landmarks"][i]).any() else tuple(map(tuple, arrays["landmarks"][i].tolist())),
            )
            for i in rows
        ]
        start += count
