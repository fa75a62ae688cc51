"""Reads plain tables: a header, a column of times, and a column per trace, separated by comma, semicolon, tab or vertical bar.

Without a column of ends the values are samples at points in time, with one (`end_s`) means over bins, as `write_csv` writes them. Times are
seconds, milliseconds where the column's name or the distance of the times says so, or clocks (`0:05`, `00:00:05.000`).
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqfer.core.errors import InputError
from seqfer.traces.axes import choose_columns
from seqfer.traces.cells import check_times, clock_s, columns_of, first_cells, number_reader, read_text, rows_of
from seqfer.traces.dialects import delimiter_of
from seqfer.traces.scaling import UNIT, scaled
from seqfer.traces.times import end_unit, first_of, plausible_unit, time_unit
from seqfer.traces.trace import Trace, rate_of

ABOUT = "table with a column time_s"
PRIORITY = 80


def recognise(head: str) -> bool:
    """Whether the first row names a column of times and another one."""
    names = first_cells(head)
    return len(names) > 1 and any(time_unit(name) is not None for name in names)


def read(path: Path, axis: str | None, value_range: tuple[float, float] | None) -> tuple[Trace, ...]:
    """The columns called `axis`; without one, the column that is named valence, or is the only rating, or the columns of several raters.

    Raises InputError for a table without a column of times, an axis it does not have, columns of which none or several may be valence, no rows,
    and invalid times and values.
    """
    text = read_text(path)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = delimiter_of(first)
    rows = rows_of(path, text, delimiter)
    header = next(rows, None)
    names = list(header.names) if header else []
    units = [time_unit(name) for name in names]
    time = first_of(units)
    if time is None:
        raise InputError(f"{path}: no column of times; the header must name one, such as `time_s`, and one of values")
    end = first_of([end_unit(name) for name in names])
    others = [place for place in range(len(names)) if place not in (time, end)]
    if not others:
        raise InputError(f"{path}: no column of values beside {names[time]!r}; give one per trace")
    others = [others[place] for place in choose_columns(path, axis, [names[place] for place in others])]
    clocks = [time] if end is None else [time, end]
    table_rows = list(rows)
    table = columns_of(path, table_rows, [*others, *clocks], number_reader(delimiter), clocks)
    by_clock = any(clock_s(row.at(time)) is not None for row in table_rows)
    starts, ends = table.values[len(others)], table.values[-1]
    stated = 1.0 if by_clock else units[time]
    unit = plausible_unit(starts) if stated is None or math.isnan(stated) else stated
    starts = starts * unit
    check_times(path, table.lines, starts, doubled=end is None)
    ends = starts if end is None else ends * (1.0 if by_clock else _end_unit(names[end], unit))
    _check_ends(path, table.lines, starts, ends, bins=end is not None)
    bounds = value_range or UNIT
    return tuple(
        Trace(
            names[place] or f"column {place + 1}",
            starts,
            ends,
            scaled(path, table.lines, values, bounds, stated=False, what=names[place]),
            "",
            rate_of(starts),
            bounds,
            str(path),
        )
        for place, values in zip(others, table.values)
    )


def _end_unit(name: str, unit: float) -> float:
    """The unit of the ends: that which their name states, else that of the starts."""
    own = end_unit(name)
    return unit if own is None or math.isnan(own) else own


def _check_ends(
    path: Path, lines: NDArray[np.int64], starts: NDArray[np.float64], ends: NDArray[np.float64], *, bins: bool
) -> None:
    wrong = np.flatnonzero(~(ends > starts))
    if bins and wrong.size:
        raise InputError(f"{path}:{lines[wrong[0]]}: a bin must end after it starts, at {starts[wrong[0]]:g} s")
