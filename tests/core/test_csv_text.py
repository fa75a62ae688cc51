"""CSV text: quoting, line ends and numbers."""

from __future__ import annotations

import csv
import io
import math

import pytest

from seqfer.core.csv_text import cell_text, csv_rows, csv_text, decimal_cell


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


FORMULAS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\uff1d1",
    "'=1",
    "''@x",
    "-rf.mp4",
    "+49 170",
]
PLAIN = ["a=1", "ann", "'ann", "", "-", "+", "'", " =1", "-0.5", "+3", "-1e-05", "-inf", "1", "=", "a\t=1"]


@pytest.mark.parametrize("cell", FORMULAS)
def test_text_is_no_formula_in_a_spreadsheet_and_is_read_back(cell: str) -> None:
    ((written,),) = csv.reader(io.StringIO(csv_text([[cell]]), newline=""))
    assert written == f"'{cell}"
    assert list(csv_rows(csv_text([[cell, "x"]]))) == [[cell, "x"]]
    assert cell_text(written) == cell


@pytest.mark.parametrize("cell", PLAIN)
def test_numbers_and_other_text_are_as_they_are(cell: str) -> None:
    ((written, _),) = csv.reader(io.StringIO(csv_text([[cell, "x"]]), newline=""))
    assert written == cell_text(written) == cell
    assert csv_text([[-0.5, -3, None]]) == "-0.5,-3,\n"
