"""A table in the file it is distributed in, and what a file is that has none."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from seqfer.core.errors import InputError
from seqfer.datasets import _fer_archive
from seqfer.datasets._fer_archive import open_table

NAMES = ("a.csv", "b.csv")


def zipped(path: Path, **entries: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(f"x/{name}.csv", content)
    return path


def test_the_first_wanted_name_of_an_archive(tmp_path: Path) -> None:
    with open_table(zipped(tmp_path / "t.zip", b=b"2", a=b"1"), NAMES) as table:
        assert table.read() == b"1"
    with pytest.raises(InputError, match=r"a zip archive without a\.csv or b\.csv; it has x/c\.csv"):
        open_table(zipped(tmp_path / "other.zip", c=b"3"), NAMES)


def test_a_tar_is_read_in_memory_whatever_its_paths(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "t.tar", "w") as tar:
        entry = tarfile.TarInfo("../../a.csv")
        entry.size = 4
        tar.addfile(entry, io.BytesIO(b"rows"))
    with open_table(tmp_path / "t.tar", NAMES) as table:
        assert table.read() == b"rows"
    assert [path.name for path in tmp_path.iterdir()] == ["t.tar"]


def test_a_table_too_large_for_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_fer_archive, "LIMIT_BYTES", 3)
    with pytest.raises(InputError, match=r"x/a\.csv in it has 4 bytes; allowed: up to 3; unpack it"):
        open_table(zipped(tmp_path / "t.zip", a=b"1234"), NAMES)


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (b"\x89PNG\r\n", "a PNG picture"),
        (b"<!DOCTYPE HTML>", "a web page"),
        (b"Rar!\x1a", "a RAR archive"),
        (b"\xff\xfee", "UTF-16"),
    ],
)
def test_other_files_are_named(tmp_path: Path, start: bytes, words: str) -> None:
    (tmp_path / "a.csv").write_bytes(start)
    with pytest.raises(InputError, match=f"not a table but .*{words}"):
        open_table(tmp_path / "a.csv", NAMES)
