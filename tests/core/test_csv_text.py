"""CSV text: quoting, line ends and numbers."""

from __future__ import annotations

import csv
import math

import pytest

from seqfer.core.csv_text import csv_text, decimal_cell


def test_cells_are_quoted_where_they_must_be() -> None:
    rows = [["a", "b,c", 'say "so"'], ["two\nlines", 1, 2.5], ["", None, "ä"]]
    text = csv_text(rows)
    assert text == 'a,"b,c","say ""so"""\n"two\nlines",1,2.5\n,,ä\n'
    read = list(csv.reader(text.splitlines(keepends=True)))
    assert read == [["" if cell is None else str(cell) for cell in row] for row in rows]
    assert csv_text([]) == ""


@pytest.mark.parametrize(
    ("value", "decimals", "cell"),
    [
        (0.5, 6, "0.500000"),
        (-0.0000001, 6, "0.000000"),
        (-0.25, 1, "-0.2"),
        (math.nan, 6, ""),
        (12.345, 2, "12.35"),
    ],
)
def test_numbers_have_fixed_decimals(value: float, decimals: int, cell: str) -> None:
    assert decimal_cell(value, decimals) == cell
