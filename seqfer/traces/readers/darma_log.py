"""Reads raw logs of DARMA: `time,x,y,button` without a header, samples of the joystick, of which neither the labels nor the magnitude are stated.

Source: the files that DARMA (Girard & Wright 2018) saves beside its exports, one sample per reading of the joystick.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np

from seqfer.core.errors import InputError
from seqfer.traces.axes import choose_axis
from seqfer.traces.cells import (
    check_times,
    columns_of,
    first_cells,
    is_number,
    number_reader,
    read_text,
    rows_of,
    with_decimal_comma,
)
from seqfer.traces.dialects import delimiter_of
from seqfer.traces.request import Request
from seqfer.traces.scaling import scaled
from seqfer.traces.trace import STEP_S, Trace, rate_of

ABOUT = "DARMA raw log (time, x, y, button)"
PRIORITY = 85

LABELS = ("X", "Y")
LOOKED_AT = 3  # first rows; times that are multiples of the first one are ends of bins, of an export without its header


def recognise(head: str) -> bool:
    """Whether the first rows have four numbers, the last one 0 or 1, at times that are not ends of equal bins."""
    lines = [line for line in islice(head.splitlines(), 100) if line.strip()][:LOOKED_AT]
    rows = [first_cells(line) for line in lines]
    if not rows or any(len(row) != 4 or not all(map(is_number, row)) or _number(row[3]) not in (0, 1) for row in rows):
        return False
    times = [_number(row[0]) for row in rows]
    return not (times[0] > STEP_S and bool((np.abs(np.diff(times, prepend=0.0) - times[0]) <= STEP_S).all()))


def _number(cell: str) -> float:
    """The number that `is_number` has found in a cell."""
    return with_decimal_comma(Path(), 0, cell.strip())


def read(path: Path, request: Request) -> tuple[Trace, ...]:
    """The trace of the axis `x` or `y`. Raises InputError where axis or range are not given, and for invalid times and values."""
    text = read_text(path)
    if not recognise(text):
        raise InputError(f"{path}: no rows `time,x,y,button` of numbers; give the log of DARMA as it was saved")
    if request.axis is None:
        raise InputError(f"{path}: a log of DARMA does not say which axis is valence; give --axis x or --axis y")
    place = choose_axis(path, request.axis, LABELS)
    if request.value_range is None:
        raise InputError(
            f"{path}: a log of DARMA does not state its magnitude; give the range, as in --range=-1000,1000"
        )
    delimiter = delimiter_of(next(line for line in text.splitlines() if line.strip()))
    table = columns_of(path, rows_of(path, text, delimiter), (0, 1 + place), number_reader(delimiter))
    times = table.values[0]
    check_times(path, table.lines, times, doubled=True)
    values = scaled(path, table.lines, table.values[1], request.value_range, stated=False, what=LABELS[place])
    return (Trace(path.stem, times, times, values, "", rate_of(times), request.value_range, str(path)),)
