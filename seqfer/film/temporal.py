"""Runs the temporal head over the faces of a video, and returns its outputs in the order of the frames.

Three methods with one interface: every frame by itself; a causal head whose state is carried from frame to frame; a bidirectional head, run in
windows that overlap by half and are blended, which avoids jumps between windows. Memory does not grow with the video: one window per face.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from seqfer.core.records import FaceGeometry, TrackedFace
from seqfer.models.video_model import VideoModel
from seqfer.tracks.following import Clock

WINDOW = 128  # frames of a bidirectional head's window, about four seconds of video; half of them overlap with the next window


@dataclass(frozen=True)
class EncodedFrame:
    """One analysed frame: its faces, the temporal head's input of each (face input), and the geometry of each, empty where it was not requested."""

    frame: int
    time_s: float
    shot: int
    faces: tuple[TrackedFace, ...]
    inputs: np.ndarray
    geometry: tuple[FaceGeometry, ...] = ()


def run_head(
    frames: Iterable[EncodedFrame], model: VideoModel, gap_s: float
) -> Iterator[tuple[EncodedFrame, np.ndarray]]:
    """Yields every frame in order with the model's outputs (face output), see `VideoModel.read`. A face not seen for more than `gap_s`, or in an
    earlier shot, does not return, and its state is released."""
    if not model.temporal:
        yield from ((frame, model.step(frame.inputs[:, None])[0][:, 0]) for frame in frames)
    elif model.causal:
        yield from _carried(frames, model, gap_s)
    else:
        yield from _windowed(frames, model, gap_s)


def _carried(
    frames: Iterable[EncodedFrame], model: VideoModel, gap_s: float
) -> Iterator[tuple[EncodedFrame, np.ndarray]]:
    states: dict[int, tuple[float, int, object]] = {}  # face -> last seen, shot, the head's state
    clock = _Clock(gap_s)
    for frame in frames:
        clock.tick_frame(frame)
        states = {face: kept for face, kept in states.items() if not clock.is_over(kept[0], kept[1])}
        outputs = np.zeros((len(frame.faces), model.output_dim), np.float32)
        for row, tracked in enumerate(frame.faces):
            before = states[tracked.face][2] if tracked.face in states else None
            made, state = model.step(frame.inputs[row][None, None], before)
            states[tracked.face] = (clock.now_s, frame.shot, state)
            outputs[row] = made[0, 0]
        yield frame, outputs


class _Clock(Clock):
    """The tracker's increasing timestamps, with which it decides that a face does not return."""

    def __init__(self, gap_s: float) -> None:
        super().__init__()
        self.gap_s, self.shot, self.since_s = gap_s, 0, -math.inf

    def tick_frame(self, frame: EncodedFrame) -> None:
        """Go to the next frame."""
        before_s, self.shot = self.now_s, frame.shot
        self.since_s = min(self.tick(frame.time_s) - self.gap_s - 1e-6, before_s)

    def is_over(self, last_s: float, shot: int) -> bool:
        """Whether a face last seen then does not return; one on the previous frame may return, also with few frames per second."""
        return shot != self.shot or last_s < self.since_s


@dataclass
class _PendingFrame:
    """A frame with faces whose outputs are not final."""

    frame: EncodedFrame
    outputs: np.ndarray
    missing: int


@dataclass
class _FaceSequence:
    """One face's frames without final outputs: inputs and times in order, each frame's place for outputs, and the earlier window's outputs."""

    last_s: float
    shot: int
    inputs: list[np.ndarray] = field(default_factory=list)
    times_s: list[float] = field(default_factory=list)
    places: list[tuple[_PendingFrame, int]] = field(default_factory=list)
    earlier: np.ndarray | None = None


def _windowed(
    frames: Iterable[EncodedFrame], model: VideoModel, gap_s: float
) -> Iterator[tuple[EncodedFrame, np.ndarray]]:
    lines: dict[int, _FaceSequence] = {}
    queue: deque[_PendingFrame] = deque()
    clock = _Clock(gap_s)
    for frame in frames:
        clock.tick_frame(frame)
        for face in [face for face, line in lines.items() if clock.is_over(line.last_s, line.shot)]:
            _finish(lines.pop(face), model)
        waiting = _PendingFrame(frame, np.zeros((len(frame.faces), model.output_dim), np.float32), len(frame.faces))
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


def _ready(queue: deque[_PendingFrame]) -> Iterator[tuple[EncodedFrame, np.ndarray]]:
    while queue and queue[0].missing == 0:
        done = queue.popleft()
        yield done.frame, done.outputs


def _window(line: _FaceSequence, model: VideoModel) -> np.ndarray:
    """Outputs (time output) of the frames of a sequence, blended with those of the earlier window where both have a frame."""
    inputs = np.stack(line.inputs)[None]
    times_s = np.array(line.times_s)[None]
    outputs: np.ndarray = model.look(inputs, np.ones((1, inputs.shape[1]), dtype=bool), times_s)[0]
    if line.earlier is not None:
        shared = len(line.earlier)
        later = ((np.arange(shared, dtype=np.float32) + 0.5) / shared)[:, None]
        outputs[:shared] = (1 - later) * line.earlier + later * outputs[:shared]
    return outputs


def _advance(line: _FaceSequence, model: VideoModel) -> None:
    """Process a full window: its first half is final; its second half is processed again by the next window."""
    outputs, half = _window(line, model), WINDOW // 2
    _deliver(line, outputs[:half])
    line.earlier = outputs[half:].copy()
    del line.inputs[:half], line.times_s[:half]


def _finish(line: _FaceSequence, model: VideoModel) -> None:
    """End a face's sequence: the remaining frames are final. Without frames after the earlier window, that window is final."""
    seen_to_the_end = line.earlier is not None and len(line.earlier) == len(line.inputs)
    _deliver(line, line.earlier if seen_to_the_end and line.earlier is not None else _window(line, model))


def _deliver(line: _FaceSequence, outputs: np.ndarray) -> None:
    for (waiting, row), made in zip(line.places[: len(outputs)], outputs, strict=True):
        waiting.outputs[row] = made
        waiting.missing -= 1
    del line.places[: len(outputs)]
