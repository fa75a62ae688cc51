"""Reads FaceReader detailed logs: tab-separated, a preamble, then a row per frame with times HH:MM:SS.mmm; valence in [-1, 1].

Source: Noldus FaceReader reference manual, chapter on exported logs. `FIND_FAILED` (no face found) and `FIT_FAILED` (no model fitted)
replace the values where nothing was measured.
"""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path

from seqfer.core.errors import InputError
from seqfer.traces.axes import choose_axis
from seqfer.traces.cells import check_times, columns_of, film_name, read_text, rows_of, with_decimal_comma
from seqfer.traces.request import Request
from seqfer.traces.scaling import UNIT, scaled
from seqfer.traces.trace import Trace, rate_of

ABOUT = "FaceReader detailed log"
PRIORITY = 50

TIME = "video time"
FAILED = {"find_failed", "fit_failed", "unknown"}
MOST_PREAMBLE = 200  # rows
_CLOCK = re.compile(r"(\d{1,4}):(\d\d):(\d\d(?:[.,]\d*)?)", re.ASCII)
_FILM_NAMES = ("filename", "file name", "video", "video file", "source")


def recognise(head: str) -> bool:
    """Whether one of the first rows begins with `Video Time` and a tab."""
    return any(line.lstrip('\ufeff"').lower().startswith(TIME) and "\t" in line for line in head.splitlines())


def read(path: Path, request: Request) -> tuple[Trace, ...]:
    """The trace of one column, by default `Valence`.

    Raises InputError for a log without its header, a column it does not have, no rows, and invalid times and values.
    """
    rows = rows_of(path, read_text(path), "\t")
    film = ""
    for row in islice(rows, MOST_PREAMBLE):
        if row.at(0).lower() == TIME:
            labels = row.names[1:]
            break
        if row.at(0).rstrip(":").lower() in _FILM_NAMES:
            film = film_name(row.at(1))
    else:
        raise InputError(
            f"{path}: no header that begins with `Video Time`; export the detailed log again, with its header"
        )
    place = choose_axis(path, request.axis, labels)
    table = columns_of(path, rows, (0, 1 + place), _number)
    times = table.values[0]
    check_times(path, table.lines, times, doubled=False)
    values = scaled(path, table.lines, table.values[1], request.value_range or UNIT, stated=False, what=labels[place])
    return (Trace(labels[place], times, times, values, film, rate_of(times), request.value_range or UNIT, str(path)),)


def _number(path: Path, line: int, cell: str) -> float:
    """A number, a time as seconds, or NaN where FaceReader failed."""
    if cell.lower() in FAILED:
        return float("nan")
    clock = _CLOCK.fullmatch(cell)
    if clock is None:
        return with_decimal_comma(path, line, cell)
    return int(clock[1]) * 3600 + int(clock[2]) * 60 + float(clock[3].replace(",", "."))
