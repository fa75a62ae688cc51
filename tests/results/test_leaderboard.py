"""`seqfer.leaderboard` gives what the command writes, as a table."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from two_classifiers import write_two_classifiers

import seqfer
from seqfer.cli import main
from seqfer.runs.kinds.evaluate import EvaluateReport
from seqfer.runs.records import as_json, read_record, write_record

TIMES = ["ms_per_face"]

pytestmark = pytest.mark.usefixtures("module_cache")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Evaluations `a` and `b` on the same clips, and `c`, as if on others."""
    folder = tmp_path_factory.mktemp("runs")
    files = write_two_classifiers(folder)
    for name, model in (("a", files.first), ("b", files.second)):
        seqfer.evaluate(model, files.data, out=folder / name)
    other = read_record(EvaluateReport, folder / "a" / "evaluate.json")
    write_record(folder / "c" / "evaluate.json", replace(other, data_checksum="0" * 64))
    return folder


def test_it_gives_what_the_command_writes(runs: Path, tmp_path: Path) -> None:
    given = [str(runs / "a"), str(runs / "b")]
    assert main(["leaderboard", *given, "--out", str(tmp_path / "r"), "--quiet"]) == 0
    board = seqfer.leaderboard(given, progress=False)
    written = pd.read_csv(tmp_path / "r" / "leaderboard.csv", keep_default_na=False)
    table = board.table
    assert list(table.columns) == list(written.columns)
    for name in set(table.columns) - {*TIMES, "classes"}:
        assert table[name].tolist() == written[name].tolist(), name
    assert table["error"].is_monotonic_increasing
    assert (table["ms_per_face"] > 0).all()
    assert str(board).startswith(board.record.groups[0].heading)
    assert table["error"].tolist() == [row.error for row in board.record.groups[0].rows]
    assert board.record.provenance.command == "seqfer.leaderboard"
    assert board.folder is None
    assert "Leaderboard" in board.report().html


def test_out_writes_the_three_files(runs: Path, tmp_path: Path) -> None:
    board = seqfer.leaderboard(runs / "a", out=tmp_path / "r", by="macro_f1", progress=False)
    assert json.loads((tmp_path / "r" / "leaderboard.json").read_text()) == as_json(board.record)
    assert board.report().file == tmp_path / "r" / "leaderboard.html"
    assert (tmp_path / "r" / "leaderboard.csv").is_file()


def test_runs_of_other_data_need_groups(runs: Path, caplog: pytest.LogCaptureFixture) -> None:
    both = [runs / "a", runs / "c"]
    with (
        caplog.at_level(logging.WARNING, "seqfer"),
        pytest.raises(seqfer.InputError, match="cannot be ranked together: they are 2 groups"),
    ):
        seqfer.leaderboard(both)
    assert len(caplog.messages) == 2
    assert "other data than group 1" in caplog.messages[1]
    assert seqfer.leaderboard(both, groups=True, progress=False).table["group"].tolist() == [1, 2]
