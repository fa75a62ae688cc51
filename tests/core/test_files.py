"""Files are written whole or not at all, NaN becomes null in JSON, and checksums are sha256."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from seqfer.core.errors import InputError
from seqfer.core.files import file_checksum, without_nan, write_atomically, write_json


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
