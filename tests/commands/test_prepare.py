"""`seqfer prepare` and `seqfer datasets`, as typed: counts and notes printed, a manifest that reads back, one line for what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from mock_video import write_audio, write_video

from seqfer.cli import main
from seqfer.core import registry
from seqfer.corpus.faces import load_clip_faces
from seqfer.corpus.manifest import read_manifest


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A partial CK+48: two people who are happy, one of them also in contempt."""
    for folder, sequence in (("happy", "S010_006"), ("happy", "S011_006"), ("contempt", "S011_002")):
        for frame in (7, 8, 9):
            file = tmp_path / "CK+48" / folder / f"{sequence}_{frame:08d}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(file), np.full((48, 48), 10 * frame, np.uint8))
    return tmp_path / "CK+48"


def failed(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Runs a command that must fail with code 2 and one line, and gives the line."""
    assert main([str(argument) for argument in arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.endswith("\n")
    assert err.count("\n") == 1
    assert err.startswith("seqfer prepare: ")
    return err


def test_counts_are_printed_and_the_manifest_reads_back(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = copy.parent / "made" / "ck48.jsonl"
    assert main(["prepare", "ck48", str(copy), "-o", str(out)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{out}: 3 clips, 9 frames, 2 people"
    assert [line.split() for line in lines[1:3]] == [["contempt", "1"], ["happiness", "2"]]
    made = read_manifest(out)
    assert [line.removeprefix("  note: ") for line in lines[3:]] == list(made.notes)
    assert any(note.startswith("partial copy: 3 of 327") for note in made.notes)
    assert load_clip_faces(made, made.clips[0], 48)[:, 0, 0].tolist() == [70, 80, 90]


def test_a_manifest_beside_the_copy_moves_with_it(copy: Path) -> None:
    assert main(["prepare", "ck48", str(copy), "-o", str(copy / "ck48.jsonl")]) == 0
    moved = copy.rename(copy.parent / "elsewhere")
    made = read_manifest(moved / "ck48.jsonl")
    assert made.clips[0].frames[0].startswith("happy/")
    assert load_clip_faces(made, made.clips[0], 48).shape == (3, 48, 48)


def test_a_manifest_written_over_a_link_finds_its_pictures(copy: Path, tmp_path: Path) -> None:
    """The link is replaced, not followed; the pictures are named from the folder that the new file lies in."""
    (copy / "old.jsonl").write_text("kept")
    link = tmp_path / "far" / "now.jsonl"
    link.parent.mkdir()
    link.symlink_to(copy / "old.jsonl")
    assert main(["prepare", "ck48", str(copy), "-o", str(link)]) == 0
    assert (copy / "old.jsonl").read_text() == "kept"
    made = read_manifest(link)
    assert load_clip_faces(made, made.clips[0], 48).shape == (3, 48, 48)


def test_classes_are_chosen(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = copy.parent / "six.jsonl"
    assert main(["prepare", "ck48", str(copy), "-o", str(out), "--classes", "six"]) == 0
    assert "2 clips, 6 frames, 2 people" in capsys.readouterr().out
    assert read_manifest(out).classes == ("happiness",)


def test_the_embedded_corpus_needs_no_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prepare", "posed", "-o", str(tmp_path / "posed.jsonl"), "--classes", "six", "--people", "2"]) == 0
    assert ": 12 clips, " in capsys.readouterr().out
    assert len(read_manifest(tmp_path / "posed.jsonl").people) == 2


def test_unknown_corpus(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = failed(capsys, "prepare", "ck49", copy, "-o", copy / "x.jsonl")
    assert "'ck49'" in line
    for name in registry.names("datasets"):
        assert name in line


def test_folder_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "needs the folder of your copy" in failed(capsys, "prepare", "ck48", "-o", tmp_path / "x.jsonl")


def test_no_such_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = failed(capsys, "prepare", "ck+", tmp_path / "nowhere", "-o", tmp_path / "x.jsonl")
    assert f"{tmp_path / 'nowhere'}: no such folder" in line


@pytest.mark.parametrize("name", ["x" * 300, "no\0name"])
def test_a_name_that_no_folder_can_have(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no such folder" in failed(capsys, "prepare", "ck48", tmp_path / name, "-o", tmp_path / "x.jsonl")


@pytest.mark.parametrize("name", ["ck+", "ck48", "folder"])
def test_a_file_is_not_called_missing(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "copy.zip").write_bytes(b"PK")
    line = failed(capsys, "prepare", name, tmp_path / "copy.zip", "-o", tmp_path / "x.jsonl")
    assert "copy.zip: a file, not a folder" in line


@pytest.mark.parametrize("name", ["ck+", "ck48", "folder"])
def test_another_corpus(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Session1" / "Sub01").mkdir(parents=True)
    line = failed(capsys, "prepare", name, tmp_path, "-o", tmp_path / "x.jsonl")
    assert "expected" in line
    assert "Session1" in line
    assert not (tmp_path / "x.jsonl").exists()


def test_unknown_classes(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = failed(capsys, "prepare", "ck48", copy, "-o", copy / "x.jsonl", "--classes", "five")
    assert "unknown class list 'five'; allowed: six, seven, all, fer2013" in line


@pytest.mark.parametrize("out", ["a file/x.jsonl", "a folder"])
def test_a_place_that_cannot_be_written(out: str, copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copy.parent / "a file").write_text("kept")
    (copy.parent / "a folder").mkdir()
    line = failed(capsys, "prepare", "ck48", copy, "-o", copy.parent / out)
    assert f"{out}: cannot be written" in line
    assert (copy.parent / "a file").read_text() == "kept"
    assert not list((copy.parent / "a folder").iterdir())


def test_a_failure_leaves_the_old_manifest(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = copy.parent / "ck48.jsonl"
    assert main(["prepare", "ck48", str(copy), "-o", str(out)]) == 0
    before = out.read_bytes()
    (copy / "happy" / "S010_006_00000008.png").write_bytes(b"")
    capsys.readouterr()
    assert "S010_006_00000008.png: empty file" in failed(capsys, "prepare", "ck48", copy, "-o", out)
    assert out.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "said"), [("sound.avi", "only audio"), ("none.avi", "zero frames"), ("words.mp4", "not a video")]
)
def test_a_clip_that_shows_nothing(name: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip = tmp_path / "mine" / "happy" / "ann" / name
    clip.parent.mkdir(parents=True)
    if name == "sound.avi":
        write_audio(clip)
    elif name == "none.avi":
        write_video(clip, frames=0)
    else:
        clip.write_bytes(b"no film at all" * 50)
    line = failed(capsys, "prepare", "folder", tmp_path / "mine", "-o", tmp_path / "x.jsonl")
    assert f"{clip}: " in line
    assert said in line


@pytest.mark.parametrize("text", ["", "\n", "nan", "1 2", "-1", "8", "3\u00e9"])
def test_an_emotion_file_without_a_known_number(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in ("cohn-kanade-images", "Emotion"):
        (tmp_path / "CK+" / folder / "S005" / "001").mkdir(parents=True)
    picture = tmp_path / "CK+" / "cohn-kanade-images" / "S005" / "001" / "S005_001_00000001.png"
    cv2.imwrite(str(picture), np.zeros((40, 40), np.uint8))
    file = tmp_path / "CK+" / "Emotion" / "S005" / "001" / "S005_001_00000001_emotion.txt"
    file.write_text(text, encoding="utf-8")
    line = failed(capsys, "prepare", "ck+", tmp_path / "CK+", "-o", tmp_path / "x.jsonl")
    assert f"{file}: " in line
    file.write_text("3.0")
    assert main(["prepare", "ck+", str(tmp_path / "CK+"), "-o", str(tmp_path / "x.jsonl")]) == 0


def test_datasets_lists_every_corpus(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["datasets"]) == 0
    text = capsys.readouterr().out
    blocks = text.split("\n\n")
    assert len(blocks) == len(registry.names("datasets")) + 1
    for name, block in zip(registry.names("datasets"), blocks):
        assert block.startswith(f"{name}: ")
        for word in ("layout:", "licence:", "source:", "checked:"):
            assert f"\n  {word}" in block
    assert "seqfer prepare NAME ROOT" in blocks[-1]


def test_datasets_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["datasets", "--json"]) == 0
    corpora = {corpus["name"]: corpus for corpus in json.loads(capsys.readouterr().out)}
    assert tuple(corpora) == registry.names("datasets")
    assert sum(corpora["ck+"]["clips_by_class"].values()) == 327
    assert corpora["folder"]["clips_by_class"] == {}
    assert all(isinstance(corpus["checked"], list) and corpus["checked"] for corpus in corpora.values())
