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
from itertools import islice, repeat
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from seqfer.core.records import FaceGeometry, FaceRow, TrackedFace
from seqfer.film.keyframes import KeyFrameSelector, choose_faces
from seqfer.film.replay import BlockStore, Detect, ReplayCache
from seqfer.film.settings import ENCODE_HZ, GEOMETRY_HZ
from seqfer.film.temporal import EncodedFrame, run_head
from seqfer.models.video_model import VideoModel, valence_norms
from seqfer.runs.process_tuning import threads_beside
from seqfer.tracks import align_crop
from seqfer.tracks.following import FollowedFrame, FollowSettings, follow
from seqfer.video import VideoFrame

if TYPE_CHECKING:  # not imported where geometry is not requested
    from seqfer.geometry.mesh import MeshCrop
    from seqfer.geometry.reader import GeometryReader

BLOCK = 64  # frames that are encoded together, about two seconds of video
AHEAD = 2  # blocks by which reading may be ahead of the encoder


@dataclass(frozen=True)
class Pipeline:
    """What turns frames into rows: detector, model and tracking; `encode_hz` is that of `seqfer.film.keyframes`, 0 encodes every face.

    `geometry` reads meshes, `geometry_hz` is the same for them; None: no geometry.
    """

    detect: Detect
    model: VideoModel
    follow: FollowSettings
    valence: bool = False
    encode_hz: float = ENCODE_HZ
    geometry: GeometryReader | None = None
    geometry_hz: float = GEOMETRY_HZ


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
    geometry = frame.geometry or repeat(None, len(frame.faces))
    for tracked, per_class, value, shape in zip(frame.faces, probabilities, values, geometry, strict=True):
        yield FaceRow(
            frame.frame,
            frame.time_s,
            frame.shot,
            tracked.face,
            tracked.box_xyxy_px,
            tracked.score,
            tuple(float(probability) for probability in per_class),
            float(value),
            shape,
        )


def encode(
    frames: Iterable[VideoFrame],
    pipeline: Pipeline,
    log: BlockStore | None,
    on_face: Callable[[FollowedFrame[VideoFrame]], None],
) -> Iterator[EncodedFrame]:
    """Every frame with the temporal model's inputs for its faces."""
    replay = ReplayCache(pipeline.detect, log)
    blocks = _blocks(follow(frames, replay, pipeline.follow), pipeline, on_face)
    # The encoder runs on blocks while the next ones are read and tracked.
    waiting: deque[tuple[_Block, Future[_Arrays]]] = deque()
    with threads_beside(1) as worker:
        for number, block in enumerate(blocks):
            known = replay.block(number, _shapes(pipeline, len(block.crops)))
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


_Arrays = dict[str, np.ndarray]  # what is computed of a block's faces, one row per face


def _shapes(pipeline: Pipeline, faces: int) -> dict[str, tuple[int, ...]]:
    """The shapes of what `_compute` returns."""
    shapes: dict[str, tuple[int, ...]] = {"inputs": (faces, pipeline.model.input_dim)}
    if pipeline.geometry is not None:
        shapes |= {"measures": (faces, len(pipeline.geometry.columns)), "mesh": (faces, *pipeline.geometry.shape)}
    return shapes


def _compute(
    block: _Block,
    pipeline: Pipeline,
    record: _Arrays,
    store: Callable[[_Arrays], None] | None,
) -> _Arrays:
    """The temporal model's inputs of a block's faces (face input), and their geometry; stored together with the detector's calls in `record`."""
    made = {"inputs": _inputs(block, pipeline)}
    if pipeline.geometry is not None:
        made |= _geometry(block, pipeline.geometry, pipeline.geometry_hz)
    if store is not None:
        store({**record, **made})
    return made


def _inputs(block: _Block, pipeline: Pipeline) -> np.ndarray:
    model, crops = pipeline.model, block.crops
    if not crops:
        return np.zeros((0, model.input_dim), np.float32)
    chosen = choose_faces(block.times_s, block.faces, crops, pipeline.encode_hz)
    return chosen.spread(model.encode(np.stack([crop for row in chosen.rows if (crop := crops[row]) is not None])))


def _geometry(block: _Block, reader: GeometryReader, hz: float) -> _Arrays:
    """`measures` float64 (face column) and `mesh` float16 (face 478 3): `FaceGeometry.measures` and `.landmarks`."""
    crops = block.mesh_crops
    looks = [None if crop is None else reader.look(crop) for crop in crops]
    chosen = choose_faces(block.times_s, block.faces, looks, hz, reader.change)
    read = reader.read([crop for row in chosen.rows if (crop := crops[row]) is not None])
    boxes = [face.box_xyxy_px for faces in block.faces for face in faces]
    measures, mesh = reader.measures(chosen.spread(read), np.array(boxes).reshape(-1, 4))
    return {"measures": measures, "mesh": mesh}


class _Seen(NamedTuple):
    """An analysed frame without its picture."""

    frame: int
    time_s: float
    shot: int
    faces: tuple[TrackedFace, ...]


@dataclass(frozen=True)
class _Block:
    """Consecutive frames, and one crop per face in their order; None for a face that is not a candidate for encoding. `mesh_crops` are the same
    for the mesh, empty where geometry is not requested."""

    frames: list[_Seen]
    crops: list[np.ndarray | None]
    mesh_crops: list[MeshCrop | None]

    @property
    def times_s(self) -> list[float]:
        return [seen.time_s for seen in self.frames]

    @property
    def faces(self) -> list[tuple[TrackedFace, ...]]:
        return [seen.faces for seen in self.frames]


def _blocks(
    followed: Iterator[FollowedFrame[VideoFrame]],
    pipeline: Pipeline,
    on_face: Callable[[FollowedFrame[VideoFrame]], None],
) -> Iterator[_Block]:
    """The followed frames in blocks of BLOCK, with the crops that may be encoded."""
    selector, mesh_selector = KeyFrameSelector(pipeline.encode_hz), KeyFrameSelector(pipeline.geometry_hz)
    model, reader = pipeline.model, pipeline.geometry
    while True:
        block = _Block([], [], [])
        for at, now in enumerate(islice(followed, BLOCK)):
            on_face(now)
            frame, edge = now.frame, at in (0, BLOCK - 1)
            due = zip(now.faces, selector.due(now.faces, frame.time_s, edge))
            block.crops.extend(_crop(frame, face, model) if is_due else None for face, is_due in due)
            if reader is not None:
                due = zip(now.faces, mesh_selector.due(now.faces, frame.time_s, edge))
                block.mesh_crops.extend(reader.crop(frame.rgb(), face) if is_due else None for face, is_due in due)
            block.frames.append(_Seen(frame.index, frame.time_s, now.shot, now.faces))
        if not block.frames:
            return
        yield block


def _crop(frame: VideoFrame, face: TrackedFace, model: VideoModel) -> np.ndarray:
    cut = partial(align_crop, face=face, size=model.input_size)
    return frame.grey_part(cut) if model.channels == 1 else cut(frame.rgb())


def _encoded(block: _Block, job: Future[_Arrays]) -> Iterator[EncodedFrame]:
    made, start = job.result(), 0
    measures, mesh = made.get("measures"), made.get("mesh")
    for seen in block.frames:
        rows = slice(start, start + len(seen.faces))
        geometry: tuple[FaceGeometry, ...] = ()
        if measures is not None and mesh is not None:
            geometry = tuple(map(FaceGeometry, map(tuple, measures[rows].tolist()), mesh[rows]))
        yield EncodedFrame(*seen, made["inputs"][rows], geometry)
        start = rows.stop
