"""`seqfer.annotate`: one video, several, frames from memory; what is left when it is interrupted."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from drawn_film import looks, write_drawn_film
from PIL import Image

import seqfer
from seqfer.cli import main
from seqfer.film.output.files import AnnotationFiles
from seqfer.posed import PosedFilm, write_posed_film
from seqfer.runs.lock import lock_folder, unlock_folder
from seqfer.runs.names import WORK_FOLDER
from seqfer.video import read_frames

OPTIONS: dict[str, Any] = {"detector": "haar", "model": "small", "progress": False}
TABLES = ("frames", "tracks", "valence_1hz")


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("videos")
    write_drawn_film(folder / "a.mp4", there=12, gone=3)
    (folder / "P02").mkdir()
    write_drawn_film(folder / "P02" / "b.mp4", there=8, gone=0)
    return folder


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary files."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def assert_same(one: Any, other: Any) -> None:
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))


def test_the_demo_video_gives_what_the_command_writes_column_by_column(tmp_path: Path, scratch: Path) -> None:
    video = tmp_path / "demo.mp4"
    write_posed_film(video, PosedFilm(seconds=4))
    options = ("--detector", "haar", "--model", "small", "--valence", "--quiet", "--out", str(tmp_path / "written"))
    assert main(["annotate-video", str(video), *options]) == 0
    made, written = seqfer.annotate(video, valence=True, **OPTIONS), seqfer.read(tmp_path / "written")
    assert (made.folder, written.folder) == (None, tmp_path / "written")
    assert_same(made, written)
    assert made.frames["face"].nunique() == 2
    assert list(scratch.iterdir()) == []


def test_frames_from_memory_give_what_their_pictures_in_a_folder_do(videos: Path, tmp_path: Path) -> None:
    frames = [(index / 25, rgb) for index, _, rgb in read_frames(videos / "a.mp4")]
    for index, (_, rgb) in enumerate(frames):
        Image.fromarray(rgb).save(tmp_path / f"{index}.png")
    folder = seqfer.annotate(tmp_path, folder_fps=25.0, valence=True, **OPTIONS)
    stored = seqfer.annotate(frames, valence=True, **OPTIONS)
    passing = seqfer.annotate((pair for pair in frames), valence=True, **OPTIONS)
    pd.testing.assert_frame_equal(stored.frames, folder.frames.drop(columns="picture"))
    assert_same(stored, passing)
    for name in ("tracks", "valence_1hz"):
        pd.testing.assert_frame_equal(getattr(stored, name), getattr(folder, name))
    assert (stored.summary.film.kind, stored.summary.film.name) == ("memory", "frames in memory")
    assert "frames in memory" in stored.report_html


def test_a_list_a_folder_and_a_pattern_give_several(videos: Path, tmp_path: Path) -> None:
    lost = str(videos / "lost.mp4")
    run = seqfer.annotate([videos / "a.mp4", lost, videos / "P02"], out=tmp_path / "r", valence=True, **OPTIONS)
    assert list(run.by_video) == [str(videos / "a.mp4"), str(videos / "P02" / "b.mp4")]
    assert run.failed == {lost: f"{lost}: no such video file; check the path"}
    assert [one.folder for one in run] == [tmp_path / "r" / "a", tmp_path / "r" / "P02" / "b"]
    assert_same(run[1], seqfer.annotate(videos / "P02" / "b.mp4", valence=True, **OPTIONS))
    folder = seqfer.annotate(str(videos / "P02"), **OPTIONS)
    assert isinstance(folder, seqfer.Annotations)
    assert (list(folder.by_video), folder[0].folder) == ([str(videos / "P02" / "b.mp4")], None)
    pattern = seqfer.annotate(f"{videos}/*.mp4", **OPTIONS)
    assert isinstance(pattern, seqfer.Annotations)
    assert list(pattern.by_video) == [str(videos / "a.mp4")]
    found = seqfer.annotate(videos.glob("a.*"), **OPTIONS)
    assert list(found.by_video) == [str(videos / "a.mp4")]


def test_where_every_video_of_a_list_fails_it_is_an_error_as_on_the_command_line(
    videos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = [str(videos / f"lost{number}.mp4") for number in range(5)]
    with pytest.raises(seqfer.InputError, match=r"lost0\.mp4: no such video file; check the path$"):
        seqfer.annotate(lost[:1], **OPTIONS)
    with pytest.raises(seqfer.InputError) as error:
        seqfer.annotate(lost, **OPTIONS)
    said = "; ".join(f"{one} ({one}: no such video file; check the path)" for one in lost[:3])
    assert str(error.value) == f"none of 5 videos has results: {said}; and 2 more"
    assert main(["annotate-video", *lost, "--detector", "haar", "--quiet"]) == 2
    told = capsys.readouterr().out
    assert all(f"{one}  failed ({one}: no such video file" in told for one in lost)
    with pytest.raises(seqfer.SettingsError, match="unknown key 'valenc'"):
        seqfer.annotate([videos / "a.mp4"], valenc=True)


@pytest.mark.parametrize(
    ("video", "options", "said"),
    [
        (7, {}, r"video is a int; give a path, camera:0, or frames as pairs \(time_s, picture\), or a list of paths"),
        ([], {}, "no video and no frame is given"),
        (["a.mp4", 7], {}, "a list of paths has a int; give paths only"),
        ([(0.0, looks()[0]), (0.1, looks()[0][1:])], {}, "frame 1 is 240x179 pixels, the first one 240x180"),
        ([(0.0, looks()[0])], {"resume": True, "out": "r"}, "resume is True, but frames in memory cannot be compared"),
        ([(0.0, looks()[0])], {"overlay": True, "out": "r"}, "frames in memory is not stored"),
    ],
)
def test_bad_input_is_one_line(
    video: Any, options: dict[str, Any], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(seqfer.SeqferError, match=said) as error:
        seqfer.annotate(video, **OPTIONS, **options)
    assert "\n" not in str(error.value)


def interrupted(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Ctrl-C at this row of the table."""
    written = 0
    write: Callable[..., None] = AnnotationFiles.write

    def counted(files: AnnotationFiles, row: Any) -> None:
        nonlocal written
        written += 1
        if written > after:
            raise KeyboardInterrupt
        write(files, row)

    monkeypatch.setattr(AnnotationFiles, "write", counted)


