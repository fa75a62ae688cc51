"""Reads any annotation file, recognised by its content and not by its name, as traces in [-1, 1]."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PureWindowsPath
from types import MappingProxyType

from seqfer.core import registry
from seqfer.core.errors import InputError, SettingsError
from seqfer.traces.cells import LARGEST, read_head
from seqfer.traces.request import AUTO, Request, Video, seconds_per_unit
from seqfer.traces.scaling import check_range
from seqfer.traces.trace import Trace

READERS = "traces.readers"
MANY_VIDEOS = ("pagan",)  # kinds with files of several videos, each named in its rows
RUN = "run"  # the kind that reads folders
HEAD_BYTES = 65_536  # enough for every preamble
UNKNOWN_VIDEO = Video()
_Range = tuple[float, float]


@dataclass(frozen=True)
class TraceFormat:
    """One kind of annotation files: its description, the test of a file's beginning, and the reader."""

    about: str
    recognise: Callable[[str], bool]
    read: Callable[[Path, Request], tuple[Trace, ...]]


@cache
def kinds() -> Mapping[str, TraceFormat]:
    """All readers by name, in the order in which they are tried: by `PRIORITY`, lowest first.

    A reader is a module of `seqfer/traces/readers/` with

    - `ABOUT`, one line about the files that it reads;
    - `PRIORITY`, from 0 (files with a mark of their own) to 99 (accepts what no other reader does);
    - `recognise(head)`, whether the beginning of a file is of this kind;
    - `read(path, request)`, the traces of a file; raises InputError, with the line where there is one. `request` is a
      `seqfer.traces.request.Request`; what a kind states itself is never taken from it.

    To add a kind, add one file.
    """
    modules = registry.find_all(READERS)
    in_order = sorted(modules, key=lambda name: (modules[name].PRIORITY, name))
    formats = {name: TraceFormat(modules[name].ABOUT, modules[name].recognise, modules[name].read) for name in in_order}
    return MappingProxyType(formats)


def read_traces(
    path: Path | str,
    *,
    kind: str = AUTO,
    axis: str | None = None,
    value_range: _Range | None = None,
    time_unit: str = AUTO,
    video: Video = UNKNOWN_VIDEO,
) -> tuple[Trace, ...]:
    """The traces of a file, or of a folder of `seqfer annotate-video`; several where it has several faces, tiers or columns.

    `kind` is one of `kinds()`, or `auto`. `axis` names the axis, column or tier that is valence; kinds that have one axis only (CARMA,
    samples, run) ignore it. `value_range` is the range of the values in files that do not state one; without it they must
    be in [-1, 1]. `time_unit` is the unit of the times of tables (`s`, `ms`, `us`, `ns`, `min`, `25fps`); with `auto` it is found from the column's
    name and, where `video` gives it, the video's length. What a reader decided is in the traces' `notes`.
    Raises SettingsError for an unknown kind, InputError for a file that cannot be used, with its line where there is one.
    """
    path = Path(path)
    if kind != AUTO and kind not in kinds():
        raise SettingsError(f"unknown kind of trace {kind!r}; allowed: {AUTO}, {', '.join(kinds())}")
    if time_unit != AUTO and math.isnan(seconds_per_unit(time_unit)):
        raise SettingsError(
            f"unknown unit of time {time_unit!r}; allowed: auto, s, ms, us, ns, min, or a frame rate such as 25fps"
        )
    if value_range is not None:
        check_range("value range", *value_range)
    if path.is_dir() and kind not in (AUTO, RUN):
        raise InputError(f"{path}: is a folder, and {kind} is a file; give the file")
    name = kind if kind != AUTO else RUN if path.is_dir() else recognise(path)
    return _of_video(kinds()[name].read(path, Request(axis, value_range, time_unit, video)), video)


def films_in(path: Path) -> tuple[str, ...]:
    """The names of the videos in a file of several raters and videos; empty for a file of any other kind, or one that cannot be read."""
    try:
        if recognise(path) not in MANY_VIDEOS:
            return ()
        return tuple(dict.fromkeys(trace.film for trace in read_traces(path, value_range=(-LARGEST, LARGEST))))
    except InputError:
        return ()


def _of_video(traces: tuple[Trace, ...], video: Video) -> tuple[Trace, ...]:
    """The traces of the video that is asked for, where a file has several videos and this one is among them; else all."""
    if len({trace.film for trace in traces}) < 2:
        return traces
    wanted = video_key(video.name)
    return tuple(trace for trace in traces if video_key(trace.film) == wanted) or traces


def video_key(name: str) -> str:
    """What the names of one video have in common on any computer: its stem without the folders and without case."""
    return PureWindowsPath(name.strip()).stem.casefold()


def recognise(path: Path) -> str:
    """The format of a file, one of `kinds()`. Raises InputError when it cannot be read or has none of them."""
    head = read_head(path, HEAD_BYTES)
    if not head.strip():
        raise InputError(f"{path}: empty; export the annotation again")
    if "\0" not in head:
        found = next((name for name, kind in kinds().items() if kind.recognise(head)), None)
        if found:
            return found
    known = "; ".join(f"{name}: {kind.about}" for name, kind in kinds().items())
    raise InputError(f"{path}: no annotation of a known kind, or its header is missing; known are {known}")
