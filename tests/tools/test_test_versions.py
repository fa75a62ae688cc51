"""`make test-versions`: which environments are tried, and that its job is a program."""

from __future__ import annotations

import importlib.util
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tool():
    spec = importlib.util.spec_from_file_location("versions_tool", ROOT / "tools" / "test_versions.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_oldest_versions_with_the_first_python_and_the_newest_with_each(tool) -> None:
    made = list(tool.pairs(["3.11", "3.12"]))
    assert made == [("3.11", "lowest-direct"), ("3.11", "highest"), ("3.12", "highest")]


def test_the_pythons_that_are_tried_are_those_that_the_package_states(tool) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    stated = [text.rpartition(" ")[2] for text in project["classifiers"] if text.startswith("Programming Language")]
    assert tool.PYTHONS.split(",") == [version for version in stated if "." in version]
    assert project["requires-python"] == f">={stated[0] if '.' in stated[0] else stated[1]}"


def test_the_job_compiles_and_a_python_that_is_not_there_is_skipped(tool, monkeypatch, capsys) -> None:
    compile(tool.JOB, "job", "exec")
    monkeypatch.setattr(tool, "uv", lambda *words, quiet=False: 1)
    monkeypatch.setattr(sys, "argv", ["test_versions.py", "--pythons", "3.99"])
    assert tool.main() == 0
    assert capsys.readouterr().out.count("skipped: Python 3.99") == 2


def test_a_job_that_fails_is_named_and_ends_with_code_1(tool, monkeypatch, capsys, tmp_path) -> None:
    monkeypatch.setattr(tool, "uv", lambda *words, quiet=False: 0 if "find" in words else 1)
    monkeypatch.setattr(sys, "argv", ["test_versions.py", "--pythons", "3.11", "--keep", str(tmp_path)])
    assert tool.main() == 1
    assert "FAILED: Python 3.11, oldest allowed versions" in capsys.readouterr().out
