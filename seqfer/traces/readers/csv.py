"""Reads plain tables: a header, a column of times, and a column per trace, separated by comma, semicolon, tab or vertical bar.

Without a column of ends the values are samples at points in time, with one (`end_s`) means over bins, as `write_csv` writes them. The unit of the
times is found by `traces/times.py`; clocks (`0:05`, `00:00:05.000`) and dates are read too.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqfer.core.errors import InputError
from seqfer.traces.axes import choose_columns
from seqfer.traces.cells import check_times, columns_of, first_cells, number_reader, read_text, rows_of
from seqfer.traces.dialects import delimiter_of
from seqfer.traces.request import Request
from seqfer.traces.scaling import UNIT, scaled
from seqfer.traces.times import Scale, end_unit, first_of, scale_of, time_column, time_unit
from seqfer.traces.trace import Trace, rate_of

ABOUT = "table with a column time_s"
PRIORITY = 80


def recognise(head: str) -> bool:
    """Whether the first row names a column of times, or of frame numbers, and another one."""
    names = first_cells(head)
    return len(names) > 1 and time_column(names) is not None


def read(path: Path, request: Request) -> tuple[Trace, ...]:
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
    time = time_column(names)
    if time is None:
        raise InputError(f"{path}: no column of times; the header must name one, such as `time_s`, and one of values")
    end = first_of([end_unit(name) for name in names])
    others = [place for place in range(len(names)) if place not in (time, end)]
    if not others:
        raise InputError(f"{path}: no column of values beside {names[time]!r}; give one per trace")
    others = [others[place] for place in choose_columns(path, request.axis, [names[place] for place in others])]
    clocks = [time] if end is None else [time, end]
    table = columns_of(path, rows, [*others, *clocks], number_reader(delimiter), clocks)
    scale = scale_of(path, names[time], table.values[len(others)], request, clocks=table.by_clock)
    starts = scale.seconds(table.values[len(others)])
    check_times(path, table.lines, starts, doubled=end is None)
    ends = starts if end is None else _ends(names[time], names[end], scale, table.values[-1])
    _check_ends(path, table.lines, starts, ends, bins=end is not None)
    bounds = request.value_range or UNIT
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
            scale.notes,
        )
        for place, values in zip(others, table.values)
    )


def _ends(start: str, end: str, scale: Scale, ends: NDArray[np.float64]) -> NDArray[np.float64]:
    """The ends in seconds: in the unit of the starts, unless the name of the ends states another than that of the starts."""
    own, of_starts = end_unit(end), time_unit(start)
    differs = (
        own is not None
        and not math.isnan(own)
        and of_starts is not None
        and not math.isnan(of_starts)
        and own != of_starts
    )
    return ends * own if own is not None and differs else scale.seconds(ends)


def _check_ends(
    path: Path, lines: NDArray[np.int64], starts: NDArray[np.float64], ends: NDArray[np.float64], *, bins: bool
) -> None:
    wrong = np.flatnonzero(~(ends > starts))
    if bins and wrong.size:
        raise InputError(f"{path}:{lines[wrong[0]]}: a bin must end after it starts, at {starts[wrong[0]]:g} s")
