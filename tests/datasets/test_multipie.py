"""Multi-PIE from drawn pictures: what each recording means, cameras, and the two words without a label."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from seqfer.core.errors import InputError, SettingsError
from seqfer.corpus.manifest import read_manifest, write_manifest
from seqfer.corpus.published import published
from seqfer.datasets import multipie


def draw(root: Path, subject: str, session: str, recording: str, camera: str = "05_1", light: str = "07") -> Path:
    file = f"{subject}_{session}_{recording}_{camera.replace('_', '')}_{light}.png"
    path = root / "multiview" / subject / session / recording / camera / file
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((48, 64, 3), 100, np.uint8))
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for session, recording in multipie.EXPRESSIONS:
        for light in ("00", "07"):
            draw(tmp_path / "pie", "001", session, recording, light=light)
    draw(tmp_path / "pie", "002", "01", "02")
    draw(tmp_path / "pie", "002", "01", "02", camera="04_1")
    return tmp_path / "pie"


def test_recordings_become_labels(root: Path, tmp_path: Path) -> None:
    write_manifest(multipie.prepare(root, tmp_path / "pie.jsonl"), tmp_path / "pie.jsonl")
    made = read_manifest(tmp_path / "pie.jsonl")
    assert len(made.clips) == 23
    assert made.people == ("001", "002")
    assert made.classes == ("disgust", "happiness", "surprise", "neutral")
    labels = {clip.attributes["expression"]: clip.label for clip in made.clips}
    assert labels == {
        "neutral": "neutral", "smile": "happiness", "surprise": "surprise", "disgust": "disgust", "squint": None, "scream": None,
    }  # fmt: skip
    clip = next(clip for clip in made.clips if clip.clip == "001_03_03_051_07")
    assert clip.frames == ("pie/multiview/001/03/03/05_1/001_03_03_051_07.png",)
    assert clip.attributes == {
        "session": "03",
        "recording": "03",
        "camera": "05_1",
        "light": "07",
        "expression": "disgust",
    }
    notes = "\n".join(made.notes)
    assert "people: 2 of 337; session 01 2 of 249; session 02 1 of 203" in notes
    assert "kept with the attribute expression: scream 2, squint 2" in notes
    assert "1 pictures of other cameras left out" in notes


def test_the_facts_file_has_the_same_expressions() -> None:
    assert published("multipie")["expressions"] == {"/".join(key): word for key, word in multipie.EXPRESSIONS.items()}


def test_a_recording_shares_one_box_found_in_its_front_light(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for light in ("00", "07", "13"):
        path = draw(root, "003", "01", "01", light=light)
        cv2.imwrite(str(path), np.full((48, 64, 3), int(light) * 10, np.uint8))
    monkeypatch.setattr(
        multipie, "face_box", lambda picture: ((0.0, 0.0, 8.0 + picture.mean(), 8.0 + picture.mean()), "drawn")
    )
    clips = [clip for clip in multipie.prepare(root, tmp_path / "p.jsonl").clips if clip.person == "003"]
    assert [clip.boxes_xyxy_px for clip in clips] == [((0.0, 0.0, 78.0, 78.0),)] * 3


def test_options(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "pie.jsonl"
    both = multipie.prepare(root, out, cameras=("05_1", "04_1"))
    assert len(both.clips) == 24
    mapped = multipie.prepare(root, out, also={"scream": "fear"})
    assert {clip.attributes["expression"] for clip in mapped.clips if clip.label == "fear"} == {"scream"}
    six = multipie.prepare(root, out, classes="six")
    assert {clip.label for clip in six.clips} == {"disgust", "happiness", "surprise"}
    with pytest.raises(SettingsError, match=r"'smile' as 'fear'; allowed: scream or squint"):
        multipie.prepare(root, out, also={"smile": "fear"})
    with pytest.raises(SettingsError, match="as 'pain'"):
        multipie.prepare(root, out, also={"scream": "pain"})
    with pytest.raises(InputError, match=r"cameras 11_0 .*found cameras 04_1, 05_1"):
        multipie.prepare(root, out, cameras=("11_0",))


def test_what_does_not_fit(root: Path, tmp_path: Path) -> None:
    (root / "highres").mkdir()
    cv2.imwrite(str(root / "highres" / "001_01_01.png"), np.zeros((8, 8), np.uint8))
    assert "1 odd name left out: highres/001_01_01.png" in multipie.prepare(root, tmp_path / "p.jsonl").notes
    draw(root, "001", "01", "03")
    with pytest.raises(InputError, match=r"001_01_03_051_07.png: session 01 has no recording 03"):
        multipie.prepare(root, tmp_path / "p.jsonl")
    with pytest.raises(InputError, match="no such folder"):
        multipie.prepare(tmp_path / "nowhere", tmp_path / "p.jsonl")
