"""JAFFE from drawn portraits."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from seqfer.core.errors import InputError
from seqfer.datasets import jaffe

NAMES = {
    "KA.AN1.39.tiff": "anger",
    "KA.DI2.43.tiff": "disgust",
    "KA.FE3.47.tiff": "fear",
    "KA.HA1.29.tiff": "happiness",
    "YM.NE2.50.tiff": "neutral",
    "YM.SA3.57.tiff": "sadness",
    "YM.SU1.58.tiff": "surprise",
}


def copy_of(root: Path) -> Path:
    root.mkdir()
    for name in NAMES:
        cv2.imwrite(str(root / name), np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8))
    (root / "README").write_text("words")
    return root


def test_names_give_person_and_label(tmp_path: Path) -> None:
    made = jaffe.prepare(copy_of(tmp_path / "jaffe"), tmp_path / "jaffe.jsonl")
    assert {clip.clip + ".tiff": clip.label for clip in made.clips} == NAMES
    assert made.people == ("KA", "YM")
    assert made.clips[0].frames == ("jaffe/KA.AN1.39.tiff",)
    assert all(clip.boxes_xyxy_px and len(clip.boxes_xyxy_px) == 1 for clip in made.clips)
    notes = "\n".join(made.notes)
    assert "partial copy: 7 of 213 pictures; anger 1 of 30, disgust 1 of 29" in notes
    assert "people: 2 of 10" in notes


def test_classes_choose(tmp_path: Path) -> None:
    made = jaffe.prepare(copy_of(tmp_path / "jaffe"), tmp_path / "jaffe.jsonl", classes="six")
    assert made.classes == ("anger", "disgust", "fear", "happiness", "sadness", "surprise")


def test_odd_names_are_counted_and_other_folders_refused(tmp_path: Path) -> None:
    root = copy_of(tmp_path / "jaffe")
    cv2.imwrite(str(root / "KA.XX1.39.tiff"), np.zeros((8, 8), np.uint8))
    assert "1 odd name left out: KA.XX1.39.tiff" in jaffe.prepare(root, tmp_path / "jaffe.jsonl").notes
    (root / "KA.AN1.39.tiff").write_bytes(b"II*\x00 and no more")
    with pytest.raises(InputError, match=r"KA.AN1.39.tiff"):
        jaffe.prepare(root, tmp_path / "jaffe.jsonl")
    (tmp_path / "other").mkdir()
    cv2.imwrite(str(tmp_path / "other" / "a.png"), np.zeros((8, 8), np.uint8))
    with pytest.raises(InputError, match=r"expected KA.AN1.39.tiff"):
        jaffe.prepare(tmp_path / "other", tmp_path / "jaffe.jsonl")
