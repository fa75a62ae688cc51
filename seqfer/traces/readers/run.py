"""Reads the tables of `seqfer annotate-video`: `frames.csv` (valence of each face at the frames' times) or `valence_1hz.csv` (means of seconds).

A trace per face, named `face 1`. Times are those that a player shows: where the container's times start later than 0, by `summary.json`, that
start is subtracted. Tables are read row by row; memory is 16 bytes per row and face.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from seqfer.core.errors import InputError
from seqfer.core.input_files import read_json
from seqfer.runs.names import FRAMES_CSV, SECONDS_CSV, SUMMARY_JSON
from seqfer.traces.axes import VALENCE
from seqfer.traces.cells import Row, number, rows_of
from seqfer.traces.faces import face_trace
from seqfer.traces.request import Request, Video
from seqfer.traces.trace import Trace

ABOUT = "folder of annotate-video"
PRIORITY = 20

_FRAME_COLUMNS, _SECOND_COLUMNS = ("frame", "time_s", "shot", "face"), ("second", "face", "valence")


def recognise(head: str) -> bool:
    """Whether the first row is that of one of the two tables."""
    names = tuple(head.partition("\n")[0].strip().split(","))
    return names[:4] == _FRAME_COLUMNS or names[:3] == _SECOND_COLUMNS


def read(path: Path, request: Request) -> tuple[Trace, ...]:
    """A trace per face of a folder or of one of its tables, in order of faces; they have valence in [-1, 1], so `axis` and
    `value_range` are ignored.

    Raises InputError for a folder without these tables, one without valence, and tables that are damaged.
    """
    if not path.is_dir():
        return _read_table(path)
    frames, seconds = path / FRAMES_CSV, path / SECONDS_CSV
    if frames.is_file() and VALENCE in _header(frames):
        return _read_table(frames)
    if seconds.is_file():
        return _read_table(seconds)
    if frames.is_file():
        raise InputError(f"{frames}: no column valence; annotate the video again, with valence")
    raise InputError(
        f"{path}: no {FRAMES_CSV} or {SECONDS_CSV}; give a folder that `seqfer annotate-video` wrote, or a file"
    )


def _read_table(path: Path) -> tuple[Trace, ...]:
    names = _header(path)
    by_seconds = names[:3] == _SECOND_COLUMNS
    if VALENCE not in names or not (by_seconds or names[:4] == _FRAME_COLUMNS):
        raise InputError(f"{path}: no columns of time, face and valence; annotate the video again, with valence")
    video, zero_s = _video(path.parent / SUMMARY_JSON)
    faces = _faces(path, [names.index(name) for name in ("face", "second" if by_seconds else "time_s", VALENCE)])
    if not faces:
        raise InputError(f"{path}: no row with a face, so there is no valence; choose another video")
    return tuple(
        face_trace(face, times, valences, video, zero_s=zero_s, seconds=by_seconds, source=str(path))
        for face, (times, valences) in sorted(faces.items())
    )


def _faces(path: Path, places: list[int]) -> dict[int, tuple[array[float], array[float]]]:
    """Times and valences per face, from the columns face, time and valence."""
    faces: dict[int, tuple[array[float], array[float]]] = {}
    for row in _rows(path):
        if not row.at(places[0]):
            continue  # a frame without a face
        face, time, value = (number(path, row.line, row.at(place)) for place in places)
        if not math.isfinite(face + time) or abs(value) > 1:
            raise InputError(
                f"{path}:{row.line}: face {face:g} at {time:g} s with valence {value:g} is invalid; annotate the video again"
            )
        times, valences = faces.setdefault(int(face), (array("d"), array("d")))
        times.append(time)
        valences.append(value)
    return faces


def _rows(path: Path) -> Iterator[Row]:
    """The rows below the header, one at a time. Raises InputError when the table cannot be read."""
    try:
        with open(path, encoding="utf-8", newline="") as file:
            yield from islice(rows_of(path, file, ","), 1, None)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error}); annotate the video again") from None


def _header(path: Path) -> tuple[str, ...]:
    try:
        with open(path, encoding="utf-8") as file:
            return tuple(file.readline().strip().split(","))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error}); annotate the video again") from None


def _video(path: Path) -> tuple[Video, float]:
    """The video of a table by the `summary.json` beside it, and the container's time that a player shows as 0:00; unknown without that file."""
    try:
        film = read_json(path, "annotate the video again")["film"]
        length_s, rate_hz = (float(film.get(name) or math.nan) for name in ("duration_s", "frame_rate_hz"))
        return Video(str(film["name"]), length_s, rate_hz), float(film.get("zero_s") or 0.0)
    except (InputError, ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return Video(), 0.0
