"""Opens video files, and reads every frame in RGB for training; raises an error where decoding fails.

Frames come from PyAV in display order with the container's own timestamps; frame numbers count the decoded frames from 0. Pictures are as a
player shows them: turned by the container's rotation and with square pixels.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.stream import Disposition

from seqfer.core.errors import InputError
from seqfer.video.containers import open_to_read
from seqfer.video.picture import AS_STORED, orientation_of, resized, rgb_of
from seqfer.video.picture_size import MOST_FRAME_PIXELS, check_pixels, most_pixels

WIDEST_PIXEL = 4.0  # width over height; of formats in use the widest has 2.1
STILLS = (
    "mjpeg",
    "png",
    "bmp",
    "gif",
    "webp",
)  # codecs of pictures: beside a stream of another codec they are thumbnails


@dataclass(frozen=True)
class VideoInfo:
    """What a container states about the video stream that a player shows; `width` and `height` are those of the stored picture.

    `frames` counts the stream's packets where the header has no number; `read_frames` may yield fewer (edit lists, damaged ends).
    `duration_s` and `frame_rate_hz` (the mean over the file) are NaN where the container does not state them.
    """

    width: int
    height: int
    frames: int
    duration_s: float
    frame_rate_hz: float


def probe(path: Path) -> VideoInfo:
    """Size, frame count and duration, without decoding. Raises InputError for what is not a video with at least one frame."""
    with opened(path) as (container, stream):
        frames = stream.frames or sum(1 for packet in container.demux(stream) if packet.size)
        if frames == 0:
            raise no_frames(path)
        duration_s, rate_hz = duration_and_rate(container, stream)
        return VideoInfo(stream.width, stream.height, frames, duration_s, rate_hz)


def read_frames(path: Path) -> Iterator[tuple[int, float, np.ndarray]]:
    """Yields (index, time_s, rgb uint8 (height width 3) as shown), one frame at a time; time_s is NaN where the container has none.

    Raises InputError for what is not a video with at least one frame, and at the frame where decoding fails.
    """
    index, turn = -1, AS_STORED
    with opened(path) as (container, stream):
        aspect = pixel_aspect(stream)
        try:
            for index, frame in enumerate(container.decode(stream)):
                time_s = math.nan if frame.time is None else float(frame.time)
                if index == 0:  # a container has one rotation for all frames
                    turn = orientation_of(frame)
                rgb = resized(rgb_of(frame), (round(frame.width * aspect), frame.height))
                yield index, time_s, turn.of(rgb)
        except av.FFmpegError as error:
            raise InputError(
                f"{path}: decoding stops after {index + 1} frames ({why(error)}); copy or convert it again"
            ) from None
    if index < 0:
        raise no_frames(path)


@contextmanager
def opened(path: Path) -> Iterator[tuple[av.container.InputContainer, av.VideoStream]]:
    """The container and the video stream that a player shows, of a supported codec. Raises InputError for anything else."""
    if not path.is_file():
        raise InputError(f"{path}: no such video file; check the path")
    try:
        container = open_to_read(path)
    except av.FFmpegError as error:
        lists = " or a list of other files" if isinstance(error, av.error.ArgumentError) else ""
        raise InputError(
            f"{path}: not a video that can be opened ({why(error)}{lists}); convert it to MP4 (H.264)"
        ) from None
    with container:
        if not container.streams.video:
            kinds = ", ".join(sorted({s.type for s in container.streams}))
            found = f"only {kinds}" if kinds else "it is empty"
            raise InputError(f"{path}: no video stream, {found}; give a complete video file")
        stream = _played(container.streams.video)
        if stream is None:
            raise InputError(
                f"{path}: no video stream, only sound and a cover picture; give a file with moving pictures"
            )
        if stream.codec_context is None:
            raise InputError(f"{path}: a video of an unknown codec; convert it to MP4 (H.264)")
        if stream.width > 0 and stream.height > 0:
            wide = max(1.0, pixel_aspect(stream))
            check_pixels(f"{path}: a video", round(stream.width * wide), stream.height, MOST_FRAME_PIXELS)
        # The size may change within the video.
        stream.codec_context.options = {"max_pixels": str(most_pixels(MOST_FRAME_PIXELS))}
        yield container, stream


def _played(streams: Sequence[av.VideoStream]) -> av.VideoStream | None:
    """The stream that a player shows: no cover picture or thumbnail, moving rather than still, the default one, the first. None without one."""
    pictures = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
    films = [stream for stream in streams if not stream.disposition & pictures]

    def rank(stream: av.VideoStream) -> tuple[bool, bool]:
        one_picture = stream.frames == 1 or (stream.codec_context is not None and stream.codec_context.name in STILLS)
        return not one_picture, bool(stream.disposition & Disposition.default)

    return max(films, key=rank, default=None)  # of equals the first


def pixel_aspect(stream: av.VideoStream) -> float:
    """Width of a stored pixel over its height, 1.0 where the container and the codec state none or, in a damaged file, one that no camera has."""
    aspect = float(stream.sample_aspect_ratio or 1)
    return aspect if 1 / WIDEST_PIXEL <= aspect <= WIDEST_PIXEL else 1.0


def duration_and_rate(container: av.container.InputContainer, stream: av.VideoStream) -> tuple[float, float]:
    """(duration_s, mean frame rate in Hz) as the container states, NaN where it does not."""
    duration_s = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else math.nan
    if math.isnan(duration_s) and container.duration:
        duration_s = container.duration / av.time_base
    return duration_s, float(stream.average_rate) if stream.average_rate else math.nan


def no_frames(path: Path) -> InputError:
    """The error for a video without a single picture."""
    return InputError(f"{path}: a video with zero frames; record or convert it again")


def why(error: av.FFmpegError) -> str:
    """FFmpeg's error message."""
    return str(error.strerror or type(error).__name__)
