"""Which videos browsers play: the container and codecs that Chromium, Firefox and Safari have in common."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import av

from seqfer.core.errors import InputError
from seqfer.core.input_files import regular_file
from seqfer.video.containers import open_to_read

# FFmpeg's names of containers -> the type that a browser is told
CONTAINERS = {"mov": "video/mp4", "mp4": "video/mp4", "webm": "video/webm", "ogg": "video/ogg"}
VIDEO_CODECS = ("h264", "vp8", "vp9", "av1")
AUDIO_CODECS = ("aac", "mp3", "opus", "vorbis", "flac", "pcm_s16le")
PIXEL_FORMATS = ("yuv420p", "yuvj420p")


@dataclass(frozen=True)
class Playable:
    """What a page needs to know of a video: its type for the browser, its length in seconds (NaN where unknown), and frames per second."""

    media_type: str
    length_s: float
    frame_rate_hz: float


def check_playable(path: Path) -> Playable:
    """Read a video's header. Raises InputError for a video that some browser cannot play, with its codec and what to do."""
    regular_file(path, "give a video file")
    try:
        opened = open_to_read(path)
    except av.FFmpegError as error:
        raise InputError(f"{path}: is not a video ({error.strerror}); give a video file") from None
    with opened as container:
        names = container.format.name.split(",")
        media_type = next((CONTAINERS[name] for name in names if name in CONTAINERS), "")
        if "matroska" in names and path.suffix.lower() != ".webm":
            media_type = ""
        if not container.streams.video:
            raise InputError(f"{path}: has no pictures; give a video")
        stream = container.streams.video[0]
        sound = container.streams.audio[0].codec_context.codec.canonical_name if container.streams.audio else ""
        pixels, codec = stream.codec_context.pix_fmt or "", stream.codec_context.codec.canonical_name
        length = container.duration / 1e6 if container.duration else math.nan
        rate = float(stream.average_rate or 0)
    problem = _problem(codec, pixels, sound) if media_type else f"the container {names[0]}"
    if problem:
        raise InputError(
            f"{path}: browsers cannot play {problem}; make a copy with `seqfer study transcode {path.name}`, or use MP4 with H.264 and AAC"
        )
    return Playable(media_type, length, rate)


def _problem(codec: str, pixels: str, sound: str) -> str:
    if codec not in VIDEO_CODECS:
        return f"the video codec {codec}"
    if pixels not in PIXEL_FORMATS:
        return f"the pixel format {pixels} of {codec}"
    return f"the audio codec {sound}" if sound and sound not in AUDIO_CODECS else ""
