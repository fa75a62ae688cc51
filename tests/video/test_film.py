"""Video files as sources: times that are missing, damage of any kind, and what is no video."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from mock_video import write_audio, write_video
from video_files import write_film

from seqfer import video
from seqfer.core.errors import InputError
from seqfer.video.decoding import Decoding


def test_times_that_are_missing_are_filled_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = video.open_source(write_film(tmp_path / "a.mp4", range(6), Fraction(25)))
    whole = Decoding.frames

    def without_some(self: Decoding):
        for number, frame in enumerate(whole(self)):
            if number in (0, 3):
                frame.pts = frame.dts = None
            yield frame

    monkeypatch.setattr(Decoding, "frames", without_some)
    assert [f.time_s for f in source.frames()] == pytest.approx([0, 0.04, 0.08, 0.12, 0.16, 0.2])
    assert source.times_filled == 2


@pytest.mark.parametrize(
    ("suffix", "codec"), [("mp4", "libx264"), ("mkv", "libx264"), ("avi", "mpeg4"), ("ts", "libx264")]
)
def test_any_damage_gives_frames_or_one_line_and_the_same_twice(tmp_path: Path, suffix: str, codec: str) -> None:
    path = write_film(tmp_path / f"a.{suffix}", range(24), codec=codec, options={"g": "8"})
    whole = path.read_bytes()
    rng, told = np.random.default_rng(5), []
    for _ in range(12):
        spoilt = bytearray(whole)
        for place in rng.integers(0, len(whole), 12):
            spoilt[place] = int(rng.integers(256))
        path.write_bytes(spoilt[: int(rng.integers(len(whole) // 2, len(whole) + 1))])
        try:
            source = video.open_source(path)
        except InputError as error:
            told.append(str(error))
            continue
        walks = [[(f.index, f.time_s, f.grey().tobytes()) for f in source.frames()] for _ in range(2)]
        assert walks[0] == walks[1]
        told.append(source.problem or "")
    assert not any("\n" in line for line in told)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing.mp4", "no such video"),
        ("words.mp4", "not a video"),
        ("sound.wav", "no video stream, only audio"),
        ("none.avi", "zero frames"),
    ],
)
def test_what_is_no_film_is_one_line(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "words.mp4").write_bytes(b"these are words, not a film. " * 40)
    write_audio(tmp_path / "sound.wav")
    write_video(tmp_path / "none.avi", frames=0)
    with pytest.raises(InputError, match=said) as error:
        video.open_source(tmp_path / name)
    assert "\n" not in str(error.value)


def test_samples_are_spread_over_the_video(tmp_path: Path) -> None:
    source = video.open_source(write_film(tmp_path / "a.mp4", range(50)))
    step_s = 1 / source.info.frame_rate_hz
    times = [frame.time_s / step_s for frame in source.samples(5)]
    assert times == pytest.approx([5, 15, 25, 35, 45], abs=1.01)
    part = [frame.time_s / step_s for frame in source.samples(3, 20 * step_s, 30 * step_s)]
    assert part == pytest.approx([22, 25, 28], abs=1.01)
    assert source.decoded == 0


def test_samples_of_a_long_video_are_key_frames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqfer.video.film.LONGEST_READ_THROUGH_S", 0.5)
    source = video.open_source(write_film(tmp_path / "a.mp4", range(100)))
    times = [frame.time_s for frame in source.samples(5)]
    assert len(set(times)) == len(times) >= 1
    assert times == sorted(times)
