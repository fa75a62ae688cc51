"""Reads ELAN's tab-delimited exports: a row per annotation, tier, participant, begin, end, duration and text, separated by tabs, without a header.

Source: ELAN manual, "Exporting a document to a tab-delimited text file". Which of the columns are there, and whether times are
clocks (`00:00:05.000`), seconds or whole milliseconds, is a choice of the export, so it is found from the first row. Annotations without a length
are samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from seqfer.core.errors import InputError
from seqfer.traces.axes import choose_tiers
from seqfer.traces.cells import Row, check_times, clock_s, columns_of, is_number, read_text, rows_of, with_decimal_comma
from seqfer.traces.request import Request
from seqfer.traces.scaling import UNIT, scaled
from seqfer.traces.trace import Trace, rate_of

ABOUT = "ELAN tab-delimited export"
PRIORITY = 70

LEAST_CELLS = 4  # tier, begin, end, text


def recognise(head: str) -> bool:
    """Whether the first row is a tier's name, two times and a number, separated by tabs, or the header of such a table."""
    line = next((line for line in head.splitlines() if line.strip()), "")
    row = Row(1, tuple(line.split("\t")))
    return _is_header(row) or _places(row) is not None


def read(path: Path, request: Request) -> tuple[Trace, ...]:
    """The tiers called `axis`; without one, all tiers of numbers but those of a known other meaning.

    Raises InputError for a table without these columns, a tier it does not have, and invalid times and values.
    """
    rows = list(rows_of(path, read_text(path), "\t"))
    if rows and _is_header(rows[0]):
        rows = rows[1:]
    places = next((found for found in map(_places, rows) if found), None)
    if places is None:
        raise InputError(f"{path}: no row `tier, begin, end, number` separated by tabs; export the tiers again")
    begin, _, text = places
    tiers: dict[str, list[Row]] = {}
    for row in rows:
        tiers.setdefault(row.at(0), []).append(row)
    if request.axis is None and not any(_numbers(own, text) for own in tiers.values()):
        raise InputError(f"{path}: no tier of numbers; it has {', '.join(tiers)}")
    there = list(tiers) if request.axis is not None else [name for name, own in tiers.items() if _numbers(own, text)]
    chosen = [there[place] for place in choose_tiers(path, request.axis, there)]
    first = next(row for row in rows if _places(row))
    milliseconds = clock_s(first.at(begin)) is None and not any(
        "." in row.at(begin) or "," in row.at(begin) for row in rows
    )
    return tuple(
        _trace(path, name, tiers[name], places, 1e-3 if milliseconds else 1.0, request.value_range or UNIT)
        for name in chosen
    )


def _trace(
    path: Path, name: str, rows: Sequence[Row], places: tuple[int, int, int], unit: float, bounds: tuple[float, float]
) -> Trace:
    table = columns_of(path, rows, places, with_decimal_comma, places[:2])
    order = np.argsort(table.values[0], kind="stable")
    lines, (starts, ends, values) = table.lines[order], table.values[:, order]
    starts, ends = starts * unit, ends * unit
    check_times(path, lines, starts, doubled=False)
    wrong = np.flatnonzero(~(ends >= starts))
    if wrong.size:
        raise InputError(f"{path}:{lines[wrong[0]]}: an annotation must end after it begins, at {starts[wrong[0]]:g} s")
    values = scaled(path, lines, values, bounds, stated=False, what=name)
    return Trace(name, starts, ends, values, "", rate_of(starts), bounds, str(path))


def _places(row: Row) -> tuple[int, int, int] | None:
    """The places of begin, end and text; None for a row of another form."""
    cells = [row.at(place) for place in range(len(row.cells))]
    if len(cells) < LEAST_CELLS or not cells[0] or is_number(cells[0]) or clock_s(cells[0]) is not None:
        return None
    clocks = [place for place, cell in enumerate(cells) if clock_s(cell) is not None]
    numbers = [place for place, cell in enumerate(cells) if is_number(cell)]
    times = clocks if len(clocks) >= 2 else numbers[:-1]
    after = [place for place in numbers if len(times) >= 2 and place > times[1]]
    if len(times) < 2 or not after or times[0] > 2 or any(cells[place] for place in range(2, times[0])):
        return None
    return times[0], times[1], after[-1]


def _is_header(row: Row) -> bool:
    names = [name.lower() for name in row.names]
    return names[:1] == ["tier"] and any(name.startswith("begin time") for name in names)


def _numbers(rows: Sequence[Row], text: int) -> bool:
    """Whether all texts of a tier are numbers or empty, and at least one is a number."""
    texts = [row.at(text) for row in rows]
    return all(is_number(cell) or not cell for cell in texts) and any(map(is_number, texts))
