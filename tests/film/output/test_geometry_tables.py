"""landmarks.parquet and blinks.csv: what they hold, what is left out of means, and what damage does."""

from __future__ import annotations

import csv
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from annotation_rows import CLASSES

from seqfer.core.errors import InputError
from seqfer.core.records import FaceGeometry, FaceRow
from seqfer.film.output.files import AnnotationFiles
from seqfer.film.output.geometry_tables import GeometryTables
from seqfer.film.output.landmark_reading import read_landmarks
from seqfer.film.output.reading import read_measures, read_rows
from seqfer.film.output.tables import Columns
from seqfer.geometry.reader import MEASURES

BOX = (100.0, 50.0, 200.0, 170.0)
QUALITY = MEASURES.index("quality")
COLUMNS = Columns(CLASSES, True, (), MEASURES)
EYES = [MEASURES.index("eye_openness_left"), MEASURES.index("eye_openness_right")]


def geometry(openness: float = 0.3, quality: float = 0.9, mesh: bool = True) -> FaceGeometry:
    values = np.full(len(MEASURES), 0.123456 if mesh else math.nan)
    values[QUALITY] = quality
    values[EYES] = openness if mesh else math.nan
    points = np.linspace(-1, 1, 1434).reshape(478, 3) if mesh else np.full((478, 3), np.nan)
    return FaceGeometry(tuple(values.tolist()), points.astype(np.float16))


def row(frame: int, face: int | None = 1, valence: float = 0.5, **given: float | bool) -> FaceRow:
    if face is None:
        return FaceRow(frame, frame / 30, 1)
    shares = (1.0, *[0.0] * (len(CLASSES) - 1))
    return FaceRow(frame, frame / 30, 1, face, BOX, 0.9, shares, valence, geometry(**given))  # type: ignore[arg-type]


def lines(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text().splitlines()))


def test_measures_are_columns_of_the_tables(tmp_path: Path) -> None:
    with AnnotationFiles(tmp_path, COLUMNS) as files:
        files.write(row(0))
        files.write(row(1, None))
        files.write(row(2, quality=0.0, mesh=False))
    first, none, unknown = lines(tmp_path / "frames.csv")
    assert list(first)[-len(MEASURES) :] == list(MEASURES)
    assert (first["pose_yaw_deg"], first["mouth_opening"], first["interocular_px"]) == ("0.12", "0.1235", "0.12")
    assert (none["quality"], unknown["quality"], unknown["pose_yaw_deg"]) == ("", "0.0000", "")
    assert read_measures(tmp_path) == MEASURES
    read = list(read_rows(tmp_path))
    assert read[0].geometry is not None
    assert read[0].geometry.measures[:2] == (0.12, 0.12)
    assert read[0].geometry.landmarks is None
    assert read[1].geometry is None
    assert files.geometry is not None
    assert files.geometry.rows_without_mesh == 1


def test_landmarks_come_back_in_pixels_row_by_row(tmp_path: Path) -> None:
    rows = [row(0), row(1, None), row(2, mesh=False), row(2, 2)]
    with AnnotationFiles(tmp_path, COLUMNS) as files:
        for one in rows:
            files.write(one)
    table = pq.read_table(tmp_path / "landmarks.parquet")
    assert table.column("landmarks").type.value_type == "halffloat"
    assert table.num_rows == 3
    faces = np.array([-1 if one.face is None else one.face for one in rows])
    for source in (tmp_path / "landmarks.parquet", (tmp_path / "landmarks.parquet").read_bytes()):
        found = read_landmarks(source, np.array([one.frame for one in rows]), faces)
        assert found.dtype == np.float32
        assert np.isnan(found[[1, 2]]).all()
        expected = 100 * np.linspace(-1, 1, 1434).reshape(478, 3) + (150, 110, 0)
        assert np.abs(found[[0, 3]] - expected).max() < 0.06


def test_rows_of_low_quality_are_in_no_mean(tmp_path: Path) -> None:
    with AnnotationFiles(tmp_path, COLUMNS, min_quality=0.5) as files:
        for frame in range(30):
            files.write(row(frame, valence=0.8 if frame < 20 else -1.0, quality=0.5 if frame < 20 else 0.4999))
        for frame in range(30, 60):
            files.write(row(frame, quality=0.1))
        for frame in range(60, 90):
            files.write(row(frame, valence=0.2))
    first, second, third = lines(tmp_path / "valence_1hz.csv")
    assert (first["valence"], first["frames"], first["coverage"]) == ("0.800000", "20", "0.666667")
    assert (second["valence"], second["frames"], second["coverage"]) == ("", "0", "0.000000")
    assert third["valence"] == "0.200000"
    assert files.geometry is not None
    assert files.geometry.poor_rows == 40
    assert len(lines(tmp_path / "frames.csv")) == 90


def test_blinks_of_each_face_in_order_of_time(tmp_path: Path) -> None:
    with GeometryTables(tmp_path, MEASURES) as tables:
        for frame in range(150):
            tables.write(row(frame, 1, openness=0.05 if 100 <= frame < 104 else 0.3))
            tables.write(row(frame, 2, openness=0.05 if 40 <= frame < 44 else 0.3))
    found = lines(tmp_path / "blinks.csv")
    assert [line["face"] for line in found] == ["2", "1"]
    assert float(found[0]["onset_s"]) == pytest.approx(39 / 30, abs=0.001)
    assert float(found[0]["duration_s"]) == pytest.approx(float(found[0]["offset_s"]) - float(found[0]["onset_s"]))
    assert tables.blinks == 2


def test_no_faces_give_empty_tables(tmp_path: Path) -> None:
    with GeometryTables(tmp_path, MEASURES) as tables:
        assert tables.write(row(0, None))
    assert lines(tmp_path / "blinks.csv") == []
    assert pq.read_table(tmp_path / "landmarks.parquet").num_rows == 0


def test_an_exception_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(IndexError), GeometryTables(tmp_path, MEASURES) as tables:
        tables.write(replace(row(0), geometry=FaceGeometry((), np.zeros((478, 3), np.float16))))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError):
        AnnotationFiles(tmp_path / "file", COLUMNS)
