"""Finding the plug-ins that write further files of a video."""

from __future__ import annotations

import math
import subprocess
import sys

import pytest

from seqfer.core.errors import SettingsError
from seqfer.film.output.extra_files import AnnotatedVideo, check_format, file_name, find_format, format_names


def test_names_are_those_of_the_files() -> None:
    assert format_names() == tuple(sorted(format_names()))
    assert {name: file_name(name) for name in ("elan", "overlay", "webvtt")} == {
        "elan": "annotation.eaf",
        "overlay": "overlay.mp4",
        "webvtt": "annotation.vtt",
    }


def test_an_unknown_format_is_one_line_that_lists_the_known_ones() -> None:
    for ask in (check_format, find_format, file_name):
        with pytest.raises(SettingsError, match="unknown format 'srt'; allowed: elan, overlay, webvtt"):
            ask("srt")


def test_a_time_that_is_no_number_is_refused() -> None:
    with pytest.raises(SettingsError, match="zero_s"):
        AnnotatedVideo([], (), "film.mp4", zero_s=math.nan)


def test_the_list_of_names_needs_no_heavy_library() -> None:
    code = (
        "import sys; from seqfer.film.output.extra_files import format_names; format_names();"
        "print(sorted({'torch', 'numpy', 'cv2', 'av'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
