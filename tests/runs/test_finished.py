"""Finished runs of a folder: those of the version before, which name no kind, are read as they are, or refused in one line that says why.

`before/` has what `seqfer` wrote before its files named their kind: small runs on the embedded corpus of drawn people.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from seqfer.core import registry
from seqfer.core.errors import InputError
from seqfer.experiments.leaderboard_runs import read_runs
from seqfer.report.cv_report import write_cv_report
from seqfer.report.evaluate_report import write_evaluate_report
from seqfer.report.stress_report import write_stress_report
from seqfer.report.transfer_report import write_transfer_report
from seqfer.report.valence_report import write_valence_report
from seqfer.runs.finished import KINDS, finished_runs, kind_name
from seqfer.runs.records import FORMAT_VERSION, as_json

BEFORE = Path(__file__).parent / "before"
PAGES = {
    "cv": write_cv_report,
    "cv_valence": write_valence_report,
    "evaluate": write_evaluate_report,
    "stress": write_stress_report,
    "transfer": write_transfer_report,
}
NAMES = (*PAGES, "train")


@pytest.mark.parametrize("name", NAMES)
def test_a_run_of_the_version_before_is_read_with_every_value(name):
    (run,) = finished_runs(BEFORE / name)
    assert run.module.__name__.endswith(f".{name}")
    assert run.record.format_version == 0
    written = json.loads((BEFORE / name / run.module.FILE).read_text())
    again = as_json(run.record)
    assert list(again)[:2] == ["kind", "format_version"]
    assert again.pop("kind") == kind_name(run.module)
    assert again.pop("format_version") == 0
    written.pop("kind", None)  # a transfer had one already
    assert json.dumps(again) == json.dumps(written)


@pytest.mark.parametrize("name", PAGES)
def test_the_page_of_a_run_of_the_version_before(name, tmp_path):
    (run,) = finished_runs(BEFORE / name)
    PAGES[name](run.record, tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert run.record.provenance.seqfer == "0.1.0"
    assert "Made by seqfer 0.1.0" in text


def test_runs_of_the_version_before_are_ranked():
    groups = read_runs([BEFORE / name for name in NAMES])
    assert {protocol.kind: len(rows) for protocol, rows in groups.items()} == {
        "cross-validation": 4,
        "test set": 1,
        "transfer": 5,
        "held back": 1,
    }


def changed(tmp_path: Path, name: str, **values: object) -> Path:
    """A copy of a run in which these values of its file are others; None takes one away."""
    folder = tmp_path / name
    shutil.copytree(BEFORE / name, folder)
    (file,) = (path for path in folder.iterdir() if path.name != "settings.json")
    read = {**json.loads(file.read_text()), **values}
    file.write_text(json.dumps({key: value for key, value in read.items() if value is not None}))
    return folder


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("cv", {"format_version": FORMAT_VERSION + 1}, "report.json: its format_version is '2', and this seqfer reads"),
        ("cv", {"kind": "dance"}, "report.json: kind is 'dance'; this seqfer reads cv, cv-valence, transfer"),
        ("cv", {"heads": None}, "report.json: names no kind of run, and no earlier version wrote such a file"),
        ("cv", {"seconds": None}, "report.json: has no seconds; run it again"),
        ("cv", {"seconds": "long"}, "report.json: seconds is 'long', not a number; run it again"),
        ("stress", {"images": 1.5}, "stress.json: images is 1.5, not a whole number; run it again"),
        ("evaluate", {"mirror": "line\nbreak"}, r"evaluate.json: mirror is 'line\\nbreak', not true or false"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_in_one_line(name, values, message, tmp_path):
    with pytest.raises(InputError) as error:
        finished_runs(changed(tmp_path, name, **values))
    assert message.replace("\\\\", "\\") in str(error.value)
    assert "\n" not in str(error.value)


def test_a_folder_without_runs_has_none(tmp_path):
    assert finished_runs(tmp_path) == []


def test_every_kind_has_its_name_in_its_record():
    for module in registry.find_all(KINDS).values():
        fields = module.RECORD.__dataclass_fields__
        assert list(fields)[:2] == ["kind", "format_version"], module.__name__
        assert fields["kind"].default == kind_name(module)
        assert fields["format_version"].default == FORMAT_VERSION
