"""The temporal side of annotating a film: faces frame by frame in, what is said of them frame by frame out, in the order of the frames.

Three ways, one interface: every frame by itself; a causal head whose state is carried from frame to frame; a head that looks both ways, run in
windows that overlap by half and are blended, so that no seam shows. Nothing here grows with the film: a window per face is all that is held.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor

from seqfer.core.records import TrackedFace
from seqfer.models.film_model import FilmModel
from seqfer.tracks.following import Clock

WINDOW = 128  # frames a head that looks both ways sees at once, about four seconds of film; half of them overlap with the next window


@dataclass(frozen=True)
class EncodedFrame:
    """One analysed frame: its faces and, row by row for them, what the temporal side is given (face input)."""

    frame: int
    time_s: float
    shot: int
    faces: tuple[TrackedFace, ...]
    inputs: Tensor


def run_head(frames: Iterable[EncodedFrame], model: FilmModel, gap_s: float) -> Iterator[tuple[EncodedFrame, Tensor]]:
    """Yields every frame in order with the model's outputs (face output), see `FilmModel.read`. A face not seen for more than `gap_s`, or in an
    earlier shot, will not come again: its name is free to be forgotten."""
    if not model.temporal:
        yield from ((frame, model.step(frame.inputs[:, None])[0][:, 0]) for frame in frames)
    elif model.causal:
        yield from _carried(frames, model, gap_s)
    else:
        yield from _windowed(frames, model, gap_s)


@torch.no_grad()
def _carried(frames: Iterable[EncodedFrame], model: FilmModel, gap_s: float) -> Iterator[tuple[EncodedFrame, Tensor]]:
    states: dict[int, tuple[float, int, object]] = {}  # face -> last seen, shot, the head's state
    clock = _Clock(gap_s)
    for frame in frames:
        clock.tick_frame(frame)
        states = {face: kept for face, kept in states.items() if not clock.is_over(kept[0], kept[1])}
        outputs = torch.zeros(len(frame.faces), model.output_dim)
        for row, tracked in enumerate(frame.faces):
            before = states[tracked.face][2] if tracked.face in states else None
            made, state = model.step(frame.inputs[row][None, None], before)
            states[tracked.face] = (clock.now_s, frame.shot, state)
            outputs[row] = made[0, 0]
        yield frame, outputs


class _Clock(Clock):
    """The follower's clock, so that a film whose times go back holds up nothing, and what it says of faces."""

    def __init__(self, gap_s: float) -> None:
        super().__init__()
        self.gap_s, self.shot, self.since_s = gap_s, 0, -math.inf

    def tick_frame(self, frame: EncodedFrame) -> None:
        """On to the next frame."""
        before_s, self.shot = self.now_s, frame.shot
        self.since_s = min(self.tick(frame.time_s) - self.gap_s - 1e-6, before_s)

    def is_over(self, last_s: float, shot: int) -> bool:
        """Whether a face last seen then will not come again; one that was on the frame before may, in a film of few frames too."""
        return shot != self.shot or last_s < self.since_s


@dataclass
class _PendingFrame:
    """A frame whose faces are not all done."""

    frame: EncodedFrame
    outputs: Tensor
    missing: int


@dataclass
class _FaceSequence:
    """One face's frames that are not done: inputs and times in order, where each frame's outputs go, and the earlier window's word on the first."""

    last_s: float
    shot: int
    inputs: list[Tensor] = field(default_factory=list)
    times_s: list[float] = field(default_factory=list)
    places: list[tuple[_PendingFrame, int]] = field(default_factory=list)
    earlier: Tensor | None = None


def _windowed(frames: Iterable[EncodedFrame], model: FilmModel, gap_s: float) -> Iterator[tuple[EncodedFrame, Tensor]]:
    lines: dict[int, _FaceSequence] = {}
    queue: deque[_PendingFrame] = deque()
    clock = _Clock(gap_s)
    for frame in frames:
        clock.tick_frame(frame)
        for face in [face for face, line in lines.items() if clock.is_over(line.last_s, line.shot)]:
            _finish(lines.pop(face), model)
        waiting = _PendingFrame(frame, torch.zeros(len(frame.faces), model.output_dim), len(frame.faces))
        queue.append(waiting)
        for row, tracked in enumerate(frame.faces):
            line = lines.setdefault(tracked.face, _FaceSequence(clock.now_s, frame.shot))
            line.last_s = clock.now_s
            line.inputs.append(frame.inputs[row])
            line.times_s.append(clock.now_s)
            line.places.append((waiting, row))
            if len(line.inputs) == WINDOW:
                _advance(line, model)
        yield from _ready(queue)
    for line in lines.values():
        _finish(line, model)
    yield from _ready(queue)


def _ready(queue: deque[_PendingFrame]) -> Iterator[tuple[EncodedFrame, Tensor]]:
    while queue and queue[0].missing == 0:
        done = queue.popleft()
        yield done.frame, done.outputs


@torch.no_grad()
def _window(line: _FaceSequence, model: FilmModel) -> Tensor:
    """Outputs (time output) of the frames a line holds, blended with the earlier window's where both saw a frame."""
    inputs = torch.stack(line.inputs)[None]
    times_s = torch.tensor(line.times_s, dtype=torch.double)[None]
    outputs = model.look(inputs, torch.ones(1, inputs.shape[1], dtype=torch.bool), times_s)[0]
    if line.earlier is not None:
        shared = len(line.earlier)
        later = ((torch.arange(shared) + 0.5) / shared)[:, None]
        outputs[:shared] = (1 - later) * line.earlier + later * outputs[:shared]
    return outputs


def _advance(line: _FaceSequence, model: FilmModel) -> None:
    """A full window: its first half is done; its second half is seen again by the next window."""
    outputs, half = _window(line, model), WINDOW // 2
    _deliver(line, outputs[:half])
    line.earlier = outputs[half:].clone()
    del line.inputs[:half], line.times_s[:half]


def _finish(line: _FaceSequence, model: FilmModel) -> None:
    """The face is gone: what is left is done. Where nothing came after the earlier window, that window saw the end already."""
    seen_to_the_end = line.earlier is not None and len(line.earlier) == len(line.inputs)
    _deliver(line, line.earlier if seen_to_the_end and line.earlier is not None else _window(line, model))


def _deliver(line: _FaceSequence, outputs: Tensor) -> None:
    for (waiting, row), made in zip(line.places[: len(outputs)], outputs, strict=True):
        waiting.outputs[row] = made
        waiting.missing -= 1
    del line.places[: len(outputs)]
