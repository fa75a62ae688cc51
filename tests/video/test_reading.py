"""Opening videos and reading every frame in RGB."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from mock_video import LEVELS, write_audio, write_video
from video_files import number_in
from video_files import picture as numbered

from seqfer import video
from seqfer.core.errors import InputError


def test_frames_come_in_order_with_times_and_rgb(tmp_path: Path) -> None:
    frames = list(video.read_frames(write_video(tmp_path / "a.mp4")))
    assert [index for index, _, _ in frames] == [0, 1, 2, 3, 4]
    assert [time for _, time, _ in frames] == pytest.approx([i * 1001 / 30000 for i in range(5)], abs=1e-4)
    for (_, _, rgb), level in zip(frames, LEVELS):
        assert rgb.shape == (48, 64, 3)
        assert rgb.dtype == np.uint8
        assert rgb[:, 40:].mean() == pytest.approx(level, abs=12)
        red, green, blue = rgb[:, :24].reshape(-1, 3).mean(0)
        assert red > 200
        assert max(green, blue) < 60


def test_probe_says_size_count_rate_and_duration(tmp_path: Path) -> None:
    info = video.probe(write_video(tmp_path / "a.mp4"))
    assert (info.width, info.height, info.frames) == (64, 48, 5)
    assert info.frame_rate_hz == pytest.approx(30000 / 1001, rel=1e-3)
    assert info.duration_s == pytest.approx(5 * 1001 / 30000, rel=0.05)


def test_probe_counts_where_the_header_is_silent(tmp_path: Path) -> None:
    info = video.probe(write_video(tmp_path / "a.mkv"))
    assert info.frames == 5
    assert not math.isnan(info.duration_s)


@pytest.mark.parametrize("reader", [video.probe, lambda path: list(video.read_frames(path))])
def test_what_is_no_video_is_one_line(tmp_path: Path, reader) -> None:
    (tmp_path / "words.mp4").write_bytes(b"these are words, not a film. " * 40)
    (tmp_path / "empty.mp4").write_bytes(b"")
    whole = write_video(tmp_path / "whole.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: whole.index(b"moov") - 4])  # the index of an MP4 is at its end
    write_audio(tmp_path / "sound.wav")
    write_audio(tmp_path / "song.mp4", cover=True)
    for name, said in (
        ("song.mp4", "only sound and a cover picture"),
        ("words.mp4", "not a video"),
        ("empty.mp4", "not a video"),
        ("cut.mp4", "not a video"),
        ("sound.wav", "no video stream, only audio"),
        ("missing.mp4", "no such video"),
    ):
        with pytest.raises(InputError, match=said) as error:
            reader(tmp_path / name)
        assert name in str(error.value)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("reader", [video.probe, lambda path: list(video.read_frames(path))])
def test_zero_frames_are_refused(tmp_path: Path, reader) -> None:
    with pytest.raises(InputError, match="zero frames"):
        reader(write_video(tmp_path / "none.avi", frames=0))


def test_the_stream_that_plays_is_read_and_not_a_thumbnail_before_it(tmp_path: Path) -> None:
    """An action camera's file: a small picture as the first video stream, without a mark of its kind."""
    path = tmp_path / "a.mov"
    with av.open(str(path), "w") as container:
        thumbnail = container.add_stream("mjpeg", rate=25)
        thumbnail.width, thumbnail.height, thumbnail.pix_fmt = 64, 32, "yuvj420p"
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 128, 64, "yuv420p"
        for number in range(5):
            for one, size in ((thumbnail, (64, 32)), (stream, (128, 64))):
                if one is stream or number == 0:
                    frame = av.VideoFrame.from_ndarray(numbered(number, *size), format="rgb24")
                    frame.pts, frame.time_base = number, Fraction(1, 25)
                    container.mux(one.encode(frame))
        for one in (thumbnail, stream):
            container.mux(one.encode(None))
    assert video.probe(path).frames == 5
    assert [number_in(frame.grey()) for frame in video.open_source(path).frames()] == [0, 1, 2, 3, 4]
