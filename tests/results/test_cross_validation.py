"""`seqfer.cross_validate` gives what the command writes, as tables."""

from __future__ import annotations

from pathlib import Path

import pytest
from cv_calls import cv
from mock_corpus import write_mock

import seqfer
from seqfer.runs.kinds.cv import CvReport
from seqfer.runs.records import read_record

SHORT = {
    "folds": 2,
    "encoder": "tiny",
    "encoder_weights": "none",
    "encoder_training": {"epochs": 2, "precision": "fp32"},
    "head_training": {"epochs": 4},
}


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_mock(tmp_path_factory.mktemp("mock"))


def test_it_gives_what_the_command_writes(mock: Path, tmp_path: Path) -> None:
    assert cv(mock, tmp_path / "r", "--heads", "lstm,bilstm", "--classes", "all", "--train-encoder") == 0
    written = read_record(CvReport, tmp_path / "r" / "report.json")
    run = seqfer.cross_validate(mock, **SHORT, train_encoder=True, classes="all", jobs=1, progress=False)
    assert run.folder is None
    table = run.table.set_index("head")
    assert list(table.index) == ["lstm", "bilstm", "mean"]
    for name, head in written.heads.items():
        assert table.loc[name, "mean"] == head.error_rate_mean
    assert written.comparison is not None
    first = run.comparison.iloc[0]
    assert (first["first"], first["second"]) == written.comparison.heads
    assert len(run.comparison) == 1 + len(written.comparisons)
    assert len(run.predictions) == 3 * 24
    assert "BiLSTM" in str(run)
    assert run.report().html.startswith("<!DOCTYPE html>")


def test_out_keeps_the_run_and_resume_takes_its_settings(mock: Path, tmp_path: Path) -> None:
    options = {**SHORT, "train_encoder": True, "classes": "all", "heads": ["lstm"]}
    made = seqfer.cross_validate(mock, out=tmp_path / "r", jobs=1, progress=False, **options)
    again = seqfer.cross_validate(out=tmp_path / "r", resume=True, jobs=1, progress=False)
    assert made.folder == again.folder == tmp_path / "r"
    assert made.table.equals(again.table)
    with pytest.raises(seqfer.SettingsError, match="give the folder as out"):
        seqfer.cross_validate(mock, resume=True)
