"""Settings of a call: paths as text, those of the run that is resumed, and messages in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seqfer.core.errors import SettingsError
from seqfer.experiments.ensemble.settings import EnsembleSettings
from seqfer.experiments.transfer.settings import TransferSettings
from seqfer.results._settings import settings_of


def test_paths_become_text_and_tables_are_nested() -> None:
    made = settings_of(EnsembleSettings, {"models": (Path("a.safetensors"), "small"), "data": Path("x.jsonl")}, {})
    assert (made.models, made.data) == (("a.safetensors", "small"), "x.jsonl")
    assert settings_of(TransferSettings, {"data": "x.jsonl"}, {"training": {"epochs": 3}}).training.epochs == 3
    with pytest.raises(SettingsError, match=r"^unknown key 'fold'; allowed: .*folds"):
        settings_of(TransferSettings, {}, {"fold": 3})


def test_a_resumed_run_keeps_its_settings_where_none_are_given(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text(json.dumps({"model": "small", "data": "x.jsonl", "folds": 3}))
    named = {"model": "compact", "data": ""}  # the defaults of the function
    made = settings_of(TransferSettings, named, {"seed": 4}, resumed=tmp_path)
    assert (made.model, made.data, made.folds, made.seed) == ("small", "x.jsonl", 3, 4)
    assert settings_of(TransferSettings, {"data": "y.jsonl"}, {}, resumed=tmp_path).data == "y.jsonl"
    with pytest.raises(SettingsError, match="has no run to resume"):
        settings_of(TransferSettings, {}, {}, resumed=tmp_path / "none")
