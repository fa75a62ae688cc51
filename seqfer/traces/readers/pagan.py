"""Reads logs of PAGAN: a row per change of a rating, of any number of videos and participants in one table.

Source: Melhart, Liapis & Yannakakis, PAGAN: Video Affect Annotation Made Easy, ACII 2019, and the tables that its project page writes:
`OriginalName,DatabaseName,Participant,SessionID,Timestamp,VideoTime,Value`, or `Timestamp,VideoTime,Value` in its test mode. `OriginalName` is the
video's name and its length in seconds (`clip.mp4 - 62.5`), without quotes; `Timestamp` is in milliseconds since 1970, `VideoTime` in milliseconds of
the video. A value lasts until the next one. The last row of a finished session has the value 0, which is no rating and only ends the last value.

The table does not say which of PAGAN's tools was used. Values beyond 100 are RankTrace's, which has no bounds: each session is divided by its largest
magnitude, so that its start stays 0. Other values are read as GTrace's, -100 to 100. Values that are all 1 or -1 are labels of BTrace, of which each
says that the rating goes up or down, not where it is; they are read only where a range is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqfer.core.errors import InputError
from seqfer.traces.cells import Columns, Row, check_times, columns_of, first_cells, number_reader, read_text, rows_of
from seqfer.traces.dialects import delimiter_of
from seqfer.traces.request import Request, Video
from seqfer.traces.scaling import scaled
from seqfer.traces.times import scale_of
from seqfer.traces.trace import Trace, step_of

ABOUT = "PAGAN log of several raters and videos"
PRIORITY = 28

COLUMNS = ("timestamp", "videotime", "value")
GTRACE = (-100.0, 100.0)
_NAME = re.compile(r"(.*) - (\d+(?:\.\d+)?|NaN|Infinity|undefined)", re.ASCII)

_Floats = NDArray[np.float64]
_Range = tuple[float, float]


def recognise(head: str) -> bool:
    """Whether the first row names a timestamp, the time of the video and a value."""
    return set(COLUMNS) <= set(first_cells(head))


def read(path: Path, request: Request) -> tuple[Trace, ...]:
    """A trace of bins per video, participant and session, in order of the file, named by the participant; `axis` is ignored.

    Raises InputError for a table without its columns, labels of BTrace without a range, and invalid times and values.
    """
    text = read_text(path)
    delimiter = delimiter_of(next((line for line in text.splitlines() if line.strip()), ""))
    rows = rows_of(path, text, delimiter)
    header = next(rows, Row(0, ()))
    places = {name.lower(): place for place, name in enumerate(header.names)}
    if missing := [name for name in COLUMNS if name not in places]:
        raise InputError(
            f"{path}: no column {missing[0]}; download the project's log from PAGAN again, with its header"
        )
    keys = [places.get(name, len(places)) for name in ("originalname", "participant", "sessionid")]
    found: list[tuple[str, ...]] = []

    def noted() -> Iterator[Row]:
        """The rows; appends the video, participant and session of each to a list."""
        for row in rows:
            straight = row.straight(len(header.cells))
            found.append(tuple(straight.at(place) for place in keys))
            yield straight

    table = columns_of(path, noted(), [places[name] for name in COLUMNS], number_reader(delimiter))
    sessions: dict[tuple[str, ...], list[int]] = {}
    for index, key in enumerate(found):
        sessions.setdefault(key, []).append(index)
    bounds = request.value_range or _bounds(path, table.values[2])
    names = _names(path, list(sessions))
    traces = (
        _trace(path, name, key[0], _part(table, own), bounds, request)
        for name, (key, own) in zip(names, sessions.items(), strict=True)
    )
    return tuple(traces)


def _bounds(path: Path, values: _Floats) -> _Range | None:
    """The range of GTrace; None for RankTrace, which has none. Raises InputError for labels of BTrace."""
    sizes = np.abs(values[~np.isnan(values)])
    if sizes.max(initial=0.0) > GTRACE[1]:
        return None
    if sizes.any() and (sizes[sizes > 0] == 1).all():
        raise InputError(
            f"{path}: all values are 1, -1 or 0, PAGAN's labels of up and down, which are no ratings; "
            "to take each as the rating until the next one, give the range, as in --range=-1,1"
        )
    return GTRACE


def _names(path: Path, keys: list[tuple[str, ...]]) -> list[str]:
    """The participant of each session, with the session's name where one has several of a video."""
    of = [(film, participant) for film, participant, _ in keys]
    return [
        " ".join(part for part in (participant, session if of.count((film, participant)) > 1 else "") if part)
        or path.stem
        for film, participant, session in keys
    ]


def _part(table: Columns, own: list[int]) -> Columns:
    """The rows of one session in the order in which they were made; requests to the server may arrive in another."""
    at = np.array(own)[np.argsort(table.values[0, own], kind="stable")]
    return Columns(table.lines[at], table.values[:, at])


def _trace(path: Path, name: str, original: str, table: Columns, bounds: _Range | None, request: Request) -> Trace:
    film, length_s = _film(original)
    lines, (times, values), notes = _longest(name, table)
    scale = scale_of(path, "VideoTime (ms)", times, replace(request, video=Video(film, length_s)))
    times = scale.seconds(times)
    check_times(path, lines, times, doubled=True)
    last = np.append(np.diff(times) > 0, True)  # of several values at one time the last one counts
    lines, times, values = lines[last], times[last], values[last]
    if len(times) > 1 and values[-1] == 0:
        starts, ends, lines, values = times[:-1], times[1:], lines[:-1], values[:-1]
    else:  # the session was broken off
        step_s = step_of(times)
        starts, ends = times, np.append(times[1:], times[-1] + (1.0 if np.isnan(step_s) else step_s))
    low, high = bounds or _own_range(values)
    if request.value_range is None:
        notes.append(_read_as(name, low, high, unbounded=bounds is None))
    return Trace(
        name,
        starts,
        ends,
        scaled(path, lines, values, (low, high), stated=False, what="Value"),
        film,
        range=(low, high),
        source=str(path),
        notes=(*notes, *scale.notes),
        length_s=length_s,
    )


def _own_range(values: _Floats) -> _Range:
    largest = float(np.abs(values[~np.isnan(values)]).max(initial=0.0)) or 1.0
    return -largest, largest


def _read_as(name: str, low: float, high: float, *, unbounded: bool) -> str:
    if unbounded:
        return (
            f"PAGAN: values of {name} have no bounds (RankTrace) and are divided by {high:g}, their largest magnitude"
        )
    return f"PAGAN: the table does not say which tool was used; values are read as GTrace's, {low:g} to {high:g}; for others give --range"


def _longest(name: str, table: Columns) -> tuple[NDArray[np.int64], _Floats, list[str]]:
    """(lines, times and values, notes) of the pass through the video that goes furthest, where a page was loaded again."""
    times = table.values[1]
    starts = np.flatnonzero(np.append(True, np.diff(times) < 0))
    passes = np.split(np.arange(len(times)), starts[1:])
    own = max(passes, key=lambda places: (times[places[-1]], len(places)))
    several = f"PAGAN: {name} began the video {len(passes)} times; the pass that goes furthest is used"
    return table.lines[own], table.values[1:][:, own], [several] if len(passes) > 1 else []


def _film(original: str) -> tuple[str, float]:
    """The video's name, and its length in seconds, NaN where the player did not know it."""
    found = _NAME.fullmatch(original)
    if found is None:
        return original, float("nan")
    return found[1], float(found[2]) if found[2][0].isdigit() else float("nan")
