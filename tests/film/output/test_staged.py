"""Files that have their name only when they are whole."""

from __future__ import annotations

import errno

import pytest
from annotation_rows import CLASSES, film

from seqfer.core.errors import InputError
from seqfer.film.output.reading import read_rows
from seqfer.film.output.staged import StagedFile, unwritable_error
from seqfer.film.output.tables import RowTables


def write(folder, rows, **options):
    with RowTables(folder, CLASSES, **options) as made:
        for row in rows:
            made.write(row)
    return made.counts


def test_what_a_kill_left_is_written_over(tmp_path):
    (tmp_path / ".frames.csv.part").write_text("frame,time_s\n0,")
    (tmp_path / ".frames.parquet.part").write_bytes(b"PAR1xx")
    write(tmp_path, film(["fear"]))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["frames.csv", "frames.parquet"]
    assert len(list(read_rows(tmp_path))) == 1


def test_a_disk_that_fails_at_the_end_leaves_no_parts(tmp_path, monkeypatch):
    def failing(handle):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("seqfer.film.output.staged.os.fsync", failing)
    with pytest.raises(InputError, match="Input/output error"):
        write(tmp_path, film(["fear"] * 5))
    assert list(tmp_path.iterdir()) == []


def test_a_file_appears_whole_and_replaces_the_old_one(tmp_path):
    path = tmp_path / "new" / "a.csv"
    staged = StagedFile(path)
    staged.file.write(b"first")
    assert not path.exists()
    staged.commit()
    assert path.read_bytes() == b"first"
    again = StagedFile(path)
    again.file.write(b"second")
    assert path.read_bytes() == b"first"
    again.commit()
    assert [p.name for p in path.parent.iterdir()] == ["a.csv"]
    assert path.read_bytes() == b"second"


def test_what_is_discarded_leaves_nothing_also_twice(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"old")
    staged = StagedFile(tmp_path / "a.csv")
    staged.file.write(b"new")
    staged.discard()
    staged.discard()
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a.csv", b"old")]


def test_what_was_written_can_be_read_before_it_has_its_name(tmp_path):
    staged = StagedFile(tmp_path / "a.csv")
    staged.file.write(b"1\n2\n")
    staged.file.seek(0)
    assert staged.file.readlines() == [b"1\n", b"2\n"]
    staged.discard()


def test_errors_of_the_disk_are_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"a\.csv: cannot be written \(.+\); choose a folder with free space"):
        StagedFile(tmp_path / "file" / "a.csv")
    error = unwritable_error(tmp_path / "a.csv", OSError(28, "No space left on device"), "it holds 20 rows")
    assert str(error) == (
        f"{tmp_path / 'a.csv'}: cannot be written (No space left on device); it holds 20 rows; choose a folder with free space that you may write to"
    )
    assert "(first line)" in str(unwritable_error(tmp_path, OSError("first line\nsecond line")))
