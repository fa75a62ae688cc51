"""Reads tables of text into rows of cells and columns of numbers, with the line in every error message; used by all annotation tables.

Encodings, workbooks and comments are those of `dialects`. Decimal commas are read where the comma does not separate cells, minus signs also as
U+2212 or a dash, and times also as clocks (`0:05`, `00:00:05.000`) and as dates (`2024-05-31 10:00:05.2`).
"""

from __future__ import annotations

import csv
import io
import math
import re
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PureWindowsPath

import numpy as np
from numpy.typing import NDArray

from seqfer.core.csv_text import cell_text
from seqfer.core.errors import InputError
from seqfer.core.input_files import regular_file
from seqfer.core.numbers import decimal_number
from seqfer.traces.dialects import WORKBOOK, delimiter_of, text_of
from seqfer.traces.trace import STEP_S

MISSING = frozenset({"", "nan", "na", "n/a", "null", "none", "-"})  # in lower case
MOST_COLUMNS = 10_000  # a study has a column per rater
LARGEST = 1e15  # larger ratings are invalid, and sums of them overflow
LARGEST_TIME = 1e19  # nanoseconds since 1970 are 2e18
_DATE = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?", re.ASCII)
_DASHES = str.maketrans(
    dict.fromkeys("\u2212\u2012\u2013\u2014\ufe63\uff0d", "-")
)  # minus signs and dashes of word processors and statistics programs
_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,3}):(\d{1,2}(?:[.,]\d*)?)", re.ASCII)


@dataclass(frozen=True)
class Row:
    """One row of a table: the line of the file it ends on, from 1, and its unchanged cells."""

    line: int
    cells: tuple[str, ...]

    def at(self, place: int) -> str:
        """The cell at an index, stripped; "" where the row is shorter."""
        return cell_text(self.cells[place]).strip() if place < len(self.cells) else ""

    def straight(self, width: int) -> Row:
        """The row with its surplus first cells joined: they are a video's unquoted name with commas, in a table of `width` columns."""
        extra = len(self.cells) - width
        if extra <= 0 or not any(self.cells[width:]):
            return self
        return Row(self.line, (",".join(self.cells[: extra + 1]), *self.cells[extra + 1 :]))

    @property
    def names(self) -> tuple[str, ...]:
        """The cells of a header with each run of white space as one blank, so that a message that lists them is one line."""
        return tuple(" ".join(cell_text(cell).split()) for cell in self.cells)


@dataclass(frozen=True, eq=False)
class Columns:
    """Numbers of a table: `lines` (row,) is the line of each row in the file, `values` (column, row) is NaN where a cell is empty, `by_clock` whether
    a cell was a clock or a date, so that times are seconds."""

    lines: NDArray[np.int64]
    values: NDArray[np.float64]
    by_clock: bool = False


def read_text(path: Path) -> str:
    """A whole file as plain text. Raises InputError when it cannot be read."""
    return _read(path, -1)


def read_head(path: Path, most: int) -> str:
    """The first `most` bytes of a file as plain text; of a workbook all. Raises InputError when it cannot be read."""
    return _read(path, most)


def _read(path: Path, most: int) -> str:
    try:
        regular_file(path, "give a file")
        with open(path, "rb") as file:
            content = file.read(most)
            if content.startswith(WORKBOOK):
                content += file.read()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{path}: cannot be read ({reason}); check the path and that the copy is whole") from None
    return text_of(path, content)


def first_cells(head: str, delimiter: str = "") -> list[str]:
    """The cells of the first line that is not empty, in lower case; empty where it is not a row of a table."""
    line = next(iter(head.lstrip().splitlines()), "")
    try:
        cells = next(csv.reader([line], delimiter=delimiter or delimiter_of(line)), [])
    except csv.Error:
        return []
    return [cell.strip().lower() for cell in cells]


def rows_of(path: Path, lines: str | Iterable[str], delimiter: str) -> Iterator[Row]:
    """All rows but empty ones. Raises InputError where the quotes of a file are not valid CSV."""
    reader = csv.reader(io.StringIO(lines, newline="") if isinstance(lines, str) else lines, delimiter=delimiter)
    try:
        for cells in reader:
            if len(cells) > MOST_COLUMNS:
                raise InputError(f"{path}:{reader.line_num}: {len(cells)} columns; at most {MOST_COLUMNS} are read")
            if any(cell.strip() for cell in cells):
                yield Row(reader.line_num, tuple(cells))
    except csv.Error as error:
        raise InputError(
            f"{path}:{reader.line_num}: not a row of a table ({error}); export the annotation again"
        ) from None


