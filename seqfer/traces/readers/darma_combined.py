"""Reads DARMA's combined exports: the bins of several raters below each other, with file, video, magnitude and labels on each row.

Source: Girard & Wright, DARMA: Software for dual axis rating and media annotation, Behavior Research Methods 50, 2018: the review window saves
the files that it shows as one table `AnnotationFile,MultimediaFile,Magnitude,XLabel,YLabel,Second,X,Y,Button`; `Second` is the end of a bin.
"""

from __future__ import annotations

from pathlib import Path, PureWindowsPath

from seqfer.core.errors import InputError
from seqfer.traces.axes import choose_axis
from seqfer.traces.binned import starts_of
from seqfer.traces.cells import Row, columns_of, film_name, first_cells, number_reader, read_text, rows_of
from seqfer.traces.dialects import delimiter_of
from seqfer.traces.request import Request
from seqfer.traces.scaling import check_range, scaled
from seqfer.traces.trace import Trace, rate_of

ABOUT = "DARMA combined export of several raters"
PRIORITY = 25

COLUMNS = ("annotationfile", "multimediafile", "magnitude", "xlabel", "ylabel", "second", "x", "y")


def recognise(head: str) -> bool:
    """Whether the first row names the columns of a combined export."""
    return set(COLUMNS) <= set(first_cells(head))


def read(path: Path, request: Request) -> tuple[Trace, ...]:
    """A trace per rater of one axis: `axis` by its label, or `x` or `y`; without one, the axis that is called valence. `value_range` is ignored.

    Raises InputError for a table without its columns, an axis that a rater's file does not have, and invalid times and values.
    """
    text = read_text(path)
    delimiter = delimiter_of(next((line for line in text.splitlines() if line.strip()), ""))
    rows = rows_of(path, text, delimiter)
    header = next(rows, Row(0, ()))
    places = {name.lower(): place for place, name in enumerate(header.names)}
    if missing := [name for name in COLUMNS if name not in places]:
        raise InputError(f"{path}: no column {missing[0]}; export the combined annotations again, with the header")
    raters: dict[str, list[Row]] = {}
    for row in rows:
        raters.setdefault(row.at(places["annotationfile"]), []).append(row)
    if not raters:
        raise InputError(f"{path}: no rows; the export has a header only, so export the annotation again")
    return tuple(_trace(path, name, own, places, request.axis, delimiter) for name, own in raters.items())


def _trace(path: Path, name: str, rows: list[Row], places: dict[str, int], axis: str | None, delimiter: str) -> Trace:
    first, read_number = rows[0], number_reader(delimiter)
    labels = [first.at(places[key]) or key[0].upper() for key in ("xlabel", "ylabel")]
    if axis is not None and axis.strip().lower() in ("x", "y"):
        value = axis.strip().lower()
    else:
        value = ("x", "y")[choose_axis(path, axis, labels)]
    magnitude = read_number(path, first.line, first.at(places["magnitude"]))
    bounds = check_range(f"{path}: Magnitude", -magnitude, magnitude)
    table = columns_of(path, rows, (places["second"], places[value]), read_number)
    ends = table.values[0]
    starts = starts_of(path, table.lines, ends)
    values = scaled(path, table.lines, table.values[1], bounds, stated=True, what=value)
    film = film_name(first.at(places["multimediafile"]))
    return Trace(
        PureWindowsPath(name).stem or path.stem, starts, ends, values, film, rate_of(starts), bounds, str(path)
    )
