"""KDEF from drawn portraits: names, angles, people, and what is refused."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from seqfer.core.errors import InputError, SettingsError
from seqfer.corpus.faces import load_clip_faces
from seqfer.corpus.manifest import Manifest
from seqfer.datasets import kdef

EXPRESSIONS = ("AF", "AN", "DI", "HA", "NE", "SA", "SU")


def draw(path: Path, width: int = 56, height: int = 76) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = np.full((height, width, 3), 120, np.uint8)
    cv2.circle(picture, (width // 2, height // 2), width // 3, (150, 180, 220), -1)
    cv2.imwrite(str(path), picture)


def copy_of(
    root: Path, people: tuple[str, ...] = ("AF01", "BF01", "AM01"), angles: tuple[str, ...] = ("S", "HL")
) -> Path:
    for person in people:
        for expression in EXPRESSIONS:
            for angle in angles:
                draw(root / person / f"{person}{expression}{angle}.JPG")
    return root


def prepared(root: Path, tmp_path: Path, **settings: object) -> Manifest:
    return kdef.prepare(root, tmp_path / "kdef.jsonl", **settings)  # type: ignore[arg-type]


def test_straight_views_of_people_by_sex_and_number(tmp_path: Path) -> None:
    made = prepared(copy_of(tmp_path / "KDEF"), tmp_path)
    assert len(made.clips) == 21
    assert made.people == ("F01", "M01")  # both sessions of F01 are one person
    clip = next(clip for clip in made.clips if clip.clip == "BF01ANS")
    assert clip.label == "anger"
    assert clip.frames == ("KDEF/BF01/BF01ANS.JPG",)
    assert clip.attributes == {"session": "B", "sex": "F", "angle": "S"}
    labels = {clip.clip[4:6]: clip.label for clip in made.clips}
    assert labels == dict(zip(EXPRESSIONS, ("fear", "anger", "disgust", "happiness", "neutral", "sadness", "surprise")))
    notes = "\n".join(made.notes)
    assert "partial copy: 21 of 980 pictures of each angle" in notes
    assert "people: 2 of 70" in notes
    assert "21 pictures of other angles left out" in notes


def test_face_boxes_lie_in_the_pictures(tmp_path: Path) -> None:
    made = prepared(copy_of(tmp_path / "KDEF"), tmp_path)
    for clip in made.clips:
        assert clip.boxes_xyxy_px is not None
        x1, y1, x2, y2 = clip.boxes_xyxy_px[0]
        assert 0 <= x1 < x2 <= 56
        assert 0 <= y1 < y2 <= 76
        assert x2 - x1 == pytest.approx(y2 - y1)
    assert load_clip_faces(made, made.clips[0], 48).shape == (1, 48, 48)
    assert any(note.startswith("face boxes: ") and note.endswith("21") for note in made.notes)


def test_angles_and_classes_choose(tmp_path: Path) -> None:
    root = copy_of(tmp_path / "KDEF")
    assert len(prepared(root, tmp_path, angles=("S", "HL")).clips) == 42
    half = prepared(root, tmp_path, angles=("HL",), classes="six")
    assert {clip.attributes["angle"] for clip in half.clips} == {"HL"}
    assert "neutral" not in half.classes
    assert "partial copy: 18 of 840 pictures" in "\n".join(half.notes)
    with pytest.raises(SettingsError, match="angles XX; allowed: FL, HL, S, HR, FR"):
        prepared(root, tmp_path, angles=("XX",))
    with pytest.raises(InputError, match="found angles HL, S"):
        prepared(root, tmp_path, angles=("FR",))


def test_the_two_misnamed_files_are_known(tmp_path: Path) -> None:
    root = copy_of(tmp_path / "KDEF")
    draw(root / "AF31" / "AF31V.JPG")
    draw(root / "AM31" / "AM31H.JPG")
    made = prepared(root, tmp_path, angles=("HL", "HR"))
    by_name = {clip.clip: clip for clip in made.clips}
    assert by_name["AF31SAHL"].label == "sadness"
    assert by_name["AM31SUHR"].label == "surprise"
    assert by_name["AM31SUHR"].frames == ("KDEF/AM31/AM31H.JPG",)
    assert any("misnamed" in note and "AF31V.JPG, AM31H.JPG" in note for note in made.notes)


@pytest.mark.parametrize(
    "name",
    [
        "AF01ANS (1).JPG",
        "FANS.JPG",
        "AF01XXS.JPG",
        "CF01ANS.JPG",
        "AX01ANS.JPG",
        "AF00ANS.JPG",
        "AF36ANS.JPG",
        "AF01ANX.JPG",
        "portrait.png",
    ],
)
def test_a_name_out_of_the_pattern_is_noted_and_left_out(tmp_path: Path, name: str) -> None:
    root = copy_of(tmp_path / "KDEF")
    draw(root / "AF01" / name)
    made = prepared(root, tmp_path)
    assert len(made.clips) == 21
    assert f"1 odd name left out: AF01/{name}" in made.notes


def test_the_whole_archive_with_the_averaged_faces(tmp_path: Path) -> None:
    """KDEF_and_AKDEF.zip unzipped, with one folder of it unzipped twice."""
    root = tmp_path / "KDEF_and_AKDEF"
    copy_of(root / "KDEF", angles=("S",))
    copy_of(root / "KDEF" / "KDEF", people=("AF01",), angles=("S",))
    for name in ("FAFS", "FANS", "MAFS", "MANS"):
        draw(root / "AKDEF" / f"{name}.JPG")
    made = prepared(tmp_path, tmp_path)
    assert len(made.clips) == 21
    assert made.people == ("F01", "M01")
    assert any(note.startswith("4 odd names left out: KDEF_and_AKDEF/AKDEF/FAFS.JPG") for note in made.notes)
    assert any(note.startswith("7 files left out whose name is in another folder too") for note in made.notes)


def test_other_files_are_passed_over_and_case_does_not_matter(tmp_path: Path) -> None:
    root = tmp_path / "KDEF"
    draw(root / "am05hAs.jpg")
    draw(root / "__MACOSX" / "x.JPG")
    (root / "KDEFinfo.txt").write_text("words")
    (root / "._AM05HAS.JPG").write_bytes(b"resource fork")
    made = prepared(root, tmp_path)
    assert [(clip.clip, clip.person) for clip in made.clips] == [("AM05HAS", "M05")]


def test_broken_or_missing_copies_are_refused(tmp_path: Path) -> None:
    root = copy_of(tmp_path / "KDEF")
    file = root / "AF01" / "AF01ANS.JPG"
    file.write_bytes(file.read_bytes()[:300])
    with pytest.raises(InputError, match=r"AF01ANS.JPG: truncated"):
        prepared(root, tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        prepared(tmp_path / "nowhere", tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="found nothing"):
        prepared(tmp_path / "empty", tmp_path)