def number(path: Path, line: int, cell: str, decimal_comma: bool = False) -> float:
    """A cell as a number, NaN where it is empty or a word for missing. Raises InputError with the line for anything else."""
    if cell.lower() in MISSING:
        return math.nan
    plain = cell.translate(_DASHES).strip()
    plain = plain.replace(",", ".") if decimal_comma else plain
    value = decimal_number(plain)
    if value is None or abs(value) > LARGEST:
        raise InputError(
            f"{path}:{line}: {cell!r} is not a number; give one, or leave the cell empty where nothing was rated"
        )
    return value


def columns_of(
    path: Path,
    rows: Iterable[Row],
    places: Sequence[int],
    read: Callable[[Path, int, str], float] = number,
    clocks: Collection[int] = (),
) -> Columns:
    """The columns at `places` as numbers; `read` converts (path, line, cell), those at `clocks` may also be clocks.

    Raises InputError where there is no row or a cell is no number.
    """
    lines, values, by_clock = array("q"), [array("d") for _ in places], False
    for row in rows:
        lines.append(row.line)
        for place, column in zip(places, values):
            cell = row.at(place)
            seconds = clock_s(cell) if place in clocks else None
            by_clock = by_clock or seconds is not None
            if seconds is None:
                seconds = _large_time(cell) if place in clocks else None
            column.append(read(path, row.line, cell) if seconds is None else seconds)
    if not lines:
        raise InputError(f"{path}: no rows; the export has a header only, so export the annotation again")
    return Columns(
        np.array(lines, dtype=np.int64), np.array(values, dtype=np.float64).reshape(len(places), -1), by_clock
    )


def _large_time(cell: str) -> float | None:
    """A time that is larger than any rating, such as one in nanoseconds since 1970; None for anything else."""
    value = decimal_number(cell) or 0.0
    return value if LARGEST < value <= LARGEST_TIME else None


def clock_s(cell: str) -> float | None:
    """Seconds of a clock, `M:SS`, `H:MM:SS` or `H:MM:SS.fff`, or since 1970 of a date with a time, as in ISO 8601; None for anything else."""
    if _DATE.fullmatch(cell):
        return _date_s(cell)
    found = _CLOCK.fullmatch(cell)
    if found is None or float(found[3].replace(",", ".")) >= 60 or (found[1] and int(found[2]) >= 60):
        return None
    return int(found[1] or 0) * 3600 + int(found[2]) * 60 + float(found[3].replace(",", "."))


def _date_s(cell: str) -> float | None:
    """Seconds since 1970, UTC where no time zone is stated; None where the month or hour does not exist."""
    try:
        moment = datetime.fromisoformat(cell.replace(",", "."))
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


def is_number(cell: str) -> bool:
    """Whether a cell is a finite number, with a point or a comma."""
    try:
        return math.isfinite(with_decimal_comma(Path(), 0, cell.strip()))
    except InputError:
        return False


def with_decimal_comma(path: Path, line: int, cell: str) -> float:
    """`number`, for files whose cells are not separated by commas."""
    return number(path, line, cell, decimal_comma=True)


def number_reader(delimiter: str) -> Callable[[Path, int, str], float]:
    """The function that reads numbers in a table with this delimiter."""
    return number if delimiter == "," else with_decimal_comma


def check_times(path: Path, lines: NDArray[np.int64], times_s: NDArray[np.float64], *, doubled: bool) -> None:
    """Raises InputError with the line where a time is missing, decreases or, unless `doubled` is true, repeats."""
    missing = np.flatnonzero(np.isnan(times_s))
    if missing.size:
        raise InputError(f"{path}:{lines[missing[0]]}: no time; every row needs one, in seconds")
    steps = np.diff(times_s)
    wrong = np.flatnonzero(steps < 0 if doubled else steps <= STEP_S)
    if wrong.size:
        at = wrong[0] + 1
        how = "is there twice" if abs(steps[at - 1]) <= STEP_S else f"comes after {times_s[at - 1]:g} s"
        raise InputError(f"{path}:{lines[at]}: {times_s[at]:g} s {how}; times must ascend, so give one rating per file")


def film_name(path_or_address: str) -> str:
    """The file name of a path of any operating system: raters have one video in different folders."""
    return PureWindowsPath(path_or_address.strip()).name
