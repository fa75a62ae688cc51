"""CK+48 from tiny pictures: clips from file names, other choices of frames, partial copies, and what is refused."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from seqfer.cli import main
from seqfer.core.errors import InputError
from seqfer.corpus.faces import load_clip_faces
from seqfer.corpus.manifest import Manifest, read_manifest
from seqfer.corpus.published import published
from seqfer.datasets import ck48

FOLDERS = ("anger", "contempt", "disgust", "fear", "happy", "sadness", "surprise")


def add(root: Path, folder: str, name: str, numbers: tuple[int, ...] = (15, 16, 17)) -> None:
    (root / folder).mkdir(parents=True, exist_ok=True)
    for number in numbers:
        cv2.imwrite(str(root / folder / f"{name}_{number:08d}.png"), np.full((48, 48), number, np.uint8))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    root = tmp_path / "CK+48"
    for index, folder in enumerate(FOLDERS):
        add(root, folder, f"S{10 + index % 3:03d}_{index + 1:03d}")
    return root


def prepared(root: Path, **settings: str) -> Manifest:
    return ck48.prepare(root, root.parent / "ck48.jsonl", **settings)


def test_pictures_of_a_sequence_are_one_clip_in_order(copy: Path) -> None:
    made = prepared(copy)
    assert len(made.clips) == 7
    assert made.people == ("S010", "S011", "S012")
    assert made.classes == ("anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise")
    happy = next(clip for clip in made.clips if clip.label == "happiness")
    assert happy.clip == "S011_005"
    assert happy.frames == tuple(f"CK+48/happy/S011_005_{number:08d}.png" for number in (15, 16, 17))
    assert happy.boxes_xyxy_px is None
    assert load_clip_faces(made, happy, 48)[:, 0, 0].tolist() == [15, 16, 17]


def test_a_partial_copy_says_what_it_lacks(copy: Path) -> None:
    notes = prepared(copy).notes
    assert notes[0].startswith("partial copy: 7 of 327 labelled sequences; anger 1 of 45, contempt 1 of 18")
    assert "people: 3 of 118" in notes
    assert prepared(copy, classes="six").notes[0].startswith("partial copy: 6 of 309")


def test_a_full_copy_has_no_notes(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {**published("ck48"), "clips_by_class": dict.fromkeys(prepared(copy).classes, 1), "people": 3}
    monkeypatch.setattr(ck48, "published", lambda name: facts)
    assert prepared(copy).notes == ()


def test_published_counts_close() -> None:
    facts = published("ck48")
    assert sum(facts["clips_by_class"].values()) == facts["clips"]
    assert facts["clips"] * facts["frames_per_clip"] == facts["pictures"] == 981


def test_first_and_apex_frames_are_taken_and_said(tmp_path: Path) -> None:
    root = tmp_path / "first_apex"
    add(root, "Angry", "S010_001", (1, 20))
    add(root, "surprised", "S011_002", (1, 9))
    made = prepared(root)
    assert [clip.label for clip in made.clips] == ["anger", "surprise"]
    assert load_clip_faces(made, made.clips[0], 48)[:, 0, 0].tolist() == [1, 20]
    assert "frames per clip: 2 in 2 sequences (published: 3)" in made.notes
    assert any(note.startswith("frames are not consecutive in 2 clips (S010_001, S011_002)") for note in made.notes)


def test_odd_names_are_counted_and_left_out(copy: Path) -> None:
    cv2.imwrite(str(copy / "anger" / "me.png"), np.zeros((48, 48), np.uint8))
    (copy / "anger" / ".DS_Store").write_bytes(b"x")
    (copy / "scripts").mkdir()  # a folder without such pictures is no emotion
    (copy / "scripts" / "crop.py").write_text("")
    made = prepared(copy)
    assert len(made.clips) == 7
    assert "2 odd names left out: anger/me.png, scripts/crop.py" in made.notes


def test_an_unknown_emotion_names_the_folder(copy: Path) -> None:
    add(copy, "bored", "S010_020")
    with pytest.raises(InputError, match=r"bored: label 'bored' is not in the vocabulary") as error:
        prepared(copy)
    assert "\n" not in str(error.value)


def test_a_sequence_under_two_emotions_is_refused(copy: Path) -> None:
    add(copy, "fear", "S010_001")
    with pytest.raises(InputError, match="sequence S010_001 is also in the folder of anger"):
        prepared(copy)


@pytest.mark.parametrize("cut", [1, 12, 40])
def test_a_truncated_picture_is_named(copy: Path, cut: int) -> None:
    file = copy / "fear" / "S010_004_00000016.png"
    file.write_bytes(file.read_bytes()[:-cut])
    with pytest.raises(InputError, match=r"S010_004_00000016\.png: truncated"):
        prepared(copy)


def test_another_layout_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        prepared(tmp_path / "nowhere")
    (tmp_path / "other" / "cohn-kanade-images" / "S005").mkdir(parents=True)
    with pytest.raises(InputError, match=r"expected <emotion>/S010_004.*; found cohn-kanade-images/") as error:
        prepared(tmp_path / "other")
    assert "\n" not in str(error.value)


def test_classes_that_are_not_there_are_refused(tmp_path: Path) -> None:
    add(tmp_path / "c", "contempt", "S010_001")
    with pytest.raises(InputError, match=r"no pictures of the classes .*; found contempt"):
        prepared(tmp_path / "c", classes="six")


def test_the_command_writes_what_can_be_read(copy: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "ck48.jsonl"
    assert main(["prepare", "ck48", str(copy), "-o", str(out)]) == 0
    said = capsys.readouterr().out
    assert "7 clips, 21 frames, 3 people" in said
    assert "note: partial copy: 7 of 327" in said
    assert read_manifest(out).clips == prepared(copy).clips
    assert main(["prepare", "ck48", str(tmp_path / "none"), "-o", str(out)]) == 2
    assert "no such folder" in capsys.readouterr().err


@pytest.mark.data
def test_the_research_copy(shared_data: Path, tmp_path: Path) -> None:
    root = shared_data / "ck48"
    if not root.is_dir():
        pytest.skip(f"no {root}")
    made = ck48.prepare(root, tmp_path / "m.jsonl")
    assert (len(made.clips), len(made.people)) == (258, 94)
    assert {len(clip.frames) for clip in made.clips} == {3}
    assert made.notes[0].startswith("partial copy: 258 of 327 labelled sequences; anger 36 of 45, contempt 14 of 18")
    assert len(made.notes) == 2


@pytest.mark.data
def test_the_research_copy_of_first_and_apex_frames(shared_data: Path, tmp_path: Path) -> None:
    root = shared_data / "ck_first_apex"
    if not root.is_dir():
        pytest.skip(f"no {root}")
    made = ck48.prepare(root, tmp_path / "m.jsonl")
    assert (len(made.clips), len(made.people)) == (245, 93)
    assert all(clip.frames[0].endswith("_00000001.png") and len(clip.frames) == 2 for clip in made.clips)
    assert "frames per clip: 2 in 245 sequences (published: 3)" in made.notes


def test_the_emotions_are_found_below_other_folders(copy: Path, tmp_path: Path) -> None:
    expected = [(clip.clip, clip.label) for clip in prepared(copy).clips]
    outer = tmp_path / "CK+48 unzipped"
    outer.mkdir()
    copy.rename(outer / "CK+48")
    for litter in ("__MACOSX/anger/._S010_004_00000017.png", "CK+48/anger/Thumbs.db"):
        (outer / litter).parent.mkdir(parents=True, exist_ok=True)
        (outer / litter).write_bytes(b"x")
    made = prepared(outer)
    assert [(clip.clip, clip.label) for clip in made.clips] == expected
    assert not [note for note in made.notes if "odd" in note]
