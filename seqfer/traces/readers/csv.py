"""Reads plain tables: a header, a column of times, and a column per trace, separated by comma, semicolon or tab.

Without a column of ends the values are samples at points in time, with one (`end_s`) means over bins, as `write_csv` writes them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from seqfer.core.errors import InputError
from seqfer.traces.axes import VALENCE, choose_axis
from seqfer.traces.cells import check_times, columns_of, delimiter_of, first_cells, number_reader, read_text, rows_of
from seqfer.traces.scaling import UNIT, scaled
from seqfer.traces.trace import Trace, rate_of

ABOUT = "table with a column time_s"
PRIORITY = 80

TIMES = {  # name of the column -> seconds per unit
    **dict.fromkeys(
        ("time_s", "start_s", "time", "timestamp", "t", "second", "seconds", "time (s)", "time [s]", "sec"), 1.0
    ),
    **dict.fromkeys(("time_ms", "start_ms", "timestamp_ms", "milliseconds", "ms", "time (ms)", "time [ms]"), 1e-3),
}
ENDS = {"end_s": 1.0, "end": 1.0, "end_ms": 1e-3}


def recognise(head: str) -> bool:
    """Whether the first row names a column of times and another one."""
    names = first_cells(head)
    return len(names) > 1 and any(name in TIMES for name in names)


def read(path: Path, axis: str | None, value_range: tuple[float, float] | None) -> tuple[Trace, ...]:
    """The column called `axis`; without one, the one called valence, or else a trace of each column.

    Raises InputError for a table without a column of times, an axis it does not have, no rows, and invalid times and values.
    """
    text = read_text(path).lstrip("\r\n")
    delimiter = delimiter_of(text.partition("\n")[0])
    rows = rows_of(path, text, delimiter)
    header = next(rows, None)
    names = list(header.names) if header else []
    lower = [name.lower() for name in names]
    time = next((place for place, name in enumerate(lower) if name in TIMES), None)
    if time is None:
        raise InputError(f"{path}: no column of times; the header must name one, such as `time_s`, and one of values")
    end = next((place for place, name in enumerate(lower) if name in ENDS), None)
    others = [place for place in range(len(names)) if place not in (time, end)]
    if axis is not None or VALENCE in (lower[place] for place in others):
        others = [others[choose_axis(path, axis, [names[place] for place in others])]]
    if not others:
        raise InputError(f"{path}: no column of values beside {names[time]!r}; give one per trace")
    table = columns_of(path, rows, [*others, time, *([end] if end is not None else [])], number_reader(delimiter))
    starts = table.values[len(others)] * TIMES[lower[time]]
    check_times(path, table.lines, starts, doubled=end is None)
    ends = starts if end is None else table.values[-1] * ENDS[lower[end]]
    if end is not None and not (ends > starts).all():
        first = int(np.flatnonzero(~(ends > starts))[0])
        raise InputError(f"{path}:{table.lines[first]}: a bin must end after it starts, at {starts[first]:g} s")
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
