"""Suffixes of video files: what FFmpeg lists, and what opens."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from mock_video import write_video

from seqfer import video
from seqfer.video.suffixes import SUFFIXES

CAMERAS = ".mp4 .mov .m4v .avi .mkv .webm .mpg .mpeg .wmv .asf .mts .m2ts .m2t .ts .3gp .3g2 .gif .flv .f4v .ogv .vob .mod .tod .mxf .dv .qt"


@pytest.mark.parametrize("suffix", CAMERAS.split())
def test_the_containers_of_cameras_and_programs_are_listed(suffix: str) -> None:
    assert suffix in SUFFIXES


@pytest.mark.parametrize(
    "suffix",
    [
        ".png",
        ".jpg",
        ".webp",
        ".tif",
        ".m4a",
        ".mp3",
        ".wav",
        ".ogg",
        ".wma",
        ".srt",
        ".txt",
        ".csv",
        ".m3u8",
        ".py",
        ".avif",
        ".heic",
    ],
)
def test_sound_text_and_single_pictures_are_not(suffix: str) -> None:
    assert suffix not in SUFFIXES


def test_suffixes_are_small_letters_with_a_dot_each_once() -> None:
    assert all(s.startswith(".") and s == s.lower() and len(s) > 1 for s in SUFFIXES)
    assert len(set(SUFFIXES)) == len(SUFFIXES)


@pytest.mark.parametrize("suffix", [".MTS", ".mod", ".qt", ".360"])
def test_a_video_opens_by_its_content(tmp_path: Path, suffix: str) -> None:
    made = write_video(tmp_path / "a.mp4")
    shutil.copy(made or tmp_path / "a.mp4", tmp_path / f"b{suffix}")
    assert video.probe(tmp_path / f"b{suffix}").frames == 5
