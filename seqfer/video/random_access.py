"""Reads single frames of training clips in any order: with decord where it reads a file correctly, with PyAV everywhere else.

decord 0.6 seeks to wrong frames in videos with open GOPs, counts frames that an edit list hides, cannot read VP9 or AV1, and has no wheel for
some systems. So a file is read with it only when its packets show none of that and both readers agree on count, times and sample frames;
`reader_for` decides.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from seqfer.core.errors import InputError
from seqfer.video.reading import opened, pixel_aspect, read_frames

CODECS = ("h264", "mpeg4")
EIGHT_BIT = ("yuv420p", "yuvj420p")
CLOCK_S = 1e-3  # largest difference between the two readers' times
LEVELS = 1.0  # and between their pictures, as a mean in grey levels; 0 where both use the same FFmpeg
CHECKED = 3  # key frames whose neighbours are compared


@dataclass(frozen=True)
class _PacketIndex:
    """What the packets of a video tell: start of each shown picture in order, numbers of the key frames, whether decord can seek in it."""

    times_s: tuple[float, ...]
    key_frames: tuple[int, ...]
    simple: bool


def read_at(path: Path, indices: Sequence[int]) -> list[np.ndarray]:
    """uint8 (height width 3) RGB as shown for each index, in the order asked for; an index may come twice.

    Raises InputError for what is not a video, and for an index that it does not have.
    """
    if not indices:
        return []
    if min(indices) < 0:
        raise InputError(f"{path}: frame {min(indices)} asked for; frames count from 0")
    if reader_for(path) == "decord":
        reader = _decord(path)
        if max(indices) >= len(reader):
            raise _beyond(path, max(indices), len(reader))
        pictures = _by_decord(reader, indices)
        if pictures is not None:
            return pictures
    return _in_order(path, indices)


def reader_for(path: Path) -> str:
    """The reader that gives this file's frames correctly and fast: "decord" or "pyav". The result is cached until the file changes."""
    try:
        state = path.stat()
    except OSError as error:
        raise InputError(f"{path}: no such video file ({error.strerror}); check the path") from None
    return _reader_for(path, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=4096)
def _reader_for(path: Path, size: int, changed_ns: int) -> str:
    packets = _packets(path)
    reader = _decord(path) if packets.simple else None
    return "decord" if reader is not None and _agrees(path, reader, packets) else "pyav"


def _packets(path: Path) -> _PacketIndex:
    """One pass over the packets, without decoding."""
    times: list[float] = []
    keys: list[float] = []
    with opened(path) as (container, stream):
        simple = stream.codec_context.name in CODECS and stream.codec_context.pix_fmt in EIGHT_BIT
        simple &= pixel_aspect(stream) == 1.0  # decord gives the stored picture; `_agrees` finds one that is turned
        for packet in container.demux(stream):
            if not packet.size:
                continue
            if packet.pts is None or packet.time_base is None or packet.is_corrupt or packet.is_discard:
                return _PacketIndex((), (), False)
            time_s = float(packet.pts * packet.time_base)
            if keys and time_s < keys[-1]:  # shown before the key frame that precedes it in the file: an open GOP
                simple = False
            times.append(time_s)
            if packet.is_keyframe:
                keys.append(time_s)
    order = {time_s: number for number, time_s in enumerate(sorted(times))}
    return _PacketIndex(tuple(sorted(times)), tuple(order[time_s] for time_s in keys), simple and bool(times))


def _agrees(path: Path, reader: Any, packets: _PacketIndex) -> bool:
    count = len(packets.times_s)
    if len(reader) != count:
        return False
    for number in (0, count - 1):
        if not math.isclose(reader.get_frame_timestamp(number)[0], packets.times_s[number], abs_tol=CLOCK_S):
            return False
    wanted = {0} | {key + step for key in packets.key_frames[:CHECKED] for step in (-1, 0, 1)}
    numbers = sorted(
        (number for number in wanted if 0 <= number < count), reverse=True
    )  # backwards: each one is a seek
    try:
        pictures = _in_order(path, numbers)
    except InputError:
        return False
    others = _by_decord(reader, numbers)
    return others is not None and all(
        a.shape == b.shape and float(np.abs(a.astype(np.int16) - b).mean()) < LEVELS for a, b in zip(pictures, others)
    )


def _decord(path: Path) -> Any:
    """decord's reader, or None where there is no decord or it cannot open the file."""
    try:
        import decord
    except (ImportError, OSError):
        return None
    try:
        return decord.VideoReader(
            str(path.absolute()), num_threads=1
        )  # a relative name with a colon would be an address
    except (RuntimeError, decord.DECORDError):
        return None


def _by_decord(reader: Any, indices: Sequence[int]) -> list[np.ndarray] | None:
    """The frames, or None where decord fails; one at a time, because its get_batch stores every frame twice."""
    import decord

    try:
        return [reader[index].asnumpy() for index in indices]
    except (RuntimeError, decord.DECORDError):
        return None


def _in_order(path: Path, indices: Sequence[int]) -> list[np.ndarray]:
    """By decoding the whole video: with long GOPs faster than a seek for every frame."""
    wanted, last, found = set(indices), max(indices), {}
    index = -1
    for index, _, picture in read_frames(path):
        if index in wanted:
            found[index] = picture
        if index == last:
            return [found[number] for number in indices]
    raise _beyond(path, last, index + 1)


def _beyond(path: Path, index: int, count: int) -> InputError:
    return InputError(f"{path}: frame {index} asked for, the video has {count} (0 to {count - 1})")
