"""Folders of pictures and cameras as videos."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from video_files import number_in
from video_files import picture as numbered

from seqfer import video
from seqfer.core.errors import InputError, SettingsError
from seqfer.video import sources


def test_a_folder_of_pictures_is_a_film(tmp_path: Path) -> None:
    for number in (10, 9, 100, 1):
        Image.fromarray(numbered(number, 128, 64 + number)).save(tmp_path / f"f{number}.png")
    (tmp_path / "notes.txt").write_text("not a picture")
    source = video.open_source(tmp_path, folder_fps=10)
    frames = list(source.frames())
    assert [number_in(f.grey()) for f in frames] == [1, 9, 10, 100]
    assert [f.time_s for f in frames] == pytest.approx([0, 0.1, 0.2, 0.3])
    assert [(f.width, f.height) for f in frames] == [(128, 64 + n) for n in (1, 9, 10, 100)]
    assert (source.info.kind, source.info.container_frames, source.info.duration_s) == ("folder", 4, 0.4)
    small, scale = frames[0].small(64)
    assert (small.shape[1], scale, small[20, 2, 2] > 200) == (64, 2.0, True)
    (tmp_path / "f11.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert [frame.index for frame in video.open_source(tmp_path).frames()] == [0, 1, 2, 4]  # its place stays free
    for path in tmp_path.glob("*.png"):
        path.write_bytes(b"")
    with pytest.raises(InputError, match=r"f1\.png"):
        video.open_source(tmp_path)


def test_a_folder_or_camera_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="a folder without pictures"):
        video.open_source(tmp_path)
    with pytest.raises(InputError, match="not a camera; write camera:0"):
        video.open_source("camera:front")
    monkeypatch.setattr(sources.cv2, "VideoCapture", lambda number: Camera(0))
    with pytest.raises(InputError, match="camera:3: no camera of that number"):
        video.open_source("camera:3")
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.raises(SettingsError, match="or above"):
        video.open_source(tmp_path, folder_fps=-25)


class Camera:
    """Stands in for cv2.VideoCapture: gives so many pictures."""

    def __init__(self, pictures: int) -> None:
        self.left, self.open = pictures, True

    def isOpened(self) -> bool:  # noqa: N802
        return self.left > 0

    def read(self) -> tuple[bool, np.ndarray | None]:
        self.left -= 1
        return (True, numbered(7, 128, 64)[..., ::-1]) if self.left >= 0 else (False, None)

    def get(self, what: int) -> float:
        return 0.0

    def release(self) -> None:
        self.open = False


def test_a_camera_counts_from_its_first_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    camera = Camera(4)  # the first tells the size
    monkeypatch.setattr(sources.cv2, "VideoCapture", lambda number: camera)
    with video.open_source("camera:0") as source:
        frames = list(source.frames())
    assert [f.index for f in frames] == [0, 1, 2]
    assert frames[0].time_s == 0.0
    assert frames[1].time_s >= 0.0
    assert number_in(frames[0].grey()) == 7
    assert frames[0].rgb()[40, 4, 0] > 200
    assert source.problem == "camera:0: the camera stopped after 3 frames"
    assert not camera.open


def test_numbers_in_names_count_by_their_value(tmp_path: Path) -> None:
    names = ["B2.png", "a.png", "a10.png", "a2.png", "a02.png", "7.png", ".hidden.png", "a2b.PNG"]
    for number, name in enumerate(names):
        Image.fromarray(numbered(number)).save(tmp_path / name)
    order = [names[number_in(frame.grey())] for frame in video.open_source(tmp_path).frames()]
    assert order == ["7.png", "a02.png", "a2.png", "a2b.PNG", "a10.png", "a.png", "B2.png"]


def test_the_first_picture_that_can_be_read_gives_the_size(tmp_path: Path) -> None:
    (tmp_path / "1.png").write_bytes(b"")
    Image.fromarray(numbered(5, 128, 70)).save(tmp_path / "2.png")
    source = video.open_source(str(tmp_path), folder_fps=4)
    assert (source.info.width, source.info.height, source.info.container_frames) == (128, 70, 2)
    assert [(f.index, f.time_s) for f in source.frames()] == [(1, 0.25)]
    assert (source.damaged, source.decoded) == (1, 1)


@pytest.mark.parametrize("fps", [-1.0, float("nan"), float("inf")])
def test_rates_of_a_folder_that_cannot_be(tmp_path: Path, fps: float) -> None:
    with pytest.raises(SettingsError, match=r"frames per second of a folder are .+; allowed: 0 "):
        video.open_source(tmp_path, folder_fps=fps)
