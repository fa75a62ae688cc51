"""The record of an annotated video, and folders of the version before."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import seqfer
from seqfer.runs.kinds.annotate_video import VideoSummary
from seqfer.runs.records import as_json, parse_record, read_record

BEFORE = Path(__file__).parents[1] / "before" / "annotate_video"  # a drawn video


def values() -> dict:
    return json.loads((BEFORE / "summary.json").read_text())


def test_a_summary_of_the_version_before_is_read_with_every_key_in_its_order() -> None:
    record = read_record(VideoSummary, BEFORE / "summary.json")
    assert (record.format_version, record.analysed, record.film.name) == (0, 50, "posed.mp4")
    assert record.valence is not None
    assert (record.valence.smoothing_s, record.valence.average_within_s) == (0.8, None)
    again = as_json(record)
    assert list(again)[:2] == ["kind", "format_version"]
    assert json.dumps(dict(list(again.items())[2:])) == json.dumps(values())


def test_a_folder_of_the_version_before_is_read(tmp_path: Path) -> None:
    shutil.copytree(BEFORE, tmp_path / "old")
    (tmp_path / "old" / "report.html").write_text("<p>")
    found = seqfer.read(tmp_path / "old")
    assert (len(found.frames), len(found.tracks), found.summary.analysed) == (100, 2, 50)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"analysed": "many"}, "summary.json: analysed is 'many', not a whole number"),
        ({"model": {}}, "summary.json: has no model.name"),
        ({"kind": "cv"}, "summary.json: kind is 'cv'"),
        ({"format_version": 9}, "summary.json: its format_version is '9'"),
    ],
)
def test_a_damaged_or_foreign_summary_is_refused_in_one_line(tmp_path: Path, change: dict, message: str) -> None:
    shutil.copytree(BEFORE, tmp_path / "old")
    (tmp_path / "old" / "summary.json").write_text(json.dumps({**values(), **change}))
    with pytest.raises(seqfer.InputError, match=r"summary\.json") as error:
        seqfer.read(tmp_path / "old")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_valence_may_be_averaged_or_absent() -> None:
    averaged = {**values()["valence"], "average_within_s": 2.5}
    averaged.pop("smoothing_s")
    record = parse_record(VideoSummary, {**values(), "valence": averaged}, Path("summary.json"))
    assert record.valence is not None
    assert record.valence.average_within_s == 2.5
    assert parse_record(VideoSummary, {**values(), "valence": None}, Path("summary.json")).valence is None
