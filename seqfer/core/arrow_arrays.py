"""Arrow arrays from columns of Python values, without pandas: `pyarrow.array` imports it if installed, which takes longer than a short video."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa


def arrow_table(columns: Mapping[str, Sequence[Any]]) -> pa.Table:
    """A table of columns of text, of whole numbers or of numbers, which are float64 where one has a fraction.

    Example:
        >>> arrow_table({"clip": ["a", "b"], "anger": [0.25, 1]}).column("anger").to_pylist()
        [0.25, 1.0]
    """
    return pa.table([arrow_array(values, _type_of(values)) for values in columns.values()], names=list(columns))


def _type_of(values: Sequence[Any]) -> pa.DataType:
    kinds = {type(value) for value in values}
    if str in kinds:
        return pa.string()
    return pa.float64() if float in kinds or not kinds else pa.int64()


def arrow_array(values: Sequence[Any], of: pa.DataType) -> pa.Array:
    """An array of numbers, of text or of a dictionary of text, in the order of first use; None is null. Equal to `pyarrow.array(values, of)`.

    Example:
        >>> arrow_array([1, None, 3], pa.int32()).to_pylist()
        [1, None, 3]
    """
    if pa.types.is_dictionary(of):
        places = {word: place for place, word in enumerate(dict.fromkeys(v for v in values if v is not None))}
        indices = arrow_array([places.get(value) for value in values], of.index_type)
        return pa.DictionaryArray.from_arrays(indices, arrow_array(list(places), of.value_type))
    there = np.array([value is not None for value in values], dtype=bool)
    missing = len(values) - int(there.sum())
    valid = pa.py_buffer(np.packbits(there, bitorder="little").tobytes()) if missing else None
    if pa.types.is_string(of):
        texts = [b"" if value is None else value.encode() for value in values]
        ends = np.cumsum([0, *map(len, texts)]).astype(np.int32)
        buffers = [valid, pa.py_buffer(ends.tobytes()), pa.py_buffer(b"".join(texts))]
    else:
        numbers = np.array([0 if value is None else value for value in values], dtype=of.to_pandas_dtype())
        buffers = [valid, pa.py_buffer(numbers.tobytes())]
    return pa.Array.from_buffers(of, len(values), buffers, missing)