def test_an_interrupt_leaves_nothing_without_out(
    videos: Path, scratch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = threading.active_count(), sorted(tmp_path.rglob("*"))
    interrupted(monkeypatch, after=5)
    for video in (videos / "a.mp4", [videos / "a.mp4", videos / "P02" / "b.mp4"], frames()):
        with pytest.raises(KeyboardInterrupt):
            seqfer.annotate(video, **OPTIONS)  # type: ignore[call-overload]
        assert (threading.active_count(), sorted(tmp_path.rglob("*"))) == before
    assert list(scratch.iterdir()) == []


def frames() -> Iterator[tuple[float, np.ndarray]]:
    return ((number / 25, looks()[0]) for number in range(12))


def test_after_an_interrupt_resume_continues_in_out(
    videos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = write_drawn_film(tmp_path / "long.mp4", there=150, gone=0)
    whole, out = seqfer.annotate(long, valence=True, **OPTIONS), tmp_path / "r"
    with monkeypatch.context() as patch:
        interrupted(patch, after=20)
        with pytest.raises(KeyboardInterrupt):
            seqfer.annotate(long, out=out, valence=True, **OPTIONS)
    left = {path.name for path in out.iterdir()}
    assert left == {".lock", "settings.json", "versions.json", WORK_FOLDER}
    assert list((out / WORK_FOLDER).glob("block-*"))
    assert lock_folder(out)  # another program may have it
    unlock_folder(out)
    assert_same(seqfer.annotate(long, out=out, resume=True, valence=True, **OPTIONS), whole)
    again = seqfer.annotate(long, out=out, resume=True, valence=True, **OPTIONS)
    assert_same(again, whole)
    assert {path.name for path in out.iterdir()} >= {"frames.csv", "report.html", "summary.json"}
