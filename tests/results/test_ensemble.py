"""`seqfer.ensemble` gives what the command writes, as tables."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pandas as pd
import pytest
from mock_corpus import write_mock
from two_classifiers import TwoClassifiers, of_any_call, write_two_classifiers

import seqfer
from seqfer.cli import main
from seqfer.runs.kinds.ensemble import EnsembleReport
from seqfer.runs.records import read_record

pytestmark = pytest.mark.usefixtures("module_cache")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> TwoClassifiers:
    return write_two_classifiers(tmp_path_factory.mktemp("ensemble"))


@pytest.fixture(scope="module")
def fitted(files: TwoClassifiers) -> seqfer.api.Ensemble:
    out = files.data.parent / "fitted"
    return seqfer.ensemble([files.first, files.second], files.data, fit_share=0.5, out=out, progress=False)


def test_it_gives_what_the_command_writes(
    files: TwoClassifiers, fitted: seqfer.api.Ensemble, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [
        "ensemble",
        str(files.first),
        str(files.second),
        "--data",
        str(files.data),
        "--fit-share",
        "0.5",
        "--quiet",
    ]
    assert main([*words, "--out", str(tmp_path / "r")]) == 0
    written = read_record(EnsembleReport, tmp_path / "r" / "ensemble.json")
    assert of_any_call(fitted.record) == of_any_call(written)
    assert capsys.readouterr().out == f"{fitted}\n\nReport: {tmp_path / 'r' / 'ensemble.html'}\n"
    table = fitted.table.set_index("name")
    for row in written.rows:
        assert table.loc[row.name, "accuracy"] == row.accuracy
        assert table.loc[row.name, "accuracy_low"] == row.intervals["accuracy"][0]
        assert table.loc[row.name, "over_best_member"] == row.over_best_member.value
    assert table["kind"].tolist()[:3] == ["member", "member", "combination"]


def test_confusions_and_classes_of_a_row(fitted: seqfer.api.Ensemble) -> None:
    clips = fitted.table["clips"].iloc[0]
    assert fitted.confusion("stacking").to_numpy().sum() == clips == fitted.record.images
    assert fitted.per_class("average")["support"].sum() == clips
    with pytest.raises(seqfer.SettingsError, match=r"allowed: .*stacking"):
        fitted.confusion("stacked")


def test_a_fitted_ensemble_is_loaded_and_scored_on_other_people(
    files: TwoClassifiers, fitted: seqfer.api.Ensemble, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert fitted.weights is not None
    assert fitted.weights.is_file()
    other = write_mock(tmp_path / "other", seed=5)
    other.write_text(re.sub(r'"p(\d)', r'"q\1', other.read_text()))
    with caplog.at_level(logging.INFO, "seqfer"):
        scored = seqfer.ensemble(data=other, load=fitted.weights)
    assert scored.record.loaded == str(fitted.weights)
    assert scored.weights is scored.folder is None
    assert "24 clips to score" in caplog.messages
    assert not pd.isna(scored.table["accuracy"]).any()


def test_bad_input_is_one_line(files: TwoClassifiers, fitted: seqfer.api.Ensemble) -> None:
    for call, said in (
        (lambda: seqfer.ensemble([files.first, files.second]), "no data"),
        (
            lambda: seqfer.ensemble(data=files.data, load=fitted.weights, mirror=True),
            "--mirror is an option of the fit",
        ),
        (lambda: seqfer.ensemble([files.first], files.data), "two or more"),
    ):
        with pytest.raises(seqfer.SeqferError, match=said) as error:
            call()
        assert "\n" not in str(error.value)
