"""frames.csv and frames.parquet: the same rows in both, whole or not there, and back again."""

import csv
import errno
import gc
import json
import math

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from annotation_rows import CLASSES, face_row, film, random_rows, shares, write

from seqfer import __version__
from seqfer.core.errors import InputError
from seqfer.core.files import StagedFile
from seqfer.core.records import FaceRow
from seqfer.film.output import tables
from seqfer.film.output.reading import read_classes, read_rows
from seqfer.film.output.tables import Columns, RowTables


def cells(folder):
    with open(folder / "frames.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def same(a, b, tolerance=0.0):
    if isinstance(a, tuple):
        return len(a) == len(b) and all(same(x, y, tolerance) for x, y in zip(a, b))
    if isinstance(a, float) and isinstance(b, float):
        return (math.isnan(a) and math.isnan(b)) or abs(a - b) <= tolerance
    return a == b


def as_tuple(row):
    return (row.frame, row.time_s, row.shot, row.face, row.box_xyxy_px, row.score, row.probabilities, row.valence)


@pytest.mark.parametrize("batch", [1, 7, 8192])
def test_rows_come_back_as_written(tmp_path, monkeypatch, batch):
    monkeypatch.setattr(tables, "BATCH_ROWS", batch)
    rows = list(random_rows(100))
    counts = write(tmp_path, rows)
    back = list(read_rows(tmp_path))
    assert len(back) == len(rows) == counts.rows
    assert counts.frames == 100
    assert counts.frames_without_face == sum(row.face is None for row in rows)
    assert counts.face_rows == sum(row.face is not None for row in rows)
    assert read_classes(tmp_path) == CLASSES
    for row, again in zip(rows, back):
        assert same(as_tuple(row), as_tuple(again), 0.005001)
        if row.face is not None:
            assert same(row.probabilities, again.probabilities, 5.1e-7)
            assert same(row.valence, again.valence, 5.1e-7)
        assert abs(row.time_s - again.time_s) < 5.1e-7


def test_written_twice_is_the_same(tmp_path):
    write(tmp_path / "a", random_rows(60))
    write(tmp_path / "b", read_rows(tmp_path / "a"))
    for name in ("frames.csv", "frames.parquet"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_both_files_carry_the_same_numbers(tmp_path):
    write(tmp_path, random_rows(200))
    table = pq.read_table(tmp_path / "frames.parquet").to_pylist()
    lines = cells(tmp_path)
    assert list(lines[0]) == list(Columns(CLASSES, True).names) == list(table[0])
    for line, row in zip(lines, table, strict=True):
        for name, cell in line.items():
            if name == "emotion" or row[name] is None:
                assert cell == (row[name] or "")
            else:
                assert float(cell) == row[name]  # to the last bit
        assert not any(cell.startswith("-0.0000") and float(cell) == 0 for cell in line.values())


def test_types_and_metadata(tmp_path):
    write(tmp_path, film(["fear", "", "sadness"]))
    schema = pq.read_schema(tmp_path / "frames.parquet")
    assert schema.field("frame").type == schema.field("face").type == pa.int64()
    assert schema.field("x1").type == schema.field("anger").type == pa.float64()
    assert schema.field("emotion").type == pa.dictionary(pa.int32(), pa.string())
    assert schema.metadata[b"seqfer_version"].decode() == __version__
    assert json.loads(schema.metadata[b"seqfer_classes"]) == list(CLASSES)


def test_row_groups_are_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "BATCH_ROWS", 16)
    write(tmp_path, film(["fear"] * 50))
    groups = pq.ParquetFile(tmp_path / "frames.parquet").metadata
    assert [groups.row_group(k).num_rows for k in range(groups.num_row_groups)] == [16, 16, 16, 2]


def test_a_frame_without_a_face_has_a_row(tmp_path):
    write(tmp_path, film(["happiness", "", ""]))
    lines = cells(tmp_path)
    assert lines[0]["emotion"] == "happiness"
    assert lines[0]["x1"] == "10.00"
    assert lines[1]["frame"] == "1"
    assert lines[1]["time_s"] == "0.040000"
    assert {lines[1][name] for name in Columns(CLASSES, True).names[3:]} == {""}


def test_without_valence_there_is_no_column(tmp_path):
    write(tmp_path, film(["anger"]), valence=False)
    assert "valence" not in cells(tmp_path)[0]
    assert math.isnan(next(read_rows(tmp_path)).valence)


def test_no_rows_at_all(tmp_path):
    assert write(tmp_path, []).rows == 0
    assert cells(tmp_path) == []
    assert list(read_rows(tmp_path)) == []


def test_equal_tops_are_the_first_one(tmp_path):
    level = (0.2, 0.4, 0.4 + 1e-9, 0.0, 0.0, 0.0, 0.0)
    write(tmp_path, [FaceRow(0, 0.0, 1, 1, (0.0, 0.0, 9.0, 9.0), 1.0, level, 0.0)])
    assert cells(tmp_path)[0]["emotion"] == "disgust"


def test_names_appear_at_close_only(tmp_path):
    made = RowTables(tmp_path, Columns(CLASSES))
    made.write(face_row(0, 0.0))
    assert not (tmp_path / "frames.csv").exists()
    assert not (tmp_path / "frames.parquet").exists()
    assert made.close() == made.close()
    made.discard()  # after close: nothing
    assert sorted(file.name for file in tmp_path.iterdir()) == ["frames.csv", "frames.parquet"]
    with pytest.raises(InputError, match="closed"):
        made.write(face_row(1, 0.1))


@pytest.mark.parametrize("batch", [1, 8192])
def test_an_exception_leaves_nothing(tmp_path, monkeypatch, batch):
    monkeypatch.setattr(tables, "BATCH_ROWS", batch)

    def stopped():
        yield face_row(0, 0.0)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, stopped())
    gc.collect()
    assert list(tmp_path.iterdir()) == []


