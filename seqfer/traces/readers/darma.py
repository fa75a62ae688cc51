"""Reads DARMA exports: two axes of a joystick and a button, means over bins of which `Second` is the END.

Source: Girard & Wright, DARMA: Software for dual axis rating and media annotation, Behavior Research Methods 50, 2018, and the files it
writes: rows of settings, of which `Magnitude` says that both axes run from -magnitude to it; `Second`, the axes' labels, `Button`; a row
of `%%%%%%`; then the bins, 0.25 to 4 s wide. Its own axes are Communion and Agency, so the axis of valence must be given.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from seqfer.core.errors import InputError
from seqfer.traces.axes import choose_axis
from seqfer.traces.binned import starts_of
from seqfer.traces.cells import columns_of, film_name, number_reader, read_text, rows_of
from seqfer.traces.dialects import delimiter_of
from seqfer.traces.request import Request
from seqfer.traces.scaling import check_range, scaled
from seqfer.traces.trace import Trace, rate_of

ABOUT = "DARMA export"
PRIORITY = 30

MARK = "%%%%%%"
BUTTONS = ("button", "b")
MOST_SETTINGS = 200


def recognise(head: str) -> bool:
    """Whether the beginning of a file has DARMA's setting `Magnitude` or its four columns."""
    lines = [line.lower().replace('"', "") for line in head.splitlines()[:MOST_SETTINGS]]
    if any(line.startswith("magnitude") for line in lines):
        return True
    cells = [[cell.strip() for cell in line.split(delimiter_of(line))] for line in lines]
    return any(len(row) == 4 and row[0] == "second" and row[3] in BUTTONS for row in cells)


def read(path: Path, request: Request) -> tuple[Trace, ...]:
    """The trace of one axis: `axis` by its label, or `x` or `y`; without one, the axis that is called valence.

    `value_range` is used where the file states no magnitude. Raises InputError for a file without its header, magnitude or rows, for an
    axis it does not have, and for invalid times and values.
    """
    text, value_range = read_text(path), request.value_range
    delimiter = delimiter_of(next((line for line in text.splitlines() if "second" in line.lower()), ""))
    read_number = number_reader(delimiter)
    rows = rows_of(path, text, delimiter)
    settings: dict[str, tuple[int, str]] = {}
    for row in islice(rows, MOST_SETTINGS):
        first = row.at(0).lower()
        if first == "second":
            header = row
            break
        settings[first] = row.line, row.at(1)
    else:
        raise InputError(f"{path}: no header `Second,X,Y,Button`; export the annotation again, with its header")
    x, y = (*header.names, "", "")[1:3]
    labels = (x or "X", y or "Y")
    place = _place(path, request.axis, labels)
    table = columns_of(path, (row for row in rows if row.at(0) != MARK), (0, place), read_number)
    stated = "magnitude" in settings
    if stated:
        magnitude = read_number(path, *settings["magnitude"])
        value_range = check_range(f"{path}: Magnitude", -magnitude, magnitude)
    elif value_range is None:
        raise InputError(f"{path}: no row `Magnitude`; give the range of the values")
    starts = starts_of(path, table.lines, table.values[0])
    label = labels[place - 1]
    return (
        Trace(
            name=label,
            start_s=starts,
            end_s=table.values[0],
            values=scaled(path, table.lines, table.values[1], value_range, stated=stated, what=label),
            film=film_name(settings.get("multimedia file", (0, ""))[1]),
            rate_hz=rate_of(starts),
            range=value_range,
            source=str(path),
        ),
    )


def _place(path: Path, axis: str | None, labels: tuple[str, str]) -> int:
    """The column of the axis: 1 or 2. `x` and `y` are the first and second, whatever their labels."""
    named = [label.lower() for label in labels]
    if axis is not None and axis.lower() in ("x", "y") and axis.lower() not in named:
        return 1 + ("x", "y").index(axis.lower())
    return 1 + choose_axis(path, axis, labels)
