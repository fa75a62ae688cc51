"""Loads the faces of clips from disk: crops, resizes and converts them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from seqfer import video
from seqfer.core import registry
from seqfer.core.errors import InputError, SettingsError
from seqfer.core.records import Clip
from seqfer.corpus.content import open_stack, stack_frame
from seqfer.corpus.face_arrays import resized
from seqfer.corpus.manifest import Manifest, read_manifest, write_manifest
from seqfer.runs.cache import cache_folder
from seqfer.video.images import read_image, with_channels
from seqfer.video.picture_size import check_pixels
from seqfer.video.random_access import read_at, reader_for

SPARSE = (
    8  # a video with this many times the requested frames, up to the last one, is read by seeking, not from the start
)
AT_ONCE = 32  # frames in memory


def load_clip_faces(
    manifest: Manifest, clip: Clip, size: int, channels: int = 1, other_sizes: set[tuple[int, int]] | None = None
) -> np.ndarray:
    """The faces of a clip, cropped and resized: uint8 (time size size), or (time size size 3) RGB for three channels.

    A box that extends over the picture's edge is filled with the edge's pixels, so that the face keeps its shape; without boxes the whole
    picture is the face. Shrinking averages areas, enlarging is bilinear. The (height, width) of faces without a box that are not of `size`
    already are added to `other_sizes`. Raises InputError, naming the file, for a picture that is missing or broken, an index that a
    video or stack does not have, or a box outside the picture.
    """
    if size < 1:
        raise SettingsError(f"face size is {size}; allowed: 1 pixel or more")
    shape = (len(clip.frames), size, size) + ((3,) if channels == 3 else ())
    faces = np.zeros(shape, dtype=np.uint8)
    for file, wanted in _by_file(manifest, clip).items():
        for position, picture in _pictures(file, wanted):
            box = clip.boxes_xyxy_px[position] if clip.boxes_xyxy_px else None
            try:
                face = picture if box is None else crop_box(picture, box)
            except InputError as error:
                raise InputError(f"{file}: {error}; prepare the corpus again") from None
            if other_sizes is not None and box is None and face.shape[:2] != (size, size):
                other_sizes.add((face.shape[0], face.shape[1]))
            faces[position] = resized(with_channels(face, channels), size)
    return faces


def crop_box(picture: np.ndarray, box_xyxy_px: tuple[float, float, float, float]) -> np.ndarray:
    """Crops a box, rounded to whole pixels, from (height width) or (height width 3); pixels outside repeat the picture's edge.

    Raises InputError when no pixel of the box is in the picture, and for a box larger than any picture that is decoded.
    """
    height, width = picture.shape[:2]
    x1, y1 = math.floor(box_xyxy_px[0] + 0.5), math.floor(box_xyxy_px[1] + 0.5)
    x2, y2 = max(x1 + 1, math.floor(box_xyxy_px[2] + 0.5)), max(y1 + 1, math.floor(box_xyxy_px[3] + 0.5))
    if x2 <= 0 or y2 <= 0 or x1 >= width or y1 >= height:
        raise InputError(f"box {box_xyxy_px} lies outside the picture of {width}x{height} pixels")
    check_pixels("a box", x2 - x1, y2 - y1)
    inner = picture[max(y1, 0) : min(y2, height), max(x1, 0) : min(x2, width)]
    top, bottom, left, right = max(-y1, 0), max(y2 - height, 0), max(-x1, 0), max(x2 - width, 0)
    if not (top or bottom or left or right):
        return inner
    return cv2.copyMakeBorder(inner, top, bottom, left, right, cv2.BORDER_REPLICATE)


def _by_file(manifest: Manifest, clip: Clip) -> dict[Path, list[tuple[int, int | None]]]:
    """Positions of the clip by file, so that each video is decoded once."""
    files: dict[Path, list[tuple[int, int | None]]] = {}
    for position, reference in enumerate(clip.frames):
        file, index = manifest.path_of(reference)
        files.setdefault(file, []).append((position, index))
    return files


def _pictures(file: Path, wanted: list[tuple[int, int | None]]) -> Iterator[tuple[int, np.ndarray]]:
    """Yields (position in the clip, picture) for every (position, index) asked for."""
    if all(index is None for _, index in wanted) and file.suffix.lower() != ".npy":
        picture = read_image(file)
        yield from ((position, picture) for position, _ in wanted)
        return
    positions: dict[int, list[int]] = {}
    for position, index in wanted:
        if index is None:
            raise InputError(f"{file}: a stack or video named without a frame; write {file.name}#0 for its first one")
        positions.setdefault(index, []).append(position)
    frames = _from_stack(file, positions) if file.suffix.lower() == ".npy" else _from_video(file, positions)
    for index, picture in frames:
        yield from ((position, picture) for position in positions[index])


def _from_stack(file: Path, indices: dict[int, list[int]]) -> Iterator[tuple[int, np.ndarray]]:
    stack = open_stack(file)
    for index in indices:
        yield index, stack_frame(file, stack, index)


def _from_video(file: Path, indices: dict[int, list[int]]) -> Iterator[tuple[int, np.ndarray]]:
    last, index = max(indices), -1
    if (
        last >= SPARSE * len(indices) and reader_for(file) == "decord"
    ):  # seeking to a few frames is faster than decoding all
        wanted = sorted(indices)
        for start in range(0, len(wanted), AT_ONCE):
            yield from zip(wanted[start : start + AT_ONCE], read_at(file, wanted[start : start + AT_ONCE]), strict=True)
        return
    for index, _, picture in video.read_frames(file):
        if index in indices:
            yield index, picture
        if index == last:
            return
    raise InputError(f"{file}: frame {last} asked for, the video has {index + 1} (0 to {index})")


def open_data(data: str) -> Manifest:
    """A manifest by its path, or an embedded corpus by its name (rendered into the cache folder the first time).

    Raises InputError when it is neither.
    """
    if data.endswith(".jsonl") or Path(data).is_file():
        return read_manifest(Path(data))
    if data not in registry.names("datasets"):
        raise InputError(f"no manifest {data!r}; give the path of a .jsonl file made by `seqfer prepare`, or posed")
    corpus = registry.find("datasets", data)
    if not getattr(corpus, "EMBEDDED", False):
        raise InputError(
            f"{data} is a corpus that is not included; make a manifest of your copy first: seqfer prepare {data} ROOT -o {data}.jsonl"
        )
    file = cache_folder() / "corpora" / f"{data}-{corpus.VERSION}.jsonl"
    if not file.exists():
        write_manifest(corpus.prepare(None, file), file)
    return read_manifest(file)
