"""What seqfer writes for an annotated video is read back with the times and labels of its rows by pandas, pyarrow, pympi-ling and webvtt-py.

R is not installed where these tests run. For `data.table::fread` they check the rules by which it reads a file (its manual, sections "sep", "header",
"na.strings", "encoding"): UTF-8 without a byte order mark, one kind of line break, commas, a header without empty or repeated names, the same
number of cells on every line, numbers with a decimal point, and an empty cell, and nothing else, for a value that is missing.
"""

from __future__ import annotations

import math
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.csv
import pyarrow.parquet
import pytest
import webvtt
from annotation_rows import CLASSES, film, random_rows, write
from pympi.Elan import Eaf

from seqfer.core.records import FaceRow
from seqfer.film.output.formats.elan import write_elan
from seqfer.film.output.formats.webvtt import write_webvtt
from seqfer.film.output.segments import emotion_segments

NUMBERS = ("time_s", "x1", "y1", "x2", "y2", "score", *CLASSES, "valence")
WHOLE = ("frame", "shot", "face")
INTEGER, DECIMAL = (
    re.compile(r"-?\d+"),
    re.compile(r"-?\d+(\.\d+)?"),
)  # what fread takes for an integer and for a double


@pytest.fixture(scope="module")
def rows() -> list[FaceRow]:
    return list(random_rows(120))


@pytest.fixture(scope="module")
def folder(rows: list[FaceRow], tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tables")
    write(made, rows, valence=True)
    return made


def two_people() -> list[FaceRow]:
    """Two faces at once, one of them out of sight in between, 25 frames per second."""
    first = film(["happiness"] * 40 + [""] * 20 + ["sadness"] * 40, face=1)
    second = film(["fear"] * 60 + ["neutral"] * 40, face=2, valence=-0.5)
    return [row for pair in zip(first, second) for row in pair if row.face is not None]


def seconds_of(stamp: str) -> float:
    """Seconds of hh:mm:ss.mmm."""
    hours, minutes, seconds = stamp.split(":")
    return 3600 * int(hours) + 60 * int(minutes) + float(seconds)


def check_against_rows(table: pd.DataFrame, rows: list[FaceRow]) -> None:
    """The table has a row for each row, with its times, faces, probabilities and most probable class."""
    assert len(table) == len(rows)
    assert table["frame"].tolist() == [row.frame for row in rows]
    np.testing.assert_allclose(table["time_s"].astype(float), [row.time_s for row in rows], atol=1e-6)
    faces = [math.nan if row.face is None else row.face for row in rows]
    np.testing.assert_array_equal(table["face"].astype("Float64").to_numpy(float, na_value=math.nan), faces)
    nothing = (math.nan,) * len(CLASSES)
    probabilities = [nothing if row.probabilities is None else row.probabilities for row in rows]
    np.testing.assert_allclose(table[list(CLASSES)].astype(float), probabilities, atol=1e-6)
    np.testing.assert_allclose(table["valence"].astype(float), [row.valence for row in rows], atol=1e-6)
    seen = table["face"].notna().to_numpy()
    top = [CLASSES[int(np.argmax(shares))] for shares in np.array(probabilities)[seen]]
    assert table["emotion"][seen].astype(str).tolist() == top
    assert table["emotion"][~seen].isna().all()


def test_pandas_reads_both_tables(folder: Path, rows: list[FaceRow]) -> None:
    from_csv = pd.read_csv(folder / "frames.csv")
    from_parquet = pd.read_parquet(folder / "frames.parquet")
    check_against_rows(from_csv, rows)
    check_against_rows(from_parquet, rows)
    assert list(from_csv.columns) == list(from_parquet.columns)
    for name in NUMBERS:
        np.testing.assert_array_equal(from_csv[name].astype(float), from_parquet[name].astype(float))


def test_pyarrow_reads_both_tables(folder: Path, rows: list[FaceRow]) -> None:
    parquet = pyarrow.parquet.read_table(folder / "frames.parquet")
    empty = pyarrow.csv.ConvertOptions(strings_can_be_null=True)  # as an empty number is by default
    csv = pyarrow.csv.read_csv(folder / "frames.csv", convert_options=empty)
    assert csv.column_names == parquet.column_names
    for table in (csv, parquet):
        check_against_rows(table.to_pandas(), rows)
        assert all(pyarrow.types.is_int64(table.schema.field(name).type) for name in WHOLE)
        assert all(pyarrow.types.is_float64(table.schema.field(name).type) for name in NUMBERS)


def test_the_csv_keeps_the_rules_of_fread(folder: Path, rows: list[FaceRow]) -> None:
    data = (folder / "frames.csv").read_bytes()
    assert not data.startswith(b"\xef\xbb\xbf")
    assert data.endswith(b"\n")
    ends = data.count(b"\r\n")
    assert ends in (0, data.count(b"\n"))
    assert data.count(b"\r") == ends
    assert b'"' not in data  # no cell of this table needs quotes, so every comma separates
    header, *lines = [line.split(",") for line in data.decode("utf-8").splitlines()]
    assert len(lines) == len(rows)
    assert all(len(line) == len(header) == len(set(header)) and all(header) for line in lines)
    for name, cells in zip(header, zip(*lines)):
        filled = [cell for cell in cells if cell]
        form = INTEGER if name in WHOLE else DECIMAL if name in NUMBERS else re.compile("|".join(CLASSES))
        assert filled
        assert all(form.fullmatch(cell) for cell in filled), name


def test_pympi_reads_the_elan_document(tmp_path: Path) -> None:
    made = two_people()
    write_elan(tmp_path / "a.eaf", made, CLASSES, Path("video.mp4"))
    document = Eaf(str(tmp_path / "a.eaf"))
    expected: dict[str, list[tuple[int, int, str]]] = {}
    for segment in emotion_segments(made, CLASSES):
        times = round(segment.start_s * 1000), round(segment.end_s * 1000)
        expected.setdefault(f"face {segment.face} emotion", []).append((*times, segment.emotion))
    assert {name: len(found) for name, found in expected.items()} == {"face 1 emotion": 2, "face 2 emotion": 2}
    for name, wanted in expected.items():
        assert sorted(annotation[:3] for annotation in document.get_annotation_data_for_tier(name)) == wanted
    valences = {start: float(value) for start, _, value in document.get_annotation_data_for_tier("face 2 valence")}
    assert valences == {0: -0.5, 1000: -0.5, 2000: -0.5, 3000: -0.5}
    for row in made:  # every row lies in an annotation of its label
        at_ms = round(row.time_s * 1000)
        found = document.get_annotation_data_at_time(f"face {row.face} emotion", at_ms)
        label = CLASSES[int(np.argmax(row.probabilities))]
        assert label in [annotation[2] for annotation in found]


def test_webvtt_py_reads_the_subtitles(tmp_path: Path) -> None:
    made = two_people()
    write_webvtt(tmp_path / "a.vtt", made, CLASSES, "video.mp4")
    cues = list(webvtt.read(str(tmp_path / "a.vtt")))
    times = [(seconds_of(cue.start), seconds_of(cue.end)) for cue in cues]
    assert all(start < end for start, end in times)
    assert all(end <= start for (_, end), (start, _) in pairwise(times))
    for row in made:  # the cue at the time of a row names its face and label
        label = CLASSES[int(np.argmax(row.probabilities))]
        shown = [cue for cue, (start, end) in zip(cues, times) if start <= row.time_s < end]
        assert len(shown) == 1, row.time_s
        assert f"<v Face {row.face}>{label} 0.70" in shown[0].raw_text
    assert "valence -0.50" in cues[0].raw_text
