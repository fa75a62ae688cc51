"""Opens and creates video files with FFmpeg by their path alone: a name is never taken for an address, and nothing is fetched from a network.

FFmpeg reads `2024-03-05T14:30.mp4` as an address with the protocol `2024-03-05T14`, and a playlist may name files elsewhere. So files are given
as `file:` with their absolute path, `file` is the only protocol that FFmpeg may use, and the formats that name other files (playlists, DASH, session
descriptions, lists to join, patterns of picture names) and devices are not read at all: a video is one file.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import av

from seqfer.video.picture_size import MOST_FRAME_PIXELS, most_pixels

# FFmpeg's names of formats that open other files, run scripts, listen to a network, or are devices.
REFERRING = frozenset(
    (
        *(
            "hls",
            "dash",
            "concat",
            "imf",
            "webm_dash_manifest",
            "vobsub",
            "image2",
            "sdp",
            "rtsp",
            "rtp",
            "sap",
            "mpjpeg",
        ),
        *("avisynth", "vapoursynth", "lavfi", "alsa", "fbdev", "kmsgrab", "oss", "pulse", "jack", "openal", "sndio"),
        *("video4linux2", "v4l2", "x11grab", "xcbgrab", "gdigrab", "dshow", "vfwcap", "avfoundation", "android_camera"),
        *("decklink", "iec61883", "libdc1394", "libcdio", "bktr"),
    )
)
_FILES_ONLY = {
    "protocol_whitelist": "file",
    "format_whitelist": ",".join(sorted(name for name in av.formats_available if not REFERRING & set(name.split(",")))),
}
# PyAV before version 19 raises an error for a title that is not UTF-8 unless told otherwise; version 19 has no such argument.
_LENIENT: dict[str, Any] = {"metadata_errors": "replace"} if int(av.__version__.partition(".")[0]) < 19 else {}


def open_to_read(path: Path) -> av.container.InputContainer:
    """The container of a video or sound file. Raises av.FFmpegError for what FFmpeg cannot open or may not read."""
    limits = {"max_pixels": str(most_pixels(MOST_FRAME_PIXELS))}  # for decoders that FFmpeg starts to learn the size
    result: av.container.InputContainer = av.open(
        _address(path), "r", options=limits, container_options=dict(_FILES_ONLY), **_LENIENT
    )
    return result


def open_to_write(path: Path, container_format: str, options: dict[str, str]) -> av.container.OutputContainer:
    """A new file of FFmpeg's `container_format` ("mp4"). Raises av.FFmpegError or OSError where it cannot be created."""
    return av.open(_address(path), "w", format=container_format, options=options)


def _address(path: Path) -> str:
    return f"file:{os.path.abspath(path)}"
