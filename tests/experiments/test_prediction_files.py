"""Files of predictions: the same table from CSV and from Parquet, with names quoted and classes in their order."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from seqfer.core.errors import InputError
from seqfer.core.records import Clip
from seqfer.experiments.prediction_files import class_columns, joined, read_predictions, write_predictions

CLIPS = (Clip('a,"1"', "P", "anger", ("x",), "own"), Clip("b", "Zoë", "fear", ("y",), "own"))
SHARES = np.array([[0.25, 0.75], [0.1, 0.9]])


def test_a_row_per_clip_in_both_files(tmp_path: Path) -> None:
    write_predictions(tmp_path, class_columns(CLIPS, ("anger", "fear"), SHARES))
    header, *rows = csv.reader((tmp_path / "predictions.csv").read_text(encoding="utf-8").splitlines())
    assert header == ["clip", "person", "label", "predicted", "anger", "fear"]
    assert rows == [
        ['a,"1"', "P", "anger", "fear", "0.250000", "0.750000"],
        ["b", "Zoë", "fear", "fear", "0.100000", "0.900000"],
    ]
    assert read_predictions(tmp_path)["fear"] == [0.75, 0.9]  # of the Parquet file: numbers
    assert read_predictions(tmp_path / "predictions.csv")["fear"] == ["0.750000", "0.900000"]


def test_tables_one_below_the_other() -> None:
    table = joined([class_columns(CLIPS, ("anger", "fear"), SHARES, level=k) for k in (0, 2)])
    assert table["level"] == [0, 0, 2, 2]
    assert table["clip"] == ['a,"1"', "b", 'a,"1"', "b"]


def test_what_is_no_table_of_predictions_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no predictions\.csv; give a folder of"):
        read_predictions(tmp_path)
    for name, content, words in (
        ("a.csv", "clip,person\nx,y\n", "no column 'predicted'; it has clip, person"),
        ("b.csv", "clip,person\nx\n", "cannot be read as a table of predictions"),
        ("c.csv", "", "cannot be read as a table of predictions"),
        ("d.parquet", "PAR1", "cannot be read"),
    ):
        (tmp_path / name).write_text(content)
        with pytest.raises(InputError, match=words) as caught:
            read_predictions(tmp_path / name)
        assert "\n" not in str(caught.value)
