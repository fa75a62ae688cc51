"""What the results in a video's folder belong to."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from seqfer.core.errors import InputError
from seqfer.film.key import film_key
from seqfer.film.settings import AnnotateSettings

SETTINGS = AnnotateSettings()


def test_a_file_is_known_by_its_name_and_content(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"abc")
    key = film_key(str(tmp_path / "a.mp4"), SETTINGS)
    assert (key["film"], key["film_checksum"]) == ("a.mp4", hashlib.sha256(b"abc").hexdigest())
    (tmp_path / "moved").mkdir()
    (tmp_path / "a.mp4").rename(tmp_path / "moved" / "a.mp4")
    assert film_key(str(tmp_path / "moved" / "a.mp4"), SETTINGS) == key
    with pytest.raises(InputError, match=r"gone\.mp4: cannot be read"):
        film_key(str(tmp_path / "gone.mp4"), SETTINGS)


def test_a_folder_is_known_by_its_files(tmp_path: Path) -> None:
    (tmp_path / "1.png").write_bytes(b"a")
    first = film_key(str(tmp_path), SETTINGS)
    assert first["film"] == tmp_path.name
    assert film_key(f"{tmp_path}/", SETTINGS) == first
    os.utime(tmp_path / "1.png", ns=(0, 0))
    second = film_key(str(tmp_path), SETTINGS)
    (tmp_path / "2.png").write_bytes(b"a")
    third = film_key(str(tmp_path), SETTINGS)
    assert len({key["film_checksum"] for key in (first, second, third)}) == 3


def test_a_camera_is_never_the_same_twice_and_settings_are_part_of_the_key() -> None:
    key = film_key("camera:0", AnnotateSettings(fps=5.0))
    assert (key["film"], key["film_checksum"], key["fps"]) == ("camera:0", "live", 5.0)
    assert film_key("camera:0", SETTINGS) != key


def test_names_that_are_no_text_are_stored_as_text(tmp_path: Path) -> None:
    odd = tmp_path / "b\udcff.mp4"
    odd.write_bytes(b"a")
    key = film_key(str(odd), AnnotateSettings(detector_weights="w\udcff.onnx"))
    assert (key["film"], key["detector_weights"]) == ("b?.mp4", "w?.onnx")
