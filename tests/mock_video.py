"""Tiny generated videos and sounds for tests."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.stream import Disposition

LEVELS = (0, 60, 120, 180, 240)  # frame i of a written video is this grey


def write_video(path: Path, frames: int = len(LEVELS), audio: bool = False) -> Path:
    """A 64x48 video at 30000/1001 frames per second whose frame i is LEVELS[i], left half red."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=Fraction(30000, 1001))
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for level in LEVELS[:frames]:
            picture = np.full((48, 64, 3), level, np.uint8)
            picture[:, :32] = (255, 0, 0)
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                container.mux(packet)
        container.start_encoding()  # writes the header even when no frame has come
        for packet in stream.encode(None):
            container.mux(packet)
    return path


def write_audio(path: Path, cover: bool = False) -> Path:
    """A tenth of a second of silence, with `cover` beside a picture of the record's sleeve."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac" if cover else "pcm_s16le", rate=8000)
        if cover:
            _add_cover(container)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return path


def _add_cover(container: av.container.OutputContainer) -> None:
    stream = container.add_stream("mjpeg", rate=1)
    stream.width = stream.height = 32
    stream.pix_fmt, stream.disposition = "yuvj420p", Disposition.attached_pic
    picture = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
    picture.pts = 0
    container.mux([*stream.encode(picture), *stream.encode(None)])
