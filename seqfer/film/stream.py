"""A film in, rows out: one generator. What is computed offline is the stream, joined up; memory does not grow with the film.

Faces are cut out as soon as they are known, so that pictures can go; blocks of frames go through the encoder together. With a log, what is
costly (detections, encoded faces) is kept block by block: a run that was killed decodes the film again and computes only what is missing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from seqfer.core.records import FaceRow, TrackedFace
from seqfer.film.keyframes import KeyFrameSelector, choose_faces
from seqfer.film.replay import BlockStore, Detect, ReplayCache
from seqfer.film.temporal import EncodedFrame, run_head
from seqfer.models.film_model import FilmModel
from seqfer.models.layers import FrameEncoder
from seqfer.tracks import align_crop
from seqfer.tracks.following import FollowedFrame, FollowSettings, follow
from seqfer.video import VideoFrame

BLOCK = 64  # frames that go through the encoder together, two seconds of film
AHEAD = 2  # blocks that the encoder may be behind


def annotate(
    frames: Iterable[VideoFrame],
    detect: Detect,
    model: FilmModel,
    settings: FollowSettings,
    *,
    valence: bool = False,
    encode_hz: float = 0.0,
    log: BlockStore | None = None,
    on_face: Callable[[FollowedFrame], None] = lambda followed: None,
) -> Iterator[FaceRow]:
    """Rows in the order of the frames: one per face, or one without a face. `on_face` is shown every followed frame while its picture is there.

    A row comes as soon as nothing later can change it: after `FollowSettings`' look-ahead and one block of frames, and with a head that looks
    both ways after its window too. `encode_hz`: see `seqfer.film.keyframes`; 0 encodes every face.
    """
    norms = model.norms()
    for frame, outputs in run_head(
        encode(frames, detect, model, settings, encode_hz, log, on_face), model, settings.max_gap_s
    ):
        if not frame.faces:
            yield FaceRow(frame.frame, frame.time_s, frame.shot)
            continue
        probabilities, own = model.read(outputs)
        values = (probabilities @ norms if own is None else own) if valence else np.full(len(outputs), np.nan)
        for tracked, shares, value in zip(frame.faces, probabilities, values, strict=True):
            yield FaceRow(
                frame.frame,
                frame.time_s,
                frame.shot,
                tracked.face,
                tracked.box_xyxy_px,
                tracked.score,
                tuple(float(share) for share in shares),
                float(value),
            )


def encode(
    frames: Iterable[VideoFrame],
    detect: Detect,
    model: FilmModel,
    settings: FollowSettings,
    encode_hz: float,
    log: BlockStore | None,
    on_face: Callable[[FollowedFrame], None],
) -> Iterator[EncodedFrame]:
    """Every frame with what the temporal side is given of its faces."""
    recall = ReplayCache(detect, log)
    blocks = _blocks(follow(frames, recall, settings), model.encoder, encode_hz, on_face)
    # The encoder works on blocks while the next ones are read and followed.
    waiting: deque[tuple[list[_Seen], Future[Tensor]]] = deque()
    with ThreadPoolExecutor(1) as worker:
        for number, (block, crops) in enumerate(blocks):
            known = recall.inputs(number, (len(crops), model.input_dim))
            if known is None:
                job = worker.submit(_compute, block, crops, model, encode_hz, log, number, recall.record())
            else:
                job = Future()
                job.set_result(known)
            waiting.append((block, job))
            if len(waiting) > AHEAD:
                yield from _encoded(*waiting.popleft())
        while waiting:
            yield from _encoded(*waiting.popleft())


def _compute(
    block: list[_Seen],
    crops: list[np.ndarray | None],
    model: FilmModel,
    encode_hz: float,
    log: BlockStore | None,
    number: int,
    record: dict[str, np.ndarray],
) -> Tensor:
    """What the temporal side is given of a block's faces (face input); kept in the log with the detector's calls that led to it."""
    chosen = choose_faces([seen.time_s for seen in block], [seen.faces for seen in block], crops, encode_hz)
    made = torch.zeros(0, model.input_dim)
    if crops:
        made = chosen.spread(model.encode(np.stack([crop for row in chosen.rows if (crop := crops[row]) is not None])))
    if log is not None:
        log.put(number, {**record, "inputs": made.numpy()})
    return made


class _Seen(NamedTuple):
    """Of an analysed frame, what stays when its picture goes."""

    frame: int
    time_s: float
    shot: int
    faces: tuple[TrackedFace, ...]


def _blocks(
    followed: Iterator[FollowedFrame], encoder: FrameEncoder, encode_hz: float, on_face: Callable[[FollowedFrame], None]
) -> Iterator[tuple[list[_Seen], list[np.ndarray | None]]]:
    """(frames, one crop per face, None where nobody will look at it) in blocks."""
    glances = KeyFrameSelector(encode_hz)
    while True:
        block: list[_Seen] = []
        crops: list[np.ndarray | None] = []
        for at, now in enumerate(islice(followed, BLOCK)):
            on_face(now)
            due = glances.due(now.faces, now.frame.time_s, edge=at in (0, BLOCK - 1))
            crops += [_crop(now.frame, face, encoder) if wanted else None for face, wanted in zip(now.faces, due)]
            block.append(_Seen(now.frame.index, now.frame.time_s, now.shot, now.faces))
        if not block:
            return
        yield block, crops


def _crop(frame: VideoFrame, face: TrackedFace, encoder: FrameEncoder) -> np.ndarray:
    cut = partial(align_crop, face=face, size=encoder.input_size)
    return frame.grey_part(cut) if encoder.channels == 1 else cut(frame.rgb())


def _encoded(block: list[_Seen], job: Future[Tensor]) -> Iterator[EncodedFrame]:
    inputs, start = job.result(), 0
    for seen in block:
        end = start + len(seen.faces)
        yield EncodedFrame(*seen, inputs[start:end])
        start = end
