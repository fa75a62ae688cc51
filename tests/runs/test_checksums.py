"""The checksums of a folder: written in the format of sha256sum, and every kind of damage is named."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from file_damage import DAMAGES

from seqfer.runs.checksums import damaged_files, read_checksums, write_checksums


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.csv").write_text("frame,time_s\n" * 50)
    (tmp_path / "b.json").write_text("{}")
    write_checksums(tmp_path, ["a.csv", "b.json", "missing", "a.csv"])
    return tmp_path


def test_whole_files_are_whole(folder: Path) -> None:
    assert list(read_checksums(folder)) == ["a.csv", "b.json"]
    assert damaged_files(folder) == []
    assert damaged_files(folder, ["a.csv"]) == []
    assert damaged_files(folder, ["c.csv"]) == ["c.csv"]


@pytest.mark.parametrize("how", DAMAGES)
def test_damage_is_named(folder: Path, how: str) -> None:
    data = DAMAGES[how]((folder / "a.csv").read_bytes())
    (folder / "a.csv").unlink()
    if data is not None:
        (folder / "a.csv").write_bytes(data)
    assert damaged_files(folder) == ["a.csv"]


@pytest.mark.parametrize("how", [how for how in DAMAGES if how != "without its last byte"])
def test_damaged_checksums_make_needed_files_damaged(folder: Path, how: str) -> None:
    file = folder / "checksums.sha256"
    data = DAMAGES[how](file.read_bytes())
    file.unlink()
    if data is not None:
        file.write_bytes(data)
    assert damaged_files(folder, ["a.csv", "b.json"])


def test_sha256sum_reads_them(folder: Path) -> None:
    if shutil.which("sha256sum") is None:
        pytest.skip("no sha256sum here")
    done = subprocess.run(
        ["sha256sum", "-c", "checksums.sha256"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
