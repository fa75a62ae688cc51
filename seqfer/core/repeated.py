"""Messages that repeat over many videos, each said once with a count."""

from __future__ import annotations

import re
from collections.abc import Iterable

NAMED = 3  # videos that a line names; the others are counted
_VARYING = re.compile(r"'[^']*'|\([^()]*\)|\S*[/\\\d]\S*")  # quoted names, what is in brackets, numbers, paths
_LEADING_NAME = re.compile(r"^[^:]+: ")


def counted(lines: Iterable[tuple[str, str]], total: int, what: str = "") -> list[str]:
    """(video, message) as lines: "a: message", or "12 of 40 videos (a, b, c and 9 more): message" where several of `total` videos have one message.

    Messages that differ only in numbers, names or paths are one; the line says whose is shown. `what` stands after the videos, such as
    " could not be compared".
    """
    groups: dict[str, list[tuple[str, str]]] = {}
    for video, message in lines:
        groups.setdefault(_pattern(message), []).append((video, message))
    said = []
    for group in groups.values():
        videos = list(dict.fromkeys(video for video, _ in group))
        if len(videos) == 1:
            said += [f"{video}{what}: {message}" for video, message in group]
            continue
        more = len(videos) - NAMED
        names = ", ".join(videos[:NAMED]) + (f" and {more} more" if more > 0 else "")
        first, message = group[0]
        example = f", for example {first}" if len({text for _, text in group}) > 1 else ""
        said.append(f"{len(videos)} of {total} videos ({names}){what}{example}: {message}")
    return said


def _pattern(message: str) -> str:
    """A message without what differs between videos."""
    plain = _VARYING.sub("#", _LEADING_NAME.sub("# ", message, count=1))
    return re.sub(r"(\w+ #)( \1)+", r"\1", plain)
