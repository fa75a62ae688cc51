"""CK+ from drawn portraits: labels, order, boxes, partial copies, and what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from seqfer.cli import main
from seqfer.core.errors import InputError
from seqfer.corpus.faces import load_clip_faces
from seqfer.corpus.manifest import Manifest, read_manifest
from seqfer.corpus.published import published
from seqfer.datasets import ck_plus
from seqfer.datasets._boxes import square_inside

WIDTH, HEIGHT = 64, 49
# The corpus' own codes, written out here a second time so that a slip in the table shows.
CODES = {"anger": 1, "contempt": 2, "disgust": 3, "fear": 4, "happiness": 5, "sadness": 6, "surprise": 7}


def portrait(shade: int = 120) -> np.ndarray:
    picture = np.full((HEIGHT, WIDTH), 30, np.uint8)
    cv2.ellipse(picture, (40, 24), (10, 14), 0, 0, 360, shade, -1)
    return picture


def add_sequence(
    root: Path, person: str, take: str, label: str | None, frames: int = 3, landmarks: bool = False
) -> None:
    name = f"{person}_{take}"
    images = root / "cohn-kanade-images" / person / take
    images.mkdir(parents=True, exist_ok=True)
    (root / "Emotion" / person / take).mkdir(parents=True, exist_ok=True)
    for number in range(1, frames + 1):
        cv2.imwrite(str(images / f"{name}_{number:08d}.png"), portrait(100 + 10 * number))
        if landmarks:
            add_landmarks(root, name, number, shift=float(number))
    if label:
        file = root / "Emotion" / person / take / f"{name}_{frames:08d}_emotion.txt"
        file.write_text(f"   {CODES[label]:.7e}\n")


def add_landmarks(root: Path, name: str, number: int, shift: float = 0.0) -> np.ndarray:
    """68 points over the drawn face, x from 32 to 48 and y from 14 to 34, moved right by `shift`."""
    points = np.stack([np.linspace(32, 48, 68), 14 + 20 * np.abs(np.sin(np.linspace(0, np.pi, 68)))], axis=1)
    points[:, 0] += shift
    folder = root / "Landmarks" / name[:4] / name[5:]
    folder.mkdir(parents=True, exist_ok=True)
    rows = "\n".join(f"   {x:.7e}   {y:.7e}" for x, y in points)
    (folder / f"{name}_{number:08d}_landmarks.txt").write_text(rows + "\n")
    return points


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Seven labelled sequences of two people and one without a label."""
    root = tmp_path / "CK+"
    for index, label in enumerate(CODES):
        add_sequence(root, "S005" if index < 4 else "S010", f"{index + 1:03d}", label)
    add_sequence(root, "S010", "008", None)
    return root


def prepared(root: Path, **settings: str) -> Manifest:
    return ck_plus.prepare(root, root.parent / "ck.jsonl", **settings)


def test_labelled_sequences_become_whole_clips(copy: Path) -> None:
    made = prepared(copy)
    assert {clip.clip: clip.label for clip in made.clips} == {
        f"{'S005' if i < 4 else 'S010'}_{i + 1:03d}": label for i, label in enumerate(CODES)
    }
    assert made.people == ("S005", "S010")
    first = made.clips[0]
    assert first.frames == tuple(f"CK+/cohn-kanade-images/S005/001/S005_001_{number:08d}.png" for number in (1, 2, 3))
    assert "1 sequences without an emotion label left out" in made.notes
    assert any(
        note.startswith("partial copy: 7 of 327 labelled sequences; anger 1 of 45, contempt 1 of 18")
        for note in made.notes
    )
    assert "people: 2 of 118" in made.notes