class Full:
    """A binary file on a disk with room for `room` more bytes."""

    def __init__(self, file, room):
        self._file, self._room = file, room

    def write(self, data):
        if len(data) > self._room:
            raise OSError(errno.ENOSPC, "No space left on device")
        self._room -= len(data)
        return self._file.write(data)

    def __getattr__(self, name):
        return getattr(self._file, name)


@pytest.mark.parametrize("which", ["frames.csv", "frames.parquet"])
@pytest.mark.parametrize(("room", "kept"), [(0, 0), (300, 0), (9000, 20)])
def test_a_full_disk_keeps_whole_batches_of_the_csv(tmp_path, monkeypatch, which, room, kept):
    monkeypatch.setattr(tables, "BATCH_ROWS", 20)
    begin = StagedFile.__init__

    def with_little_room(self, path):
        begin(self, path)
        if path.name == which:
            self.file = Full(self.file, room)

    monkeypatch.setattr(StagedFile, "__init__", with_little_room)
    with pytest.raises(InputError, match=r"cannot be written \(No space left on device\)") as caught:
        write(tmp_path, film(["fear"] * 400))
    gc.collect()
    assert "\n" not in str(caught.value)
    if kept:
        lines = cells(tmp_path)
        assert len(lines) % 20 == 0
        assert [line["frame"] for line in lines] == [str(k) for k in range(len(lines))]
        assert f"has the first {len(lines)} rows" in str(caught.value)
        assert [file.name for file in tmp_path.iterdir()] == ["frames.csv"]
    else:
        assert "no row of frames.csv was kept" in str(caught.value)
        assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        RowTables(tmp_path / "file", Columns(CLASSES))


def test_odd_folder_names(tmp_path):
    folder = tmp_path / 'a & "b"\n<ü>'
    write(folder, film(["fear"]))
    assert len(list(read_rows(folder))) == 1


def test_top_emotion_is_the_largest_of_the_written_numbers(tmp_path):
    write(tmp_path, random_rows(100))
    for line in cells(tmp_path):
        if line["face"]:
            assert line["emotion"] == max(CLASSES, key=lambda name: float(line[name]))
    assert math.isclose(sum(shares("fear")), 1)
