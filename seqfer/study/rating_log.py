"""The log of one attempt at rating one video: samples as CSV and events as JSON lines, both only ever appended to.

`attempt-1.csv` has `time_s` (time of the video) and a column per axis. Where a rater went back, later rows repeat earlier times: the later ones
count. `attempt-1.events.jsonl` has one object per line: `event`, `time_s`, `clock` (UTC) and details. What a killed process left of a line is
ignored when the log is read, and removed when it is continued.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqfer.core.csv_text import csv_text, decimal_cell
from seqfer.core.errors import InputError
from seqfer.core.files import unwritable_error, where_supported
from seqfer.core.input_files import read_text
from seqfer.core.numbers import decimal_number

EVENTS_SUFFIX = ".events.jsonl"
MOST_BYTES = 500_000_000  # a day at 60 Hz is 150 MB
Row = Sequence[float]


class AppendedFile:
    """A file of lines that is only appended to. A write that fails leaves no part of a line. Raises InputError where the disk refuses."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
            self.size = _end_of_last_line(self._file)
            os.ftruncate(self._file, self.size)
            os.lseek(self._file, self.size, os.SEEK_SET)
        except OSError as error:
            raise unwritable_error(path, error) from None

    def append(self, text: str) -> None:
        """Write whole lines."""
        rest = memoryview(text.encode())
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self.size)
                os.lseek(self._file, self.size, os.SEEK_SET)
            raise unwritable_error(self.path, error, "the ratings before are saved") from None
        self.size += len(text.encode())

    def sync(self) -> None:
        """Have the disk keep what was written; nothing is left to do once the file is closed."""
        if self._file < 0:
            return
        try:
            with where_supported():
                os.fsync(self._file)
        except OSError as error:
            raise unwritable_error(self.path, error) from None

    def close(self) -> None:
        """Close the file; may be called again."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


class RatingLog:
    """Appends to the log of one attempt. Raises InputError where the disk refuses; then nothing of that call is in the log."""

    def __init__(self, path: Path, axes: Sequence[str]) -> None:
        self.path = path
        self._samples = AppendedFile(path)
        self._events = AppendedFile(events_path(path))
        if not self._samples.size:
            self._samples.append(csv_text([["time_s", *axes]]))

    def append(self, rows: Iterable[Row]) -> None:
        """Samples: the time in seconds of the video, then a value per axis; NaN is an empty cell."""
        cells = [[decimal_cell(value) for value in row] for row in rows]
        if cells:
            self._samples.append(csv_text(cells))

    def event(self, name: str, time_s: float, **details: Any) -> None:
        """Something that happened at a time of the video, such as a pause."""
        line = {"event": name, "time_s": round(time_s, 6), "clock": datetime.now(UTC).isoformat(), **details}
        self._events.append(json.dumps(line, ensure_ascii=False) + "\n")

    def sync(self) -> None:
        """Have the disk keep everything appended so far."""
        self._samples.sync()
        self._events.sync()

    def close(self) -> None:
        """Close both files."""
        self._samples.close()
        self._events.close()


def events_path(path: Path) -> Path:
    """The file of events beside a log of samples."""
    return path.with_suffix(EVENTS_SUFFIX)


def read_samples(path: Path) -> tuple[tuple[str, ...], NDArray[np.float64], NDArray[np.float64]]:
    """The axes, the times in seconds (n,) in order, and the values (n, axis) of a log; NaN where a cell is empty.

    A row whose time is not after the row before replaces all rows from that time on. Raises InputError with file and line for a damaged log.
    """
    lines = _whole_lines(path)
    header = lines[0].split(",") if lines else []
    if header[:1] != ["time_s"] or len(header) < 2:
        raise InputError(f"{path}:1: not a log of ratings, which begins with `time_s` and its axes; give attempt-N.csv")
    table = np.array([_numbers(path, number, line, len(header)) for number, line in enumerate(lines[1:], 2)])
    table = table.reshape(-1, len(header))
    # from the end: a row counts if it is before every row that follows it
    following = np.minimum.accumulate(np.append(table[:, 0], np.inf)[::-1])[::-1][1:]
    kept = table[table[:, 0] < following]
    return tuple(header[1:]), kept[:, 0], kept[:, 1:]


def read_events(path: Path) -> list[dict[str, Any]]:
    """The events of the log whose samples are at `path`, oldest first; none where there is no file. Raises InputError for a damaged line."""
    file = events_path(path)
    if not file.exists():
        return []
    found = []
    for number, line in enumerate(_whole_lines(file), 1):
        try:
            event = json.loads(line)
        except ValueError:
            event = None
        if not isinstance(event, dict) or not isinstance(event.get("event"), str):
            raise InputError(f"{file}:{number}: not an event of a rating session; remove this line")
        found.append(event)
    return found


def _whole_lines(path: Path) -> list[str]:
    """The lines that end with a line break; a last one without is what a killed process left."""
    return read_text(path, "give a log that `seqfer rate` wrote", MOST_BYTES).split("\n")[:-1]


def _numbers(path: Path, number: int, line: str, count: int) -> list[float]:
    values = [np.nan if cell == "" else decimal_number(cell) for cell in line.rstrip("\r").split(",")]
    if len(values) != count or None in values or values[0] is None or np.isnan(values[0]):
        raise InputError(f"{path}:{number}: {line[:60]!r} is not a time and {count - 1} values; remove this line")
    return [float(value) for value in values if value is not None]


def _end_of_last_line(file: int) -> int:
    """The size of a file up to its last line break."""
    size = os.lseek(file, 0, os.SEEK_END)
    while size:
        start = max(0, size - 65536)
        os.lseek(file, start, os.SEEK_SET)
        found = os.read(file, size - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        size = start
    return 0
