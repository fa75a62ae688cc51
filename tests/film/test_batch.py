"""Videos that a command line names: folders, patterns, lists; and where their results go."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from seqfer.cli import main
from seqfer.core.errors import InputError, SettingsError
from seqfer.film.batch import folders_for, names_of, videos_of
from tests.drawn_film import write_drawn_film

R = Path("R")


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in (
        "P01/video.mp4",
        "P02/video.mp4",
        "videos/a10.mp4",
        "videos/a9.MTS",
        "videos/notes.txt",
        "frames/1.png",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def places(films: list[str], out: Path | None = R) -> list[str]:
    return [str(folder) for _, folder in folders_for(films, out, alone=len(films) == 1)]


def test_results_mirror_the_folders_below_the_common_parent(study: Path) -> None:
    assert places(["P01/video.mp4", "P02/video.mp4"]) == ["R/P01/video", "R/P02/video"]
    assert places([str(study / "P01/video.mp4"), "P02/video.mp4"]) == ["R/P01/video", "R/P02/video"]
    assert places(["P01/video.mp4", "P02/video.mp4"], None) == ["P01/video-seqfer", "P02/video-seqfer"]
    assert places(["videos/a9.MTS", "videos/a10.mp4"]) == ["R/a9", "R/a10"]
    assert places(["videos/a9.MTS", "video.mp4"]) == ["R/videos/a9", "R/video"]
    assert places(["P01/video.mp4", "camera:0"]) == ["R/video", "R/camera0"]


def test_two_files_of_one_stem_keep_their_suffixes() -> None:
    assert places(["v/a.mp4", "v/a.mov", "v/b.mp4"]) == ["R/a_mp4", "R/a_mov", "R/b"]


def test_one_video_gets_the_folder_itself() -> None:
    assert places(["P01/video.mp4"]) == ["R"]
    assert places(["P01/video.mp4"], None) == ["video-seqfer"]
    assert folders_for(["videos/a.mp4"], R, alone=False) == [("videos/a.mp4", R / "a")]


@pytest.mark.parametrize("twice", [["a.mp4", "a.mp4"], ["a.mp4", "./a.mp4"], ["camera:0", "camera:0"]])
def test_a_video_that_is_given_twice(twice: list[str]) -> None:
    with pytest.raises(SettingsError, match="given twice"):
        folders_for(twice, R)


def test_two_names_for_one_folder() -> None:
    with pytest.raises(SettingsError, match="would both go to"):
        folders_for(["v/a_mp4.avi", "v/a.mp4", "v/a.mov"], R)


def test_a_folder_of_videos_stands_for_its_videos(study: Path) -> None:
    assert videos_of(["videos"]) == ["videos/a9.MTS", "videos/a10.mp4"]  # numbers by value
    assert videos_of(["P01", "frames"]) == ["P01/video.mp4", "frames"]  # a folder of pictures stays one
    (study / "R" / "a").mkdir(parents=True)
    for name in ("settings.json", "overlay.mp4"):
        (study / "R" / "a" / name).touch()
    assert videos_of([str(study)]) == [
        str(study / name) for name in ("P01/video.mp4", "P02/video.mp4", "videos/a9.MTS", "videos/a10.mp4")
    ]


def test_a_folder_with_both_asks(study: Path) -> None:
    (study / "videos" / "1.jpg").touch()
    with pytest.raises(InputError, match=r"has 1 pictures and 2 videos.*name the videos themselves") as error:
        videos_of(["videos"])
    assert "\n" not in str(error.value)
    assert videos_of(["videos/*.mp4"]) == ["videos/a10.mp4"]


def test_a_pattern_that_the_shell_left_is_expanded(study: Path) -> None:
    assert videos_of(["P0*/*.mp4"]) == ["P01/video.mp4", "P02/video.mp4"]
    assert videos_of(["videos/*"]) == ["videos/a9.MTS", "videos/a10.mp4"]  # without notes.txt
    assert videos_of(["P0?"]) == ["P01/video.mp4", "P02/video.mp4"]
    assert videos_of(["videos/*.txt"]) == ["videos/notes.txt"]
    with pytest.raises(InputError, match=r"x\*\.mp4: matches no file"):
        videos_of(["x*.mp4"])
    (study / "a[1].mp4").touch()
    assert videos_of(["a[1].mp4"]) == ["a[1].mp4"]  # a file of that name is no pattern


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_list_file(study: Path, encoding: str) -> None:
    (study / "P01" / "ä b#.mp4").touch()
    lines = ["P02/video.mp4", "", '"P01/ä b#.mp4"', "ä b#.mp4", "videos/*.mp4"]  # the fourth is beside the list
    (study / "P01" / "list.txt").write_bytes("\r\n".join(lines).encode(encoding))
    found = videos_of(["frames"], Path("P01/list.txt"))
    assert found == ["frames", "P02/video.mp4", "P01/ä b#.mp4", os.path.join("P01", "ä b#.mp4"), "videos/a10.mp4"]


def test_lists_that_name_nothing(study: Path) -> None:
    (study / "empty.txt").write_text("\n\n")
    with pytest.raises(InputError, match=r"empty\.txt: names no video"):
        videos_of([], study / "empty.txt")
    with pytest.raises(InputError, match=r"none\.txt: cannot be read"):
        videos_of([], study / "none.txt")
    with pytest.raises(SettingsError, match="no video is given"):
        videos_of([])


def test_a_missing_video_is_left_to_the_reader() -> None:
    assert videos_of(["none.mp4", "camera:0"]) == ["none.mp4", "camera:0"]


def test_two_people_with_one_file_name_are_annotated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for person in ("P01", "P02"):
        (tmp_path / person).mkdir()
        write_drawn_film(tmp_path / person / "video.mp4", there=2, gone=0)
    out, quick = tmp_path / "R", ("--detector", "haar", "--head", "none", "--quiet")
    assert main(["annotate-video", str(tmp_path / "P0*"), "--out", str(out), *quick]) == 0
    assert (out / "P01" / "video" / "summary.json").is_file()
    assert (out / "P02" / "video" / "summary.json").is_file()
    assert main(["annotate-video", "--list", str(tmp_path / "none"), "--out", str(out), *quick]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_names_mirror_the_folders() -> None:
    assert [str(name) for name in names_of(["P01/video.mp4", "P02/video.mp4"])] == ["P01/video", "P02/video"]
    assert [str(name) for name in names_of(["a/video.mp4"])] == ["video"]
    with pytest.raises(SettingsError, match="is given twice"):
        names_of(["a.mp4", "a.mp4"])
