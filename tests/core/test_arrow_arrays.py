"""Columns of Python values as Arrow arrays: pyarrow's own, and no import of pandas."""

from __future__ import annotations

import doctest
import subprocess
import sys

import pyarrow as pa
import pytest

from seqfer.core import arrow_arrays
from seqfer.core.arrow_arrays import arrow_array

COLUMNS = [
    (pa.int32(), [1, None, -3, 2**31 - 1] * 5),
    (pa.int64(), [1, 2**62]),
    (pa.float32(), [0.25, None, float("inf")]),
    (pa.float64(), [None, None]),
    (pa.string(), ["neutral", None, "", "É\n中"]),
    (pa.string(), []),
    (pa.dictionary(pa.int32(), pa.string()), ["sadness", None, "anger", "sadness"]),
    (pa.dictionary(pa.int32(), pa.string()), [None]),
    (pa.int32(), []),
]


@pytest.mark.parametrize(("of", "values"), COLUMNS)
def test_it_is_the_array_of_pyarrow(of: pa.DataType, values: list[object]) -> None:
    made = arrow_array(values, of)
    made.validate(full=True)
    assert made.equals(pa.array(values, of))
    assert made.null_count == values.count(None)


def test_a_number_that_does_not_fit_is_an_error() -> None:
    with pytest.raises(OverflowError):
        arrow_array([2**40], pa.int32())


def test_pandas_is_not_imported() -> None:
    code = (
        "import sys, pyarrow as pa; from seqfer.core.arrow_arrays import arrow_array\n"
        "arrow_array([1, None], pa.int32()), arrow_array(['a'], pa.dictionary(pa.int32(), pa.string())); print('pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "False"


def test_the_example_runs() -> None:
    assert doctest.testmod(arrow_arrays).failed == 0
