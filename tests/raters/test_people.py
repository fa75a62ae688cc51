"""Who is in which video: names with and without folders, and what the table lacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqfer.core.errors import InputError
from seqfer.raters.people import people_of, read_people


def table(path: Path, *rows: str) -> str:
    path.write_text("\n".join(["film,person", *rows]) + "\n")
    return str(path)


def test_without_a_table_every_video_is_a_person_of_its_own() -> None:
    assert people_of(["a", "P01/b"], "") == ["a", "P01/b"]


def test_videos_are_named_with_or_without_folders_and_suffix(tmp_path: Path) -> None:
    file = table(tmp_path / "p.csv", "P01/video.mp4,Ann", "P02/video.mp4,Ben", "other,Ann", "third.avi, Cem ")
    assert people_of(["P01/video", "P02/video", "P03/other", "third"], file) == ["Ann", "Ben", "Ann", "Cem"]


def test_a_name_that_two_videos_have_is_not_enough(tmp_path: Path) -> None:
    file = table(tmp_path / "p.csv", "video.mp4,Ann", "P01/video,Ann")
    with pytest.raises(InputError, match=r"p\.csv: does not name P02/video; add it"):
        people_of(["P01/video", "P02/video"], file)


def test_a_table_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "wrong.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="no columns film and person"):
        read_people(tmp_path / "wrong.csv")
    with pytest.raises(InputError, match="cannot be read"):
        people_of(["a"], str(tmp_path / "gone.csv"))
