"""The folder of a result: kept where it is asked for, removed otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqfer.core.errors import InputError, SettingsError
from seqfer.results._folders import check_folder, folder_of


def test_without_out_the_folder_is_removed_also_after_an_error() -> None:
    with folder_of(None) as folder:
        folder.mkdir()
    assert not folder.parent.exists()
    with pytest.raises(FileNotFoundError), folder_of(None) as folder:
        (folder / "missing" / "r").mkdir()
    assert not folder.parent.exists()


def test_out_is_kept_and_resume_needs_it(tmp_path: Path) -> None:
    with folder_of(str(tmp_path / "r"), resume=True) as folder:
        assert folder == tmp_path / "r"
    with pytest.raises(SettingsError, match="give the folder as out"), folder_of(None, resume=True):
        pass


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    check_folder(tmp_path / "new", "own.json", "report.html")
    (tmp_path / "report.html").write_text("")
    with pytest.raises(InputError, match=r"has a report\.html of another command; give another --out"):
        check_folder(tmp_path, "own.json", "report.html")
    (tmp_path / "own.json").write_text("")
    check_folder(tmp_path, "own.json", "report.html")  # of an earlier run of the same command
    with pytest.raises(InputError, match=r"own\.json: is a file, and --out is a folder"):
        check_folder(tmp_path / "own.json", "own.json")