def test_a_full_copy_is_not_called_partial(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {**published("ck+"), "clips_by_class": dict.fromkeys(CODES, 1), "people": 2}
    monkeypatch.setattr(ck_plus, "published", lambda name: facts)
    assert not [note for note in prepared(copy).notes if "copy" in note or "people" in note]
    add_sequence(copy, "S010", "009", "fear")
    assert "more than published: 8 of 7 labelled sequences; fear 2 of 1" in prepared(copy).notes


def test_six_classes_leave_contempt_out(copy: Path) -> None:
    made = prepared(copy, classes="six")
    assert made.classes == ("anger", "disgust", "fear", "happiness", "sadness", "surprise")
    assert "partial copy: 6 of 309 labelled sequences" in made.notes[0]
    assert prepared(copy, classes="seven").classes == tuple(CODES)


def test_published_counts_close() -> None:
    facts = published("ck+")
    assert sum(facts["clips_by_class"].values()) == facts["clips"] == 327
    assert facts["label_codes"] == {"neutral": 0, **CODES}


def test_box_from_landmarks_is_one_square_around_the_whole_clip(tmp_path: Path) -> None:
    root = tmp_path / "CK+"
    add_sequence(root, "S005", "001", "anger", landmarks=True)
    made = prepared(root)
    boxes = made.clips[0].boxes_xyxy_px
    assert boxes is not None
    assert len(boxes) == 3
    assert len(set(boxes)) == 1  # it stands still
    x1, y1, x2, y2 = boxes[0]
    assert x2 - x1 == pytest.approx(y2 - y1, abs=0.02)  # kept to hundredths of a pixel
    assert x1 < 33  # first frame's leftmost point
    assert x2 > 51  # last frame's rightmost point
    assert y1 < 14
    assert y2 > 34
    assert x2 - x1 == pytest.approx(1.2 * 20, abs=0.1)
    assert "face boxes: landmarks 1" in made.notes
    assert load_clip_faces(made, made.clips[0], 16).mean() > 60  # the face, not the dark wall


def test_no_face_and_broken_landmarks_take_the_central_square(tmp_path: Path) -> None:
    root = tmp_path / "CK+"
    add_sequence(root, "S005", "001", "anger", landmarks=True)
    for file in (root / "Landmarks").rglob("*.txt"):
        file.write_text("1.0 2.0\nnan nan\n")
    made = prepared(root)
    assert "face boxes: central square 1" in made.notes
    assert made.clips[0].boxes_xyxy_px is not None
    assert made.clips[0].boxes_xyxy_px[0] == square_inside(32, 24.5, 0.8 * 49, WIDTH, HEIGHT)


def test_haar_is_asked_where_landmarks_are_missing(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ck_plus, "haar_box", lambda picture: (20.0, 5.0, 50.0, 35.0))
    made = prepared(copy)
    assert {clip.boxes_xyxy_px for clip in made.clips} == {((20.0, 5.0, 50.0, 35.0),) * 3}
    assert "face boxes: Haar detector 7" in made.notes


def test_facs_landmarks_and_system_files_are_tolerated(copy: Path) -> None:
    (copy / "FACS" / "S005" / "001").mkdir(parents=True)
    (copy / "FACS" / "S005" / "001" / "S005_001_00000003_facs.txt").write_text("4.0 1.0\n")
    (copy / "ReadMeCohnKanadeDatabase_website.txt").write_text("words")
    (copy / "cohn-kanade-images" / "S005" / "001" / ".DS_Store").write_bytes(b"x")
    (copy / "cohn-kanade-images" / ".DS_Store").write_bytes(b"x")
    (copy / "Emotion" / "S005" / "001" / "._S005_001_00000003_emotion.txt").write_bytes(b"\x00")
    made = prepared(copy)
    assert len(made.clips) == 7
    assert not [note for note in made.notes if "odd" in note]


def test_odd_names_are_counted_and_left_out(copy: Path) -> None:
    images = copy / "cohn-kanade-images" / "S005" / "001"
    for name in ("S005_001_1.png", "S006_001_00000001.png"):
        cv2.imwrite(str(images / name), portrait())
    (copy / "Emotion" / "S005" / "001" / "my_emotion.txt").write_text("1")
    made = prepared(copy)
    assert len(made.clips[0].frames) == 3
    assert any(note.startswith("3 odd names left out: Emotion/S005/001/my_emotion.txt, ") for note in made.notes)


def test_gaps_and_lost_sequences_are_noted(copy: Path) -> None:
    (copy / "cohn-kanade-images" / "S005" / "001" / "S005_001_00000002.png").unlink()
    (copy / "cohn-kanade-images" / "S005" / "002" / "S005_002_00000003.png").unlink()  # the apex
    for file in (copy / "cohn-kanade-images" / "S005" / "003").iterdir():
        file.unlink()
    made = prepared(copy)
    assert "frames missing in 2 sequences: S005_001, S005_002" in made.notes
    assert "labelled but without pictures: 1 sequences, S005_003" in made.notes
    assert len(made.clips) == 6


@pytest.mark.parametrize(
    ("text", "said"),
    [("9.0", "label code 9 is not in the vocabulary"), ("1.5", "label code 1.5"), ("angry", "not an emotion file")],
)
def test_an_unknown_label_names_the_file(copy: Path, text: str, said: str) -> None:
    (copy / "Emotion" / "S005" / "002" / "S005_002_00000003_emotion.txt").write_text(text)
    with pytest.raises(InputError, match=f"S005_002_00000003_emotion.txt: {said}") as error:
        prepared(copy)
    assert "\n" not in str(error.value)


def test_two_labels_for_one_sequence_are_refused(copy: Path) -> None:
    (copy / "Emotion" / "S005" / "002" / "S005_002_00000002_emotion.txt").write_text("7.0")
    with pytest.raises(InputError, match="sequence S005_002 already has the label"):
        prepared(copy)


def test_broken_pictures_are_all_found(copy: Path) -> None:
    images = copy / "cohn-kanade-images" / "S005"
    first, second = images / "001" / "S005_001_00000002.png", images / "002" / "S005_002_00000001.png"
    first.write_bytes(first.read_bytes()[:-12])
    with pytest.raises(InputError, match=r"S005_001_00000002.png: truncated"):
        prepared(copy)
    second.write_bytes(b"")
    with pytest.raises(InputError, match=r"2 of 21 pictures are broken: .*S005_001_00000002.*S005_002_00000001"):
        prepared(copy)


@pytest.mark.parametrize("missing", ["cohn-kanade-images", "Emotion", "everything", "folder"])
def test_another_layout_is_refused_in_one_line(tmp_path: Path, missing: str) -> None:
    root = tmp_path / "CK+"
    if missing != "folder":
        root.mkdir()
        (root / "anger").mkdir()
    if missing in ("cohn-kanade-images", "Emotion"):
        (root / {"Emotion": "cohn-kanade-images", "cohn-kanade-images": "Emotion"}[missing]).mkdir()
    with pytest.raises(InputError, match="expected") as error:
        prepared(root)
    assert "cohn-kanade-images/S005/001" in str(error.value)
    assert "\n" not in str(error.value)
    if missing == "everything":
        assert "found anger/" in str(error.value)


def test_frames_elsewhere_are_absolute_and_the_command_writes(copy: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "deep" / "er" / "ck.jsonl"
    assert main(["prepare", "ck+", str(copy), "-o", str(out), "--classes", "six"]) == 0
    said = capsys.readouterr().out
    assert "6 clips, 18 frames, 2 people" in said
    made = read_manifest(out)
    assert all(Path(frame).is_absolute() for clip in made.clips for frame in clip.frames)
    assert load_clip_faces(made, made.clips[0], 8).shape == (3, 8, 8)


def test_archives_unzipped_beside_each_other_are_found(copy: Path, tmp_path: Path) -> None:
    """Each archive in a folder of its own, one of them twice, in another case, with what archivers leave."""
    expected = [(clip.clip, clip.label, len(clip.frames)) for clip in prepared(copy).clips]
    root = tmp_path / "unzipped"
    shutil.copytree(copy / "cohn-kanade-images", root / "Extended-Cohn-Kanade-Images" / "Cohn-Kanade-Images")
    shutil.copytree(copy / "cohn-kanade-images", root / "second" / "cohn-kanade-images")
    shutil.copytree(copy / "Emotion", root / "Emotion_labels" / "emotion")
    for litter in ("__MACOSX/Emotion/._S005", "Emotion_labels/emotion/S005/Thumbs.db", "second/.DS_Store"):
        (root / litter).parent.mkdir(parents=True, exist_ok=True)
        (root / litter).write_bytes(b"x")
    made = prepared(root)
    assert [(clip.clip, clip.label, len(clip.frames)) for clip in made.clips] == expected
    assert not [note for note in made.notes if "odd" in note]
