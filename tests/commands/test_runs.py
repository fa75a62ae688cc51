"""What commands with a run folder share: the folder's name, settings of a resumed run, folders of something else."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from seqfer.commands._options import add_settings
from seqfer.commands._runs import add_run_arguments, settings_and_folder
from seqfer.core.errors import SettingsError
from seqfer.core.settings import Field, settings


@settings(frozen=True)
class Toy:
    data: str = Field(default="", description="the data")
    folds: int = Field(default=5, ge=2, description="the folds")


def made(*words: str) -> tuple[Toy, Path]:
    parser = argparse.ArgumentParser()
    add_settings(parser, Toy, "data", "folds")
    add_run_arguments(parser, "toy-DATA")
    return settings_and_folder(parser.parse_args(words), Toy, lambda s: f"toy-{s.data}")


def test_a_new_run_has_a_folder_of_its_own(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert made("--data", "ck") == (Toy("ck"), Path("runs/toy-ck"))
    (tmp_path / "runs" / "toy-ck").mkdir(parents=True)
    assert made("--data", "ck")[1] == Path("runs/toy-ck-2")
    assert made("--data", "ck", "--out", "mine")[1] == Path("mine")


def test_a_resumed_run_keeps_its_settings_except_those_given(tmp_path) -> None:
    (tmp_path / "settings.json").write_text(json.dumps({"data": "ck", "folds": 7}))
    assert made("--resume", "--out", str(tmp_path))[0] == Toy("ck", 7)
    assert made("--resume", "--out", str(tmp_path), "--folds", "3")[0] == Toy("ck", 3)
    with pytest.raises(SettingsError, match="has no run to resume"):
        made("--resume", "--out", str(tmp_path / "none"))
