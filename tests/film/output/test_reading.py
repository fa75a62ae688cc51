"""frames.parquet back as rows; what cannot be read is one line."""

from __future__ import annotations

import math
import os
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from annotation_rows import CLASSES, film, random_rows, write

from seqfer.core.errors import InputError
from seqfer.film.output import reading
from seqfer.film.output.reading import read_classes, read_rows, read_table


def test_unreadable_tables_are_one_line(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        list(read_rows(tmp_path))
    (tmp_path / "frames.parquet").write_bytes(b"PAR1 nothing of the kind")
    with pytest.raises(InputError, match="cannot be read") as caught:
        list(read_rows(tmp_path))
    assert "\n" not in str(caught.value)
    pq.write_table(pa.table({"frame": [1]}), tmp_path / "frames.parquet")
    with pytest.raises(InputError, match="not written by `seqfer annotate-video`"):
        list(read_rows(tmp_path))


def test_a_damaged_table_is_one_line(tmp_path):
    rng = random.Random(1)
    write(tmp_path, random_rows(300))
    whole = (tmp_path / "frames.parquet").read_bytes()
    for _ in range(30):
        damaged = bytearray(whole)
        for _ in range(20):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        (tmp_path / "frames.parquet").write_bytes(damaged)
        with pytest.raises(InputError) as caught:
            list(read_rows(tmp_path))
        assert "\n" not in str(caught.value)


def test_rows_come_back_batch_by_batch_in_their_order(tmp_path, monkeypatch):
    rows = film(["fear", "", "anger", "fear"], valence=math.nan)
    write(tmp_path, rows)
    monkeypatch.setattr(reading, "BATCH_ROWS", 3)
    back = list(read_rows(tmp_path))
    assert [(row.frame, row.face) for row in back] == [(0, 1), (1, None), (2, 1), (3, 1)]
    assert back[0].box_xyxy_px == (10.0, 20.0, 50.0, 80.0)
    assert back[0].probabilities == pytest.approx(rows[0].probabilities, abs=5e-7)
    assert math.isnan(back[0].valence)
    assert back[1].probabilities is None


def test_classes_are_read_without_the_rows(tmp_path):
    write(tmp_path, [])
    assert read_classes(tmp_path) == CLASSES
    (tmp_path / "frames.parquet").unlink()
    with pytest.raises(InputError, match="cannot be read"):
        read_classes(tmp_path)


def test_a_folder_named_by_a_tilde_or_like_an_address_is_read_and_no_other(tmp_path, monkeypatch):
    home, here = tmp_path / "home", tmp_path / "here"
    here.mkdir()
    write(home / "res", film(["fear"] * 5))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(here)
    names = ["~/res", "file:/res", "s3:/bucket/res", os.fsdecode(b"r\xe9s")]
    for name in names:
        write(Path(name), film(["anger"] * 3))
        assert len(list(read_rows(Path(name)))) == 3
        assert read_table(Path(name)).column("emotion").to_pylist() == ["anger"] * 3
        assert read_classes(Path(name)) == CLASSES


def test_the_whole_table_of_a_damaged_file_is_one_line(tmp_path):
    write(tmp_path, film(["fear"] * 500))
    file = tmp_path / "frames.parquet"
    data = bytearray(file.read_bytes())
    data[40:400] = bytes(360)
    file.write_bytes(data)
    with pytest.raises(InputError, match="cannot be read"):
        read_table(tmp_path)
