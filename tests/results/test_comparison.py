"""`seqfer.compare_runs` gives what the command writes, as a table."""

from __future__ import annotations

from pathlib import Path

import pytest

import seqfer
from seqfer.cli import main
from seqfer.experiments.prediction_files import write_predictions


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    names = [f"c{k}" for k in range(8)]
    for run, right in (("a", 3), ("b", 7)):
        predicted = ["fear"] * right + ["anger"] * (8 - right)
        write_predictions(
            tmp_path / run, {"clip": names, "person": names, "label": ["fear"] * 8, "predicted": predicted}
        )
    return tmp_path


def test_it_gives_what_the_command_writes(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", str(runs / "a"), str(runs / "b"), "--out", str(runs / "by-command")]) == 0
    compared = seqfer.compare_runs(runs / "a", runs / "b", out=runs / "by-call")
    assert capsys.readouterr().out == f"{compared}\n"
    written = [(runs / by / "comparison.json").read_bytes() for by in ("by-command", "by-call")]
    assert written[0] == written[1]
    (row,) = compared.table.to_dict("records")
    assert (row["measure"], row["first"], row["second"], row["difference"]) == ("accuracy", 0.375, 0.875, 0.5)
    assert compared.record.mcnemar is not None
    assert compared.record.mcnemar.p_value == 0.125
    assert (runs / "by-call" / "report.html").read_text() == compared.report().html
    assert seqfer.compare_runs(runs / "a", runs / "b", samples=50).folder is None


def test_bad_input_is_one_line(runs: Path) -> None:
    with pytest.raises(seqfer.InputError, match="compared with itself"):
        seqfer.compare_runs(runs / "a", runs / "a")
    with pytest.raises(seqfer.SettingsError, match="samples = 0"):
        seqfer.compare_runs(runs / "a", runs / "b", samples=0)
