"""The folder of a result: kept where it is asked for, removed otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqfer.core.errors import SettingsError
from seqfer.results._folders import folder_of


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
