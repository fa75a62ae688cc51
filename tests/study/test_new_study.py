"""A first study file: names guessed from files' names, and a file that is read without a change."""

from pathlib import Path

import pytest

from seqfer.core.errors import InputError
from seqfer.study.new_study import guessed_names, study_text
from seqfer.study.study_file import read_study


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("P01_comedy.mp4", ("P01", "comedy")),
        ("P01-sad clip.mp4", ("P01", "sad-clip")),
        ("P01/comedy.mp4", ("P01", "comedy")),
        ("alone.mp4", ("alone", "stimulus")),
        ("P01_comedy-h264.mp4", ("P01", "comedy")),
        ("Ä1_Müller & Söhne.mp4", ("Ä1", "Müller-Söhne")),
    ],
)
def test_guessed_names(name, expected):
    assert guessed_names(Path("in", name), Path("in")) == expected


def test_the_file_is_a_study(tmp_path):
    for name in ("P01_comedy.mp4", "P01_drama.mp4", "P02_comedy.avi", "P02_comedy-h264.mp4", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "study.toml").write_text(study_text(tmp_path), encoding="utf-8")
    study = read_study(tmp_path / "study.toml")
    assert [(one.name, one.video.name) for one in study.recordings] == [
        ("P01-comedy", "P01_comedy.mp4"),
        ("P01-drama", "P01_drama.mp4"),
        ("P02-comedy", "P02_comedy-h264.mp4"),
    ]
    assert study.rating.order == "random"


def test_folders_without_videos_and_equal_names(tmp_path):
    with pytest.raises(InputError, match="has no videos"):
        study_text(tmp_path)
    with pytest.raises(InputError, match="is not a folder"):
        study_text(tmp_path / "none")
    for name in ("P01_a.mp4", "P01-a.mp4"):
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(InputError, match="both seem to be of participant P01 and stimulus a"):
        study_text(tmp_path)
