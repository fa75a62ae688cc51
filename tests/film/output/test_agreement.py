"""Tables without checksums: whole ones agree with each other, damage to any of them is found."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from annotation_rows import CLASSES, random_rows
from file_damage import DAMAGES

from seqfer.film.output.agreement import disagreeing_tables
from seqfer.film.output.files import AnnotationFiles
from seqfer.film.output.order import RowCounts
from seqfer.film.output.tables import Columns

TABLES = ("frames.csv", "frames.parquet", "tracks.csv", "valence_1hz.csv")


def written(folder: Path, pictures: tuple[str, ...] = ()) -> RowCounts:
    with AnnotationFiles(folder, Columns(CLASSES, True, pictures), 0.5) as files:
        for row in random_rows(200):
            files.write(row)
    return files.counts


@pytest.mark.parametrize("pictures", [(), tuple(f"{number}.png" for number in range(200))])
def test_whole_tables_agree(tmp_path: Path, pictures: tuple[str, ...]) -> None:
    assert disagreeing_tables(tmp_path, True, 0.5, written(tmp_path, pictures)) == []


def test_tables_of_other_counts_do_not(tmp_path: Path) -> None:
    written(tmp_path)
    assert disagreeing_tables(tmp_path, True, 0.5, RowCounts(rows=1)) == ["frames.parquet"]


def numbers(folder: Path, name: str) -> list[float]:
    """All numbers of a table."""
    path = folder / name
    table = pd.read_parquet(path) if name.endswith(".parquet") else pd.read_csv(path)
    return list(table.select_dtypes("number").to_numpy(float).ravel())


@pytest.mark.parametrize("how", DAMAGES)
@pytest.mark.parametrize("name", TABLES)
def test_damage_is_found(tmp_path: Path, name: str, how: str) -> None:
    counts = written(tmp_path)
    before = numbers(tmp_path, name)
    data = DAMAGES[how]((tmp_path / name).read_bytes())
    (tmp_path / name).unlink()
    if data is not None:
        (tmp_path / name).write_bytes(data)
    found = disagreeing_tables(tmp_path, True, 0.5, counts)
    if name not in found:  # a line break, a bit of a last digit, or one of Parquet's statistics
        assert how.startswith(("a bit", "without its last byte"))
        assert name != "frames.csv"
        assert numbers(tmp_path, name) == pytest.approx(before, abs=1.5e-4, rel=0, nan_ok=True)
