"""Reads CARMA exports: one axis, means over bins of which `Second` is the END (1 is the mean over [0, 1)).

Source: Girard, CARMA: Software for Continuous Affect Rating and Media Annotation, Journal of Open Research Software 2(1), 2014, and the
files it writes. Three generations: 2014 a flat table with the constants on each row; 2015 to 2019 two columns of settings, then
`Second,Rating` and a row of `%%%%%%`; since 2020 the same below a first row about the session.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

from seqfer.core.errors import InputError
from seqfer.traces.binned import starts_of
from seqfer.traces.cells import Row, columns_of, film_name, number_reader, read_text, rows_of
from seqfer.traces.dialects import delimiter_of
from seqfer.traces.request import Request
from seqfer.traces.scaling import check_range, scaled
from seqfer.traces.trace import Trace, rate_of

ABOUT = "CARMA export"
PRIORITY = 40

MARK = "%%%%%%"
LOWEST, HIGHEST = "minimum value", "maximum value"
_HEADER = re.compile(r'second"?\s*[,;\t]\s*"?rating', re.IGNORECASE)
MOST_SETTINGS = 200  # rows above the ratings; a table that starts later is not from CARMA


def recognise(head: str) -> bool:
    """Whether the beginning of a file is a CARMA export's: `Second` and `Rating` in neighbouring cells, or CARMA's settings."""
    if any(_HEADER.search(line) for line in head.splitlines()[:MOST_SETTINGS]):
        return True
    names = [line.lower().lstrip('"') for line in head.splitlines()[:MOST_SETTINGS]]
    return all(any(name.startswith(setting) for name in names) for setting in (LOWEST, HIGHEST))


def read(path: Path, request: Request) -> tuple[Trace, ...]:
    """The one trace of a file; it has one axis, so `axis` is ignored. `value_range` is used where the file states none.

    Raises InputError for a file without its header, range or rows, and for invalid times and values.
    """
    text, value_range = read_text(path), request.value_range
    delimiter = delimiter_of(_table_line(path, text))
    read_number = number_reader(delimiter)
    rows = rows_of(path, text, delimiter)
    settings: dict[str, str] = {}
    for row in islice(rows, MOST_SETTINGS):
        names = [name.lower() for name in row.names]
        if "second" in names and "rating" in names:
            break
        settings.setdefault(
            names[0], ",".join(row.cells[1:]).strip(",")
        )  # a video's name may contain commas without quotes
    else:
        raise _headless(path)
    ratings: Iterator[Row] = (row.straight(len(names)) for row in rows if row.at(0) != MARK)
    if LOWEST in names:
        ratings, settings = _constants(ratings, names)
    table = columns_of(path, ratings, (names.index("second"), names.index("rating")), read_number)
    if LOWEST in settings and HIGHEST in settings:
        ends = (read_number(path, row.line, settings[name]) for name in (LOWEST, HIGHEST))
        value_range, stated = check_range(path, *ends), True
    elif value_range is not None:
        stated = False
    else:
        raise InputError(f"{path}: no rows `Minimum Value` and `Maximum Value`; give the range of the values")
    starts = starts_of(path, table.lines, table.values[0])
    return (
        Trace(
            name=path.stem,
            start_s=starts,
            end_s=table.values[0],
            values=scaled(path, table.lines, table.values[1], value_range, stated=stated),
            film=film_name(settings.get("multimedia file") or settings.get("filename") or ""),
            rate_hz=rate_of(starts),
            range=value_range,
            source=str(path),
        ),
    )


def _table_line(path: Path, text: str) -> str:
    for line in islice(text.splitlines(), MOST_SETTINGS):
        if _HEADER.search(line):
            return line
    raise _headless(path)


def _headless(path: Path) -> InputError:
    return InputError(f"{path}: no header `Second,Rating`; export the annotation again, with its header")


def _constants(rows: Iterator[Row], names: list[str]) -> tuple[Iterator[Row], dict[str, str]]:
    """The rows of a flat table, and the settings in its first row."""
    first = list(islice(rows, 1))
    return chain(first, rows), {name: row.at(place) for row in first for place, name in enumerate(names)}
