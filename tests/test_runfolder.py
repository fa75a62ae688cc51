"""Run folders: claimed once, resumed only with the same settings, JSON without NaN."""

import json

import pytest

from seqfer.errors import InputError
from seqfer.runfolder import default_folder, open_run, without_nan, write_json


def test_resume_needs_the_same_settings(tmp_path):
    open_run(tmp_path / "run", {"seed": 0}, resume=False)
    open_run(tmp_path / "run", {"seed": 0}, resume=True)
    with pytest.raises(InputError, match="--resume"):
        open_run(tmp_path / "run", {"seed": 0}, resume=False)
    with pytest.raises(InputError, match="seed = 0, now 1"):
        open_run(tmp_path / "run", {"seed": 1}, resume=True)


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="holds no seqfer run"):
        open_run(tmp_path, {}, resume=False)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_unwritable_place_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        open_run(tmp_path / "file" / "run", {}, resume=False)


def test_nan_becomes_null(tmp_path):
    write_json(tmp_path / "x.json", {"a": [float("nan"), 1.5], "b": float("inf")})
    assert json.loads((tmp_path / "x.json").read_text()) == {"a": [None, 1.5], "b": None}
    assert without_nan((1, "x", None)) == [1, "x", None]


def test_default_folder_is_new_unless_resumed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = []
    for _ in range(3):
        folder = default_folder("cv-x", resume=False)
        open_run(folder, {}, resume=False)
        names.append(folder.name)
    assert names == ["cv-x", "cv-x-2", "cv-x-3"]
    assert default_folder("cv-x", resume=True).name == "cv-x-3"
    assert default_folder("cv-y", resume=True).name == "cv-y"
