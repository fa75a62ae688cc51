"""The videos that raters rate, under the names that the results have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from seqfer.core.errors import InputError
from seqfer.core.input_files import regular_file
from seqfer.core.one_line import plain_text
from seqfer.study.settings import RatingSettings

LONGEST_NAME = 60
_KEPT = "-_. "


@dataclass(frozen=True)
class RatedVideo:
    """A video to rate: the `name` under which its ratings are stored, and its file."""

    name: str
    path: Path


@dataclass(frozen=True)
class RatingPlan:
    """What a server of ratings needs: the videos, the settings, the folder of the results, and the raters where they are fixed (else any name is
    taken)."""

    videos: tuple[RatedVideo, ...]
    settings: RatingSettings
    out: Path
    raters: tuple[str, ...] = ()
    title: str = ""

    def video(self, name: str) -> RatedVideo:
        """The video of a name. Raises InputError for another one."""
        for video in self.videos:
            if video.name == name:
                return video
        raise InputError(f"no video is called {plain_text(name)!r}; allowed: {', '.join(v.name for v in self.videos)}")


def videos_of(paths: Iterable[Path]) -> tuple[RatedVideo, ...]:
    """The videos at these paths, named by their files without extension. Raises InputError for a file that is not there, and for equal names."""
    found = tuple(RatedVideo(path.stem, path) for path in paths)
    for video in found:
        regular_file(video.path, "give a video file")
    _refuse_equal("videos", (video.name for video in found))
    if not found:
        raise InputError("no videos to rate; give at least one file")
    return found


def raters_of(names: Iterable[str]) -> tuple[str, ...]:
    """The raters of these names. Raises InputError for a name that cannot be a file's, and for equal names."""
    found = tuple(rater_file_name(name) for name in names)
    _refuse_equal("raters", found)
    return found


def _refuse_equal(what: str, names: Iterable[str]) -> None:
    twice = [name for name, count in Counter(name.casefold() for name in names).items() if count > 1]
    if twice:
        raise InputError(f"two {what} are called {twice[0]!r}, and their ratings would be mixed; rename one of them")


def rater_file_name(rater: str) -> str:
    """A rater's name as a file's: letters, digits, `-`, `_`, `.` and spaces. Raises InputError for a name that has others, is empty or too long."""
    name = " ".join(rater.split())
    fits = 0 < len(name) <= LONGEST_NAME and all(letter.isalnum() or letter in _KEPT for letter in name)
    if not fits or name.startswith(".") or name.endswith("."):
        shown = plain_text(name[:LONGEST_NAME])
        raise InputError(
            f"{shown!r} cannot be a rater's name; use 1 to {LONGEST_NAME} letters, digits, spaces, `-`, `_` and `.` (not first or last)"
        )
    return name
