"""What every further file of an annotated video promises, checked for each format found. A new file in `seqfer/film/output/formats/` is tested
without a change here."""

from __future__ import annotations

import inspect
import os
from pathlib import Path

import pytest

from seqfer.commands import annotate_video
from seqfer.core.errors import InputError, SettingsError
from seqfer.core.records import FaceRow
from seqfer.film.opening import check_places
from seqfer.film.output.extra_files import AnnotatedVideo, file_name, find_format, format_names, write_file
from seqfer.film.settings import AnnotateVideoSettings, OutputOptions
from tests.drawn_film import write_drawn_film

NAMES = format_names()
CLASSES = ("happiness", "neutral")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(write_drawn_film(tmp_path_factory.mktemp("film") / "film.mp4", there=4, gone=1))


def annotated(film: Path, has_valence: bool = True) -> AnnotatedVideo:
    valence = 0.5 if has_valence else float("nan")
    rows = [FaceRow(k, k / 25, 1, 1, (10.0, 10.0, 60.0, 60.0), 0.9, (0.75, 0.25), valence) for k in range(4)]
    created = "2026-01-01T00:00:00+00:00"
    return AnnotatedVideo([*rows, FaceRow(4, 4 / 25, 1)], CLASSES, str(film), film.name, has_valence, created=created)


def test_the_known_formats_are_found() -> None:
    assert {"elan", "webvtt", "overlay"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_writes(name: str) -> None:
    module = find_format(name)
    assert Path(module.FILE).name == module.FILE == file_name(name)
    assert Path(module.FILE).suffix
    assert module.ABOUT.strip() == module.ABOUT != ""
    assert "\n" not in module.ABOUT
    assert isinstance(module.NEEDS_VIDEO_FILE, bool)
    assert module.__doc__
    assert list(inspect.signature(module.write).parameters) == ["path", "video"]


def test_every_format_has_a_file_of_its_own() -> None:
    assert len({file_name(name) for name in NAMES}) == len(NAMES)


@pytest.mark.parametrize("has_valence", [True, False])
@pytest.mark.parametrize("name", NAMES)
def test_it_writes_one_file_and_text_is_the_same_each_time(
    name: str, has_valence: bool, film: Path, tmp_path: Path
) -> None:
    contents = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        folder.mkdir()
        write_file(name, folder / file_name(name), annotated(film, has_valence))
        assert os.listdir(folder) == [file_name(name)]
        contents.append((folder / file_name(name)).read_bytes())
    assert b"" not in contents
    assert (
        contents[0] == contents[1] or find_format(name).NEEDS_VIDEO_FILE
    )  # a video encoder on several threads is free to differ


@pytest.mark.parametrize("name", NAMES)
def test_no_face_at_all_is_no_error(name: str, film: Path, tmp_path: Path) -> None:
    write_file(name, tmp_path / "x", AnnotatedVideo([FaceRow(k, k / 25, 1) for k in range(5)], CLASSES, str(film)))
    assert (tmp_path / "x").stat().st_size > 0


@pytest.mark.parametrize("name", NAMES)
def test_a_place_that_cannot_be_written_is_one_line(name: str, film: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError) as error:
        write_file(name, tmp_path / "file" / file_name(name), annotated(film))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", NAMES)
def test_a_camera_has_no_file_to_read_again(name: str, tmp_path: Path) -> None:
    options = OutputOptions(formats=(name,))
    if find_format(name).NEEDS_VIDEO_FILE:
        with pytest.raises(SettingsError, match="camera:0"):
            check_places("camera:0", tmp_path / "out", options)
    else:
        check_places("camera:0", tmp_path / "out", options)


@pytest.mark.parametrize("name", NAMES)
def test_the_settings_and_the_command_know_it(name: str) -> None:
    import argparse

    assert AnnotateVideoSettings(formats=(name,)).formats == (name,)
    parser = argparse.ArgumentParser()
    annotate_video.add_arguments(parser)
    assert name in parser.format_help()


def test_a_format_is_written_once() -> None:
    assert OutputOptions(overlay=True, formats=("overlay", "elan", "elan")).extra_files == ("overlay", "elan")


def test_an_unknown_format_lists_the_allowed_ones() -> None:
    for make in (lambda: OutputOptions(formats=("srt",)), lambda: AnnotateVideoSettings(formats=("srt",))):
        with pytest.raises(SettingsError, match="elan, overlay, webvtt"):
            make()
