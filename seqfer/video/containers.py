"""Opens and creates video files with FFmpeg by their path alone: a name is never taken for an address, and nothing is fetched from a network.

FFmpeg reads `2024-03-05T14:30.mp4` as an address with the protocol `2024-03-05T14`, and a playlist may name files elsewhere. So files are given
as `file:` with their absolute path, and `file` is the only protocol that FFmpeg may use.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import av

_FILES_ONLY = {"protocol_whitelist": "file"}
# PyAV before version 19 raises an error for a title that is not UTF-8 unless told otherwise; version 19 has no such argument.
_LENIENT: dict[str, Any] = {"metadata_errors": "replace"} if int(av.__version__.partition(".")[0]) < 19 else {}


def open_to_read(path: Path) -> av.container.InputContainer:
    """The container of a video or sound file. Raises av.FFmpegError for what FFmpeg cannot open."""
    result: av.container.InputContainer = av.open(_address(path), "r", container_options=dict(_FILES_ONLY), **_LENIENT)
    return result


def open_to_write(path: Path, container_format: str, options: dict[str, str]) -> av.container.OutputContainer:
    """A new file of FFmpeg's `container_format` ("mp4"). Raises av.FFmpegError or OSError where it cannot be created."""
    return av.open(_address(path), "w", format=container_format, options=options)


def _address(path: Path) -> str:
    return f"file:{os.path.abspath(path)}"
