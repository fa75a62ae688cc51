"""Small steps of corpora of picture files: order, names in messages, broken pictures, references."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from seqfer.core.errors import InputError
from seqfer.datasets._files import (
    content_words,
    copies_note,
    entries,
    files_below,
    folders_named,
    natural,
    odd_names_note,
    reference,
    shortened,
    verify_pictures,
    wrong_layout,
)


def test_entries_as_people_count_without_hidden_ones(tmp_path: Path) -> None:
    for name in ("10.png", "2.png", ".DS_Store", "b", "1a2", "1a10"):
        (tmp_path / name).touch()
    assert [entry.name for entry in entries(tmp_path)] == ["1a2", "1a10", "2.png", "10.png", "b"]
    with pytest.raises(InputError, match=r"gone: cannot be listed \(No such file or directory\)"):
        entries(tmp_path / "gone")


def test_runs_of_digits_are_numbers_also_large_ones() -> None:
    names = ["S10", "S9", "S009b", "S", "S99999999999999999999"]
    assert sorted(names, key=natural) == ["S", "S9", "S009b", "S10", "S99999999999999999999"]


def test_messages_name_a_few_and_count_the_rest(tmp_path: Path) -> None:
    assert shortened(["a", "b", "c"]) == "a, b, c"
    assert shortened(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
    assert content_words(tmp_path) == "nothing"
    (tmp_path / "folder").mkdir()
    (tmp_path / "a.txt").touch()
    assert content_words(tmp_path) == "a.txt, folder/"
    assert odd_names_note([]) == []
    assert odd_names_note(["a"]) == ["1 odd name left out: a"]
    assert odd_names_note(list("abcd")) == ["4 odd names left out: a, b, c and 1 more"]


def test_another_layout_says_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    for root, words in (
        (tmp_path / "gone", "no such folder; CK+ is expected as x/y"),
        (tmp_path / "a.txt", "a file, not a folder; CK+ is expected as x/y"),
        (tmp_path, "not CK+; expected x/y; found a.txt"),
    ):
        assert str(wrong_layout(root, "CK+", "x/y")) == f"{root}: {words}"


def test_broken_pictures_are_all_found(tmp_path: Path) -> None:
    paths = [tmp_path / f"{k}.png" for k in range(6)]
    for path in paths:
        cv2.imwrite(str(path), np.zeros((4, 4), np.uint8))
    verify_pictures(paths)
    paths[1].write_bytes(b"")
    with pytest.raises(InputError, match=r"1\.png: empty file") as caught:
        verify_pictures(paths)
    assert "of 6 pictures" not in str(caught.value)
    for k in range(2, 6):
        paths[k].write_bytes(b"no picture")
    with pytest.raises(InputError) as caught:
        verify_pictures(iter(paths))
    said = str(caught.value)
    assert said.startswith(f"5 of 6 pictures are broken: {paths[1]}: empty file")
    assert said.endswith(f"also see {paths[2]}, {paths[3]}, {paths[4]} and 1 more")


def test_references_are_relative_below_the_manifests_folder_only(tmp_path: Path) -> None:
    out = tmp_path / "data" / "ck.jsonl"
    assert reference(tmp_path / "data" / "a" / "1.png", out) == "a/1.png"
    assert reference(tmp_path / "data" / "x" / ".." / "1.png", out) == "1.png"
    assert reference(tmp_path / "else" / "1.png", out) == (tmp_path / "else" / "1.png").resolve().as_posix()


def test_litter_is_left_out_at_every_depth(tmp_path: Path) -> None:
    for name in ("a/10.png", "a/2.png", "a/._2.png", "__MACOSX/a/2.png", "a/Thumbs.db", "a/DESKTOP.INI", ".git/x"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert files_below(tmp_path) == [tmp_path / "a/2.png", tmp_path / "a/10.png"]
    assert [entry.name for entry in entries(tmp_path)] == ["a"]


def test_folders_are_found_by_name_the_innermost_only(tmp_path: Path) -> None:
    for name in ("Emotion_labels/EMOTION", "x/emotion", "1/2/3/emotion", "__MACOSX/emotion"):
        (tmp_path / name).mkdir(parents=True)
    found = folders_named(tmp_path, ("Emotion", "Emotion_labels"))
    assert found == [tmp_path / "Emotion_labels/EMOTION", tmp_path / "x/emotion"]


def test_copies_are_counted() -> None:
    assert copies_note([]) == []
    assert copies_note(["a", "b"]) == ["2 files left out whose name is in another folder too: a, b"]
