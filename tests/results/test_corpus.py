"""`seqfer.prepare` writes what the command writes, and counts it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pandas as pd
import pytest

import seqfer
from seqfer.cli import main
from seqfer.corpus.manifest import Manifest
from seqfer.results.corpus import PreparedCorpus


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> PreparedCorpus:
    return seqfer.prepare("posed", out=tmp_path_factory.mktemp("drawn") / "drawn.jsonl", people=2, classes="six")


def test_it_writes_and_says_what_the_command_does(
    drawn: PreparedCorpus, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "drawn.jsonl"
    assert main(["prepare", "posed", "-o", str(out), "--people", "2", "--classes", "six"]) == 0
    assert out.read_bytes() == drawn.path.read_bytes()
    assert (tmp_path / "drawn.faces.npy").read_bytes() == drawn.path.with_name("drawn.faces.npy").read_bytes()
    assert capsys.readouterr().out == str(drawn).replace(str(drawn.path), str(out)) + "\n"


def test_the_table_counts_clips_frames_and_people_of_each_class(drawn: PreparedCorpus) -> None:
    assert (drawn.clips, drawn.people) == (12, 2)
    table = drawn.table.set_index("class")
    assert list(table.index) == ["anger", "disgust", "fear", "happiness", "sadness", "surprise"]
    assert table["clips"].tolist() == table["people"].tolist() == [2] * 6
    assert table["frames"].sum() == drawn.frames
    assert drawn.notes == ("2 people instead of 48",)
    assert "<td>surprise</td>" in drawn._repr_html_()
    assert repr(drawn).startswith("<PreparedCorpus ")
    assert len(repr(drawn)) < 200 + len(str(drawn.path))


def test_clips_without_a_label_have_a_row_of_their_own(drawn: PreparedCorpus) -> None:
    first, *rest = drawn.manifest.clips
    clips = (dataclasses.replace(first, label=None), *rest)
    part = PreparedCorpus(drawn.path, dataclasses.replace(drawn.manifest, clips=clips))
    assert pd.isna(part.table["class"].iloc[-1])
    assert part.table["clips"].tolist() == [1, 2, 2, 2, 2, 2, 1]
    assert "  (no label)      1" in str(part).splitlines()


def test_without_classes_the_text_is_the_counts(drawn: PreparedCorpus) -> None:
    clips = tuple(dataclasses.replace(clip, label=None) for clip in drawn.manifest.clips)
    unlabelled = PreparedCorpus(drawn.path, Manifest("films", (), clips, drawn.path.parent))
    assert str(unlabelled) == f"{drawn.path}: 12 clips, {drawn.frames} frames, 2 people"
    assert unlabelled.table["clips"].tolist() == [12]


@pytest.mark.parametrize(
    ("name", "settings", "kind", "said"),
    [
        ("ck+", {}, seqfer.InputError, "needs the folder of your copy"),
        ("ck+", {"root": "no"}, seqfer.InputError, "no: no such folder"),
        ("ck+", {"root": ".", "people": 4}, seqfer.SettingsError, r"people = 4: ck\+ is prepared with all its people"),
        ("posed", {"people": 1}, seqfer.SettingsError, r"people = 1; allowed: 0 \(all\), or 2 or more"),
        ("posed", {"also": ["a=fear"]}, seqfer.SettingsError, "posed has no words that need --also"),
        ("multipie", {"root": ".", "also": ["a"]}, seqfer.SettingsError, "write it as WORD=EMOTION"),
        ("posed", {"class": "six"}, seqfer.SettingsError, "unknown key 'class'"),
        ("ck49", {}, seqfer.SeqferError, "'ck49'"),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(
    name: str, settings: dict[str, object], kind: type[Exception], said: str, tmp_path: Path
) -> None:
    with pytest.raises(kind, match=said) as error:
        seqfer.prepare(name, out=tmp_path / "x.jsonl", **settings)
    assert "\n" not in str(error.value)
    assert not list(tmp_path.iterdir())
