"""Tables as CSV text: the one place that quotes cells, ends lines, and keeps spreadsheets from running a text as a formula."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Iterator
from types import SimpleNamespace

_STARTS = (
    "=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20"  # the last four are the full-width forms, which some spreadsheets take too
)
_FORMULA = re.compile(f"'*[{_STARTS}]")  # with apostrophes in front, so that reading is the exact reverse
_ESCAPED = re.compile(f"'+[{_STARTS}]")
_FIRST = frozenset("'=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_NUMBER = re.compile(r"[+-](?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-](?:inf|nan)", re.ASCII)


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    r"""The rows as CSV: commas between cells, `\n` after each row, cells in quotes where they hold a comma, a quote or a line break.

    Text that a spreadsheet would take for a formula (it begins with = + - @, a tab or a line break, and is no number) gets an apostrophe in
    front, which spreadsheets do not show; `csv_rows` and `cell_text` remove it.
    """
    lines: list[str] = []
    # Only with the terminator "\r\n" are cells with a carriage return quoted.
    writer = csv.writer(SimpleNamespace(write=lambda line: lines.append(f"{line[:-2]}\n")), lineterminator="\r\n")
    writer.writerows(
        [_escaped(cell) if isinstance(cell, str) and cell[:1] in _FIRST else cell for cell in row] for row in rows
    )
    return "".join(lines)


def csv_rows(text: str | Iterable[str]) -> Iterator[list[str]]:
    """The rows of what `csv_text` wrote, without the apostrophes that it added. Raises csv.Error for quotes that are not valid."""
    if isinstance(text, str):
        text = [f"{line}\n" for line in text.removesuffix("\n").split("\n")] if text else []
    for row in csv.reader(text):
        yield [cell_text(cell) for cell in row]


def cell_text(cell: str) -> str:
    """A cell without the apostrophe that `csv_text` added."""
    return cell[1:] if cell[:1] == "'" and _ESCAPED.match(cell) else cell


def _escaped(cell: str) -> str:
    return cell if len(cell) == 1 or _NUMBER.fullmatch(cell) or not _FORMULA.match(cell) else f"'{cell}"


def decimal_cell(value: float, decimals: int = 6) -> str:
    """A number with fixed decimals, never "-0.000"; empty for NaN."""
    return "" if math.isnan(value) else f"{round(value, decimals) + 0.0:.{decimals}f}"
