"""Reads tables of text into rows of cells and columns of numbers, with the line in every error message; used by all annotation tables.

Byte order marks, CRLF, Windows code pages and quoted cells are supported. Decimal commas are read where the comma does not separate cells.
"""

from __future__ import annotations

import csv
import io
import math
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

import numpy as np
from numpy.typing import NDArray

from seqfer.core.errors import InputError
from seqfer.traces.trace import STEP_S

MISSING = frozenset({"", "nan", "na", "n/a", "null", "none", "-"})  # in lower case
LARGEST = 1e15  # larger times and ratings are invalid, and sums of them overflow
DELIMITERS = (",", ";", "\t")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True)
class Row:
    """One row of a table: the line of the file it ends on, from 1, and its unchanged cells."""

    line: int
    cells: tuple[str, ...]

    def at(self, place: int) -> str:
        """The cell at an index, stripped; "" where the row is shorter."""
        return self.cells[place].strip() if place < len(self.cells) else ""

    @property
    def names(self) -> tuple[str, ...]:
        """The cells of a header with each run of white space as one blank, so that a message that lists them is one line."""
        return tuple(" ".join(cell.split()) for cell in self.cells)


@dataclass(frozen=True, eq=False)
class Columns:
    """Numbers of a table: `lines` (row,) is the line of each row in the file, `values` (column, row) is NaN where a cell is empty."""

    lines: NDArray[np.int64]
    values: NDArray[np.float64]


def decode(content: bytes) -> str:
    """Bytes as text: by the byte order mark, else UTF-8, else Windows-1252, which can decode every file."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def read_text(path: Path) -> str:
    """A whole file as text. Raises InputError when it cannot be read."""
    try:
        return decode(path.read_bytes())
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); check the path and that the copy is whole"
        ) from None


def delimiter_of(line: str) -> str:
    """The delimiter of a line: the most frequent of comma, semicolon and tab, outside of quotes."""
    bare = "".join(line.split('"')[::2])
    return max(DELIMITERS, key=bare.count)


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
    try:
        value = float(cell.replace(",", ".") if decimal_comma else cell)
    except ValueError:
        value = math.inf
    if abs(value) > LARGEST:
        raise InputError(
            f"{path}:{line}: {cell!r} is not a number; give one, or leave the cell empty where nothing was rated"
        )
    return value


def columns_of(
    path: Path,
    rows: Iterable[Row],
    places: Sequence[int],
    read: Callable[[Path, int, str], float] = number,
) -> Columns:
    """The columns at `places` as numbers; `read` converts (path, line, cell). Raises InputError where there is no row or a cell is no number."""
    lines, values = array("q"), [array("d") for _ in places]
    for row in rows:
        lines.append(row.line)
        for place, column in zip(places, values):
            column.append(read(path, row.line, row.at(place)))
    if not lines:
        raise InputError(f"{path}: no rows; the export has a header only, so export the annotation again")
    return Columns(np.array(lines, dtype=np.int64), np.array(values, dtype=np.float64).reshape(len(places), -1))


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
