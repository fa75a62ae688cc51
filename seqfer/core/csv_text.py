"""Tables as CSV text: the one place that quotes cells and ends lines."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from types import SimpleNamespace


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    r"""The rows as CSV: commas between cells, `\n` after each row, cells in quotes where they hold a comma, a quote or a line break."""
    lines: list[str] = []
    csv.writer(SimpleNamespace(write=lines.append), lineterminator="\n").writerows(rows)
    return "".join(lines)


def decimal_cell(value: float, decimals: int = 6) -> str:
    """A number with fixed decimals, never "-0.000"; empty for NaN."""
    return "" if math.isnan(value) else f"{round(value, decimals) + 0.0:.{decimals}f}"
