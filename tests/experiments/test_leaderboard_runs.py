"""Finished runs as rows of a leaderboard, and folders that are refused in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seqfer.core.errors import InputError
from seqfer.experiments.leaderboard_runs import read_runs


def test_other_classes_other_data_other_split(runs, tmp_path):
    report = json.loads((runs / "e" / "evaluate.json").read_text())
    for number, change in enumerate(({}, {"classes": ["anger"]}, {"data_checksum": "0"}, {"split": "test"})):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "evaluate.json").write_text(json.dumps({**report, **change}))
    folders = [tmp_path / str(number) for number in range(4)]
    assert len(read_runs([runs / "e", *folders])) == 4
    renamed = {**report, "corpus": "the same under another name", "data": "elsewhere.jsonl"}
    (folders[1] / "evaluate.json").write_text(json.dumps(renamed))
    assert len(read_runs(folders[:2])) == 1


def unfinished(folder: Path, runs: Path) -> None:
    settings = (runs / "a" / "settings.json").read_text()
    (folder / "settings.json").write_text(settings)


def changed(source: str, name: str, *keys: str):
    def write(folder: Path, runs: Path) -> None:
        report = json.loads((runs / source / name).read_text())
        inner = report
        for key in keys[:-1]:
            inner = inner[key]
        del inner[keys[-1]]
        (folder / name).write_text(json.dumps(report))

    return write


def same(source: str, name: str):
    return lambda folder, runs: (folder / name).write_text((runs / source / name).read_text())


def text(name: str, words: str):
    return lambda folder, runs: (folder / name).write_text(words)


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (lambda folder, runs: None, "has no run that can be ranked; give run folders"),
        (lambda folder, runs: folder.rmdir(), "no such folder"),
        (unfinished, r"not finished; resume it with `seqfer cv --out .* --resume`"),
        (text("settings.json", '{"encoder": "tiny"}'), r"not finished; resume it with `seqfer train"),
        (changed("a", "report.json", "protocol", "folds_checksum"), "report.json: has no protocol.folds_checksum"),
        (
            changed("a", "report.json", "heads", "mean", "error_rate_mean"),
            "report.json: has no heads.mean.error_rate_mean",
        ),
        (changed("e", "evaluate.json", "data_checksum"), "evaluate.json: has no data_checksum"),
        (text("history.json", '{"held_back_loss": 1}'), "history.json: names no kind of run"),
        (text("history.json", '{"held_back_error": "much"}'), "history.json: has no validation_error"),
        (changed("t", "history.json", "seconds"), "history.json: has no seconds"),
        (same("t", "history.json"), "settings.json: cannot be read"),
        (text("report.json", "{"), "report.json: cannot be read"),
        (text("report.json", "[]"), "a list, not one JSON object"),
    ],
)
def test_bad_folders_end_in_one_line(prepare, words, runs, tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    prepare(folder, runs)
    with pytest.raises(InputError, match=words) as error:
        read_runs([folder])
    assert "\n" not in str(error.value)


def test_a_run_given_twice(runs):
    with pytest.raises(InputError, match="given twice"):
        read_runs([runs / "e", runs / "x" / ".." / "e"])


def test_a_value_that_is_no_number(runs, tmp_path):
    report = json.loads((runs / "e" / "evaluate.json").read_text())
    report["as_given"]["ece"] = "small"
    (tmp_path / "evaluate.json").write_text(json.dumps(report))
    with pytest.raises(InputError, match=r"evaluate\.json: as_given\.ece is 'small', not a number"):
        read_runs([tmp_path])
