"""The further files of an annotated video, one plug-in each in `formats/`, found by file name.

A plug-in is a module with

- `FILE`, the name of the file it writes, such as `annotation.vtt`;
- `ABOUT`, one line that says what the file is for;
- `NEEDS_VIDEO_FILE`, True where it reads the video again, which a camera does not allow;
- `write(path, video)`, which writes the file for an `AnnotatedVideo` atomically, and raises InputError where it cannot.

To add a format, add one file; `--format NAME` and its help find it. This module imports neither torch nor NumPy.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from seqfer.core import registry
from seqfer.core.errors import SettingsError
from seqfer.core.records import FaceRow

KIND = "film.output.formats"
OVERLAY = "overlay"  # the format of the option --overlay


@dataclass(frozen=True)
class AnnotatedVideo:
    """The input of a format. `rows` are in the order of the frames and can be read once.

    `source` is the video as it was given (a path or `camera:0`), `name` its name as it is shown. `zero_s` is the container's time that players
    show as 0:00. `start_s` and `end_s` are the requested span, None for everything; `folder_fps` is the rate of a folder of pictures, 0 for stills.
    `turned_deg` is the clockwise turn of the pictures beside the one that the file states.
    `created` is the time of the annotation, ISO 8601 with a time zone.
    """

    rows: Iterable[FaceRow]
    classes: tuple[str, ...]
    source: str
    name: str = ""
    has_valence: bool = True
    zero_s: float = 0.0
    start_s: float | None = None
    end_s: float | None = None
    folder_fps: float = 0.0
    turned_deg: int = 0
    created: str | None = None

    def __post_init__(self) -> None:
        if not math.isfinite(self.zero_s):
            raise SettingsError(f"zero_s is {self.zero_s}; allowed: a number of seconds")


class Format(Protocol):
    """The interface of a plug-in."""

    FILE: str
    ABOUT: str
    NEEDS_VIDEO_FILE: bool

    def write(self, path: Path, video: AnnotatedVideo) -> None:
        """Write the file. Raises InputError."""


def format_names() -> tuple[str, ...]:
    """The names of all formats, sorted. Imports none of them."""
    return registry.names(KIND)


def find_format(name: str) -> Format:
    """The plug-in. Raises SettingsError that lists the allowed names."""
    check_format(name)
    return cast(Format, registry.find(KIND, name))


def check_format(name: str) -> None:
    """Raises SettingsError for a name without a plug-in. Imports no plug-in."""
    if name not in format_names():
        raise SettingsError(f"unknown format {name!r}; allowed: {', '.join(format_names())}")


def file_name(name: str) -> str:
    """The name of the file that a format writes."""
    return find_format(name).FILE


def write_file(name: str, path: Path, video: AnnotatedVideo) -> None:
    """Write the file of a format. Raises InputError where it cannot be written, or the video cannot be read."""
    find_format(name).write(path, video)
