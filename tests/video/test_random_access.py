"""Single frames by number: both readers against the same generated films, and which film is given to which."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from video_files import FILMS, number_in, write_film

from seqfer.core.errors import InputError
from seqfer.video import random_access, read_frames
from seqfer.video.random_access import read_at, reader_for

BY_DECORD = ("ntsc.mp4", "variable_rate.mp4", "variable_rate.mkv", "b_frames.mp4", "turned.mp4")
BY_PYAV = ("open_gop.mp4", "edit_list.mp4", "late_start.mp4", "b_frames.avi", "vp9.webm", "av1.mp4")


def number_of(name: str, rgb: np.ndarray) -> int:
    """The number that a frame carries in the top lines of its stored picture."""
    return number_in((np.rot90(rgb) if name == "turned.mp4" else rgb)[..., 1])


@pytest.mark.parametrize("name", BY_DECORD + BY_PYAV)
def test_frames_by_number_are_those_of_reading_through(tmp_path: Path, name: str) -> None:
    path = FILMS[name](tmp_path / name)
    known = [rgb for _, _, rgb in read_frames(path)]
    indices = [*np.random.default_rng(0).permutation(len(known)).tolist(), 3, 3]
    found = read_at(path, indices)
    assert [rgb.shape for rgb in found] == [known[index].shape for index in indices]
    assert max(float(np.abs(a.astype(int) - known[i]).mean()) for a, i in zip(found, indices)) < random_access.LEVELS
    assert [number_of(name, rgb) for rgb in found] == [number_of(name, known[i]) for i in indices]


@pytest.mark.parametrize("name", BY_DECORD)
def test_decord_gets_what_it_reads_right(tmp_path: Path, name: str) -> None:
    pytest.importorskip("decord")
    assert reader_for(FILMS[name](tmp_path / name)) == "decord"


@pytest.mark.parametrize("name", BY_PYAV)
def test_pyav_gets_the_rest(tmp_path: Path, name: str) -> None:
    assert reader_for(FILMS[name](tmp_path / name)) == "pyav"


def test_without_decord_pyav_reads_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "decord", None)
    path = write_film(tmp_path / "a.mp4")
    assert reader_for(path) == "pyav"
    assert number_in(read_at(path, [7])[0][..., 1]) == 7


def test_a_reader_that_disagrees_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_film(tmp_path / "a.mp4")
    monkeypatch.setattr(random_access, "_by_decord", lambda reader, indices: None)
    assert reader_for(path) == "pyav"


@pytest.mark.parametrize(("indices", "said"), [([20], "frame 20 asked for, the video has 20"), ([-1], "count from 0")])
@pytest.mark.parametrize("name", ["b_frames.mp4", "vp9.webm"])
def test_a_frame_that_is_not_there(tmp_path: Path, name: str, indices: list[int], said: str) -> None:
    path = FILMS[name](tmp_path / name)
    with pytest.raises(InputError, match=said):
        read_at(path, indices)
    assert read_at(path, []) == []


def test_no_such_film(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such video file"):
        read_at(tmp_path / "a.mp4", [0])
