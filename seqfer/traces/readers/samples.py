"""Reads headerless logs of raw samples, `time,value`, which CARMA leaves after an error: irregular times, some of them repeated."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np

from seqfer.core.errors import InputError
from seqfer.traces.cells import (
    check_times,
    clock_s,
    columns_of,
    first_cells,
    is_number,
    number_reader,
    read_text,
    rows_of,
)
from seqfer.traces.dialects import delimiter_of
from seqfer.traces.request import Request
from seqfer.traces.scaling import UNIT, scaled
from seqfer.traces.times import scale_of
from seqfer.traces.trace import STEP_S, Trace, rate_of

ABOUT = "headerless log of time and value"
PRIORITY = 90

LEAST_BINS = 3  # number of equally spaced times, starting with one step, that are taken as ends of bins; two such times may be chance


def recognise(head: str) -> bool:
    """Whether the first row has two numbers and nothing else."""
    cells = first_cells(head)
    return len(cells) == 2 and _is_time(cells[0]) and is_number(cells[1])


def read(path: Path, request: Request) -> tuple[Trace, ...]:
    """The one trace of a log: samples at points in time, repeated times kept; `axis` is ignored.

    Raises InputError for equally spaced times that start with one step, such as 1, 2, 3: those are ends of bins, of an export without its
    header; and for invalid times and values.
    """
    text = read_text(path).lstrip()
    delimiter = delimiter_of(next(islice(text.splitlines(), 1), ""))
    table = columns_of(path, rows_of(path, text, delimiter), (0, 1), number_reader(delimiter), (0,))
    scale = scale_of(path, "", table.values[0], request, clocks=table.by_clock)
    times = scale.seconds(table.values[0])
    check_times(path, table.lines, times, doubled=True)
    steps = np.diff(times, prepend=0.0)
    if len(times) >= LEAST_BINS and times[0] > STEP_S and (np.abs(steps - times[0]) <= STEP_S).all():
        raise InputError(
            f"{path}: an export without its header: {times[0]:g}, {times[1]:g}, ... may be ends of bins; export it again, with its header"
        )
    values = scaled(path, table.lines, table.values[1], request.value_range or UNIT, stated=False)
    bounds = request.value_range or UNIT
    return (Trace(path.stem, times, times, values, "", rate_of(times), bounds, str(path), scale.notes),)


def _is_time(cell: str) -> bool:
    return is_number(cell) or clock_s(cell) is not None
