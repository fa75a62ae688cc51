"""Copies a video into a form that every browser plays: H.264 4:2:0 with AAC in MP4, upright, with the frames' true timestamps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from seqfer.core.errors import InputError
from seqfer.video.film import FilmSource
from seqfer.video.writing import H264Writer

ENDING = "-h264.mp4"


def transcoded_path(path: Path) -> Path:
    """Where the copy of a video lies: beside it, `clip.avi` as `clip-h264.mp4`."""
    return path.with_name(path.stem + ENDING)


def transcode(source: FilmSource, target: Path, on_frame: Callable[[int], None] = lambda done: None) -> int:
    """Write the copy and return its number of frames; `on_frame` is called after each with the number of finished frames.

    A rotation that the file states is applied to the pictures, and pixels become square. Audio in AAC or MP3 is copied, other audio encoded as AAC.
    The file is written whole or not at all. Raises InputError where it cannot be written, and for a video that cannot be read to its end.
    """
    info = source.info
    rate_hz = info.frame_rate_hz if info.frame_rate_hz > 0 else 25.0
    writer = H264Writer(
        target, info.width, info.height, rate_hz, source.path if info.has_sound else None, zero_s=info.zero_s
    )
    with writer:
        for frame in source.frames():
            writer.write(frame.rgb(), frame.time_s)
            on_frame(writer.frames)
        if source.problem:
            raise InputError(f"{source.path}: {source.problem}; get a complete file")
    return writer.frames
