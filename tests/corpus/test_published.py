"""What a copy lacks against the published counts, and the files that hold these."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqfer.core.errors import InputError
from seqfer.core.records import Clip
from seqfer.corpus import published as module
from seqfer.corpus.published import compare, published

FACTS = {"clips_by_class": {"anger": 2, "fear": 1}, "people": 2, "clips_are": "sequences"}


def clips(*rows: tuple[str, str]) -> list[Clip]:
    """(person, label) each."""
    return [Clip(f"c{i}", person, label, ("a.png",), "own") for i, (person, label) in enumerate(rows)]


def test_a_whole_copy_has_no_notes() -> None:
    assert compare(clips(("a", "anger"), ("b", "anger"), ("b", "fear")), FACTS) == []


def test_a_partial_copy_says_which_classes_and_people_it_lacks() -> None:
    assert compare(clips(("a", "anger"), ("a", "fear")), FACTS) == [
        "partial copy: 2 of 3 sequences; anger 1 of 2",
        "people: 1 of 2",
    ]


def test_more_clips_than_published() -> None:
    found = compare(clips(("a", "anger"), ("b", "anger"), ("b", "fear"), ("b", "fear")), FACTS)
    assert found == ["more than published: 4 of 3 sequences; fear 2 of 1"]


def test_only_the_chosen_classes_are_compared_and_then_no_people() -> None:
    assert compare(clips(("a", "fear")), FACTS, classes=("fear", "sadness")) == []
    assert compare(clips(("a", "anger")), FACTS, classes=("anger",)) == ["partial copy: 1 of 2 sequences; anger 1 of 2"]


def test_without_a_word_for_them_clips_are_clips_and_without_counts_nothing_is_compared() -> None:
    (note,) = compare(clips(("a", "anger"), ("b", "fear")), {"clips_by_class": {"anger": 2}, "people": 2})
    assert note == "partial copy: 2 of 2 clips; anger 1 of 2"
    assert compare(clips(("a", "anger")), {"people": 5}) == []


def test_plus_in_a_name() -> None:
    assert published("ck+") == published("ck_plus")
    assert published("ck+")["people"] == 118


def test_files_that_are_missing_or_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=r"data_manifests/none\.toml: not found .*; install seqfer again"):
        published("none")
    monkeypatch.setattr(module, "_PACKAGE", tmp_path)
    (tmp_path / "data_manifests").mkdir()
    (tmp_path / "data_manifests" / "own.toml").write_text("people = = 3")
    with pytest.raises(InputError, match=r"own\.toml: cannot be read \(.+\); install seqfer again"):
        published("own")
