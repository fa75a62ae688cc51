"""Damaged files of landmarks; whole ones are read in test_geometry_tables.py."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seqfer.core.errors import InputError
from seqfer.film.output.geometry_tables import SCHEMA
from seqfer.film.output.landmark_reading import read_landmarks

ROWS = (np.array([0]), np.array([1]))


@pytest.mark.parametrize("content", [b"", b"PAR1 no table PAR1", None])
def test_damage_is_one_line(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "landmarks.parquet"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InputError, match=r"landmarks\.parquet: cannot be read .*; annotate the video again"):
        read_landmarks(file, *ROWS)


def test_a_table_of_another_program_is_one_line(tmp_path: Path) -> None:
    pq.write_table(pa.table({"frame": [0]}), tmp_path / "other.parquet")
    with pytest.raises(InputError, match="cannot be read"):
        read_landmarks(tmp_path / "other.parquet", *ROWS)


def test_rows_that_the_table_has_not_are_unknown(tmp_path: Path) -> None:
    empty = pa.Table.from_arrays([pa.array([], field.type) for field in SCHEMA], schema=SCHEMA)
    pq.write_table(empty, tmp_path / "landmarks.parquet")
    assert np.isnan(read_landmarks(tmp_path / "landmarks.parquet", *ROWS)).all()
