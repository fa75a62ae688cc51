"""Files are written whole or not at all, also where a file system refuses steps; NaN becomes null in JSON, checksums are sha256."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from seqfer.core.errors import InputError
from seqfer.core.files import (
    StagedFile,
    file_checksum,
    is_part,
    matching_paths,
    remove_parts,
    staged,
    unwritable_error,
    without_nan,
    write_atomically,
    write_json,
)

REFUSALS = [errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL]


def test_file_checksum_is_sha256(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"abc")  # FIPS 180-2, appendix B.1
    assert file_checksum(tmp_path / "f") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_writing_is_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "r.json"
    write_atomically(path, "old")
    assert path.stat().st_mode & 0o777 == 0o644

    def full_disk(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full_disk)
    with pytest.raises(InputError, match="No space left"):
        write_atomically(path, b"new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["r.json"]


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_atomically(tmp_path / "file" / "r.json", "x")


def test_nan_becomes_null(tmp_path):
    write_json(tmp_path / "x.json", {"a": [float("nan"), 1.5], "b": float("inf")})
    assert json.loads((tmp_path / "x.json").read_text()) == {"a": [None, 1.5], "b": None}
    assert without_nan((1, "x", None)) == [1, "x", None]


def test_a_missing_file_has_no_checksum(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone: cannot be read \(No such file or directory\); check the path"):
        file_checksum(tmp_path / "gone")


def test_a_folder_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    (tmp_path / "r.json").mkdir()
    with pytest.raises(InputError, match=r"cannot be written \(a folder\); give the name of a file"):
        write_atomically(tmp_path / "r.json", "x")
    assert (tmp_path / "r.json").is_dir()


def test_missing_folders_are_made_and_text_is_utf8(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a" / "b" / "r.txt", "é")
    assert (tmp_path / "a" / "b" / "r.txt").read_bytes() == b"\xc3\xa9"


def test_keys_become_text_and_alphabets_stay_readable(tmp_path: Path) -> None:
    write_json(tmp_path / "x.json", {1: {"Zoë": (1, -float("inf"))}})
    assert (tmp_path / "x.json").read_text(encoding="utf-8") == '{\n "1": {\n  "Zoë": [\n   1,\n   null\n  ]\n }\n}\n'


@pytest.mark.parametrize("number", REFUSALS)
@pytest.mark.parametrize("step", ["chmod", "fsync", "open"])
def test_what_a_file_system_refuses_is_left_out(tmp_path, monkeypatch, step, number):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, step, refuse)  # os.open opens folders only: files are opened by the built-in function
    write_atomically(tmp_path / "a.txt", "whole")
    monkeypatch.undo()
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("a.txt", "whole")]


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC])
def test_a_disk_that_fails_at_the_end_leaves_nothing(tmp_path, monkeypatch, number):
    def fail(handle):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(InputError, match=os.strerror(number)):
        write_atomically(tmp_path / "a.txt", "whole")
    assert list(tmp_path.iterdir()) == []


def test_file_and_folder_are_flushed_before_and_after_the_name(tmp_path, monkeypatch):
    seen = []
    flush, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (seen.append(os.path.isdir(f"/dev/fd/{handle}")), flush(handle)))
    monkeypatch.setattr(os, "replace", lambda *names: (seen.append("named"), replace(*names)))
    write_atomically(tmp_path / "a.txt", "whole")
    assert len(seen) == 3
    assert seen[1] == "named"


def test_two_writers_never_share_a_temporary_file(tmp_path):
    first, second = StagedFile(tmp_path / "a.csv"), StagedFile(tmp_path / "a.csv")
    first.file.write(b"first")
    second.file.write(b"second")
    assert first.part != second.part
    first.commit()
    second.commit()
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a.csv", b"second")]


def test_what_killed_processes_left_is_removed_and_nothing_else(tmp_path):
    left = StagedFile(tmp_path / "a b.csv")
    left.file.close()
    for name in (".hidden", "a.part", ".a.part", ".a.12-xyz.part", "a.csv"):
        (tmp_path / name).write_text("")
    assert is_part(left.part.name)
    remove_parts(tmp_path)
    remove_parts(tmp_path / "missing")
    assert sorted(p.name for p in tmp_path.iterdir()) == [".a.12-xyz.part", ".a.part", ".hidden", "a.csv", "a.part"]


def test_a_name_as_long_as_the_file_system_allows(tmp_path):
    name = "é" * 120 + ".csv"
    write_atomically(tmp_path / name, "x")
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_an_error_of_the_content_leaves_nothing(tmp_path):
    def fill(error):
        with staged(tmp_path / "a.csv") as file:
            file.write(b"half")
            raise error

    with pytest.raises(ValueError, match="of the content"):
        fill(ValueError("of the content"))
    with pytest.raises(InputError, match=r"a\.csv: cannot be written \(No space left"):
        fill(OSError(errno.ENOSPC, "No space left on device"))
    assert list(tmp_path.iterdir()) == []


def test_a_file_appears_whole_and_replaces_the_old_one(tmp_path):
    path = tmp_path / "new" / "a.csv"
    made = StagedFile(path)
    made.file.write(b"first")
    assert not path.exists()
    made.commit()
    assert path.read_bytes() == b"first"
    again = StagedFile(path)
    again.file.write(b"second")
    assert path.read_bytes() == b"first"
    again.commit()
    assert [p.name for p in path.parent.iterdir()] == ["a.csv"]
    assert path.read_bytes() == b"second"


def test_what_is_discarded_leaves_nothing_also_twice(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"old")
    made = StagedFile(tmp_path / "a.csv")
    made.file.write(b"new")
    made.discard()
    made.discard()
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a.csv", b"old")]


def test_what_was_written_can_be_read_before_it_has_its_name(tmp_path):
    made = StagedFile(tmp_path / "a.csv")
    made.file.write(b"1\n2\n")
    made.file.seek(0)
    assert made.file.readlines() == [b"1\n", b"2\n"]
    made.discard()


def test_errors_of_the_disk_are_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"a\.csv: cannot be written \(.+\); choose a folder with free space"):
        StagedFile(tmp_path / "file" / "a.csv")
    error = unwritable_error(tmp_path / "a.csv", OSError(28, "No space left on device"), "it holds 20 rows")
    assert str(error) == (
        f"{tmp_path / 'a.csv'}: cannot be written (No space left on device); it holds 20 rows; choose a folder with free space that you may write to"
    )
    assert "(first line)" in str(unwritable_error(tmp_path, OSError("first line\nsecond line")))


def test_patterns_that_the_shell_left_are_expanded(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "c.txt", "in/d.csv", "[x].csv", "x.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [path.name for path in matching_paths(tmp_path / "?.csv")]
    assert found == ["a.csv", "b.csv", "x.csv"]
    assert tmp_path / "in" / "d.csv" in matching_paths(tmp_path / "**" / "*.csv")
    for path in (tmp_path / "[x].csv", tmp_path / "a.csv", tmp_path / "none*.csv", tmp_path / "none.csv"):
        assert matching_paths(path) == [path]
