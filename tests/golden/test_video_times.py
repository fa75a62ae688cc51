"""When each frame is shown, against ffprobe, for every kind of film that readers get wrong; tools/make_video_goldens.py asked it."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from video_files import DAMAGED, FILMS, FIRST_NUMBER, number_in

from seqfer.video import open_source, read_frames

GOLDEN = json.loads(Path(__file__).with_name("video_times.json").read_text(encoding="utf-8"))["times_s"]
MILLISECOND = 1e-3


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    for name, make in FILMS.items():
        make(folder / name)
    return folder


def test_every_film_has_its_times() -> None:
    assert set(GOLDEN) == set(FILMS)


@pytest.mark.parametrize("name", sorted(set(FILMS) - set(DAMAGED)))
def test_times_are_ffprobes_and_pictures_are_their_own(films: Path, name: str) -> None:
    with open_source(films / name) as source:
        frames = [(f.index, f.time_s, f.grey()) for f in source.frames()]
    known = np.array(GOLDEN[name], dtype=float)  # None, which ffprobe says of the last frame of an AVI, becomes NaN
    assert len(frames) == len(known)
    assert np.nanmax(np.abs(np.array([time_s for _, time_s, _ in frames]) - known)) < MILLISECOND
    assert [index for index, _, _ in frames] == list(range(len(frames)))
    pictures = [np.rot90(grey) if name.startswith("turned") else grey for _, _, grey in frames]
    first = FIRST_NUMBER.get(name, 0)
    assert [number_in(grey) for grey in pictures] == list(range(first, first + len(frames)))
    assert (source.problem, source.decoded, source.times_filled) == (None, len(frames), 0)


@pytest.mark.parametrize("name", DAMAGED)
def test_what_is_left_of_a_cut_film_comes_out(films: Path, name: str) -> None:
    with open_source(films / name) as source:
        frames = [(f.time_s, number_in(f.grey())) for f in source.frames()]
    assert len(frames) == pytest.approx(
        len(GOLDEN[name]), abs=2
    )  # how much of the last picture is shown differs by FFmpeg's version
    shared = min(len(frames), len(GOLDEN[name])) - 3
    assert [time_s for time_s, _ in frames[:shared]] == pytest.approx(GOLDEN[name][:shared], abs=MILLISECOND)
    assert [number for _, number in frames[:shared]] == list(range(shared))
    if name != "cut.ts":  # a transport stream promises no length
        assert source.problem is not None
        assert f"ends after {len(frames)} frames" in source.problem
        assert "\n" not in source.problem


@pytest.mark.parametrize("name", ["ntsc.mp4", "variable_rate.mp4", "edit_list.mp4", "vp9.webm", "av1.mp4"])
def test_training_reads_the_same_times(films: Path, name: str) -> None:
    assert [time_s for _, time_s, _ in read_frames(films / name)] == pytest.approx(GOLDEN[name], abs=MILLISECOND)


@pytest.mark.data
@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="needs the ffprobe program")
def test_real_films_have_ffprobes_times(shared_data: Path) -> None:
    for path in sorted((shared_data / "video").glob("*.m*")):
        fields = ["-select_streams", "v:0", "-show_entries", "frame=best_effort_timestamp_time", "-of", "csv=p=0"]
        told = subprocess.run(["ffprobe", "-v", "quiet", *fields, path], check=True, capture_output=True, text=True)
        known = [float(line.strip(",")) for line in told.stdout.split()]
        with open_source(path) as source:
            times = [frame.time_s for frame in source.frames()]
        assert not any(map(math.isnan, times))
        assert times == pytest.approx(known, abs=MILLISECOND)
        assert source.problem is None
