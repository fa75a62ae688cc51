"""Annotates a video as a stream: a generator of rows, for files and cameras alike, whose memory does not grow with the video.

Faces are cropped as soon as they are known, so that pictures can be released; blocks of frames are encoded together. With a log, slow
results (detections, encoded faces) are stored block by block: a resumed run decodes the video again and computes only what is missing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import NamedTuple

import numpy as np

from seqfer.core.records import FaceRow, TrackedFace
from seqfer.film.keyframes import KeyFrameSelector, choose_faces
from seqfer.film.replay import BlockStore, Detect, ReplayCache
from seqfer.film.settings import ENCODE_HZ
from seqfer.film.temporal import EncodedFrame, run_head
from seqfer.models.video_model import VideoModel, valence_norms
from seqfer.runs.process_tuning import threads_beside
from seqfer.tracks import align_crop
from seqfer.tracks.following import FollowedFrame, FollowSettings, follow
from seqfer.video import VideoFrame

BLOCK = 64  # frames that are encoded together, about two seconds of video
AHEAD = 2  # blocks by which reading may be ahead of the encoder


@dataclass(frozen=True)
class Pipeline:
    """What turns frames into rows: detector, model and tracking; `encode_hz` is that of `seqfer.film.keyframes`, 0 encodes every face."""

    detect: Detect
    model: VideoModel
    follow: FollowSettings
    valence: bool = False
    encode_hz: float = ENCODE_HZ


def annotate(
    frames: Iterable[VideoFrame],
    pipeline: Pipeline,
    *,
    log: BlockStore | None = None,
    on_face: Callable[[FollowedFrame[VideoFrame]], None] = lambda followed: None,
) -> Generator[FaceRow, None, None]:
    """Rows in the order of the frames: one per face, or one without a face. `on_face` gets every followed frame while its picture is in memory.

    A row is returned as soon as later frames cannot change it: after `FollowSettings`' look-ahead and one block of frames, and with a
    bidirectional head also after its window. Closing the generator ends the threads that it computes on.
    """
    model = pipeline.model
    norms = valence_norms(model) if pipeline.valence else None
    encoded = encode(frames, pipeline, log, on_face)
    for frame, outputs in run_head(encoded, model, pipeline.follow.max_gap_s):
        yield from _rows(frame, outputs, model, norms)


def _rows(frame: EncodedFrame, outputs: np.ndarray, model: VideoModel, norms: np.ndarray | None) -> Iterator[FaceRow]:
    """The rows of one frame; `norms` (class,) are the valence of each emotion, None where no valence was requested."""
    if not frame.faces:
        yield FaceRow(frame.frame, frame.time_s, frame.shot)
        return
    probabilities, own = model.read(outputs)
    values = np.full(len(outputs), np.nan)
    if norms is not None:
        values = probabilities @ norms if own is None else own
    for tracked, per_class, value in zip(frame.faces, probabilities, values, strict=True):
        yield FaceRow(
            frame.frame,
            frame.time_s,
            frame.shot,
            tracked.face,
            tracked.box_xyxy_px,
            tracked.score,
            tuple(float(probability) for probability in per_class),
            float(value),
        )


def encode(
    frames: Iterable[VideoFrame],
    pipeline: Pipeline,
    log: BlockStore | None,
    on_face: Callable[[FollowedFrame[VideoFrame]], None],
) -> Iterator[EncodedFrame]:
    """Every frame with the temporal model's inputs for its faces."""
    replay = ReplayCache(pipeline.detect, log)
    blocks = _blocks(follow(frames, replay, pipeline.follow), pipeline.model, pipeline.encode_hz, on_face)
    # The encoder runs on blocks while the next ones are read and tracked.
    waiting: deque[tuple[_Block, Future[np.ndarray]]] = deque()
    with threads_beside(1) as worker:
        for number, block in enumerate(blocks):
            known = replay.inputs(number, (len(block.crops), pipeline.model.input_dim))
            if known is None:
                store = partial(log.put, number) if log is not None else None
                job = worker.submit(_compute, block, pipeline, replay.record(), store)
            else:
                job = Future()
                job.set_result(known)
            waiting.append((block, job))
            if len(waiting) > AHEAD:
                yield from _encoded(*waiting.popleft())
        while waiting:
            yield from _encoded(*waiting.popleft())


def _compute(
    block: _Block,
    pipeline: Pipeline,
    record: dict[str, np.ndarray],
    store: Callable[[dict[str, np.ndarray]], None] | None,
) -> np.ndarray:
    """The temporal model's inputs of a block's faces (face input); stored together with the detector's calls in `record`."""
    model, crops = pipeline.model, block.crops
    times_s, faces = [seen.time_s for seen in block.frames], [seen.faces for seen in block.frames]
    chosen = choose_faces(times_s, faces, crops, pipeline.encode_hz)
    made = np.zeros((0, model.input_dim), np.float32)
    if crops:
        made = chosen.spread(model.encode(np.stack([crop for row in chosen.rows if (crop := crops[row]) is not None])))
    if store is not None:
        store({**record, "inputs": made})
    return made


class _Seen(NamedTuple):
    """An analysed frame without its picture."""

    frame: int
    time_s: float
    shot: int
    faces: tuple[TrackedFace, ...]


@dataclass(frozen=True)
class _Block:
    """Consecutive frames, and one crop per face in their order; None for a face that is not a candidate for encoding."""

    frames: list[_Seen]
    crops: list[np.ndarray | None]


def _blocks(
    followed: Iterator[FollowedFrame[VideoFrame]],
    model: VideoModel,
    encode_hz: float,
    on_face: Callable[[FollowedFrame[VideoFrame]], None],
) -> Iterator[_Block]:
    """The followed frames in blocks of BLOCK, with the crops that may be encoded."""
    selector = KeyFrameSelector(encode_hz)
    while True:
        block: list[_Seen] = []
        crops: list[np.ndarray | None] = []
        for at, now in enumerate(islice(followed, BLOCK)):
            on_face(now)
            due = selector.due(now.faces, now.frame.time_s, edge=at in (0, BLOCK - 1))
            crops += [_crop(now.frame, face, model) if is_due else None for face, is_due in zip(now.faces, due)]
            block.append(_Seen(now.frame.index, now.frame.time_s, now.shot, now.faces))
        if not block:
            return
        yield _Block(block, crops)


def _crop(frame: VideoFrame, face: TrackedFace, model: VideoModel) -> np.ndarray:
    cut = partial(align_crop, face=face, size=model.input_size)
    return frame.grey_part(cut) if model.channels == 1 else cut(frame.rgb())


def _encoded(block: _Block, job: Future[np.ndarray]) -> Iterator[EncodedFrame]:
    inputs, start = job.result(), 0
    for seen in block.frames:
        end = start + len(seen.faces)
        yield EncodedFrame(*seen, inputs[start:end])
        start = end
