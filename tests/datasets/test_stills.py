"""What corpora of portraits share: pictures at any depth, a box for each, a note about the boxes."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from seqfer import posed
from seqfer.core.errors import InputError
from seqfer.datasets._stills import box_note, face_box, named_pictures, pictures_below


def test_pictures_at_any_depth_in_the_order_of_people(tmp_path: Path) -> None:
    for name in ("b/10.png", "b/9.JPG", "a.tif", "notes.txt", ".hidden.png", "__MACOSX/b/9.png", "b/c/1.bmp"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = [path.relative_to(tmp_path).as_posix() for path in pictures_below(tmp_path, "JAFFE", "*.tiff")]
    assert found == ["a.tif", "b/9.JPG", "b/10.png", "b/c/1.bmp"]


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(InputError, match=r"not JAFFE; expected \*\.tiff; found notes\.txt"):
        pictures_below(tmp_path, "JAFFE", "*.tiff")
    with pytest.raises(InputError, match="no such folder"):
        pictures_below(tmp_path / "gone", "JAFFE", "*.tiff")


def test_a_face_or_the_middle_of_the_picture() -> None:
    assert face_box(np.full((100, 200), 128, np.uint8)) == ((60.0, 10.0, 140.0, 90.0), "central square")
    box, way = face_box(posed.render(posed.sample_person(1), {}, size_px=256, framing="shoulders"))
    assert way == "Haar detector"
    assert box[2] - box[0] < 0.8 * 256  # not the central square


def test_the_note_counts_the_ways() -> None:
    assert box_note({"central square": 2, "Haar detector": 10, "landmarks": 0}) == (
        "face boxes: Haar detector 10, central square 2"
    )


def test_names_that_do_not_fit_and_second_copies_are_noted(tmp_path: Path) -> None:
    for name in ("a/x1.png", "a/x1 (1).png", "b/X1.PNG", "b/x2.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found, notes = named_pictures(tmp_path, "JAFFE", "x1.png", re.compile("X[0-9]").fullmatch)
    assert [path.relative_to(tmp_path).as_posix() for path, _ in found] == ["a/x1.png", "b/x2.png"]
    assert notes == [
        "1 file left out whose name is in another folder too: b/X1.PNG",
        "1 odd name left out: a/x1 (1).png",
    ]
    with pytest.raises(InputError, match=r"not JAFFE; expected y1\.png"):
        named_pictures(tmp_path, "JAFFE", "y1.png", re.compile("Y[0-9]").fullmatch)
