"""Parts of a video and rates of frames."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from video_files import UNEVEN, number_in, write_film

from seqfer import video
from seqfer.core.errors import SettingsError
from seqfer.video.picture import VideoFrame
from seqfer.video.source import Source, SourceInfo, shown_name


def test_a_part_and_a_rate(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", UNEVEN, Fraction(50))
    source = video.open_source(path)
    shown = [tick / 50 for tick in UNEVEN]
    chosen = list(source.frames(start_s=0.1, end_s=0.5))
    assert [f.time_s for f in chosen] == pytest.approx([t for t in shown if 0.1 <= t < 0.5])
    assert [f.index for f in chosen] == [number_in(f.grey()) for f in chosen]
    assert chosen[0].index == 3
    # ticks 0, .1, .2, ... .8: the first frame at or after each, no frame twice
    assert [round(f.time_s, 3) for f in source.frames(fps=10)] == [0.0, 0.1, 0.3, 0.5, 0.6, 0.8]
    assert len(list(source.frames(fps=1000))) == len(UNEVEN)
    assert list(source.frames(start_s=99)) == []
    assert source.decoded == len(UNEVEN)
    rounded = video.open_source(write_film(tmp_path / "a.mkv", range(30), Fraction(30)))  # Matroska: 33, 67, 100 ms
    assert len(list(rounded.frames(fps=30))) == 30
    assert [f.index for f in rounded.frames(fps=15)] == list(range(0, 30, 2))


@pytest.mark.parametrize("span", [{"start_s": 2, "end_s": 1}, {"fps": 0}, {"end_s": 0}, {"start_s": math.nan}])
def test_a_span_without_frames_is_refused(tmp_path: Path, span: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match=r"end is|fps is|start is"):
        video.open_source(write_film(tmp_path / "a.mp4", range(3))).frames(**span)


class Given(Source):
    """A source of black frames at given times."""

    def __init__(self, *times_s: float, clock_s: float = 1e-6) -> None:
        super().__init__()
        self.times_s = times_s
        self.info = SourceInfo("given", "file", 4, 4, None, math.nan, math.nan, clock_s=clock_s)

    def _walk(self) -> Iterator[VideoFrame]:
        for index, time_s in enumerate(self.times_s):
            self.decoded += 1
            yield VideoFrame(index, time_s, np.zeros((4, 4), np.uint8))


def test_times_of_the_first_and_the_last_frame_read() -> None:
    source = Given(0.5, 1.0, 1.5, 2.0)
    assert math.isnan(source.first_s)
    assert [f.time_s for f in source.frames(start_s=1.0, end_s=1.5)] == [1.0]
    assert (source.first_s, source.last_s, source.decoded) == (0.5, 1.5, 3)  # the frame at the end is read and left out
    assert [f.index for f in source.frames()] == [0, 1, 2, 3]
    assert source.decoded == 4  # counted anew


def test_a_time_that_the_clock_rounded_down_counts_as_on_time() -> None:
    rounded = Given(0.033, 0.067, 0.1, clock_s=0.001)
    assert [f.time_s for f in rounded.frames(start_s=1 / 30 + 0.0001)] == [0.033, 0.067, 0.1]
    assert [f.time_s for f in rounded.frames(end_s=0.1002)] == [0.033, 0.067]
    assert [f.time_s for f in Given(0.033, 0.067).frames(start_s=1 / 30 + 0.0001)] == [0.067]


def test_a_rate_goes_on_where_the_times_go_back() -> None:
    joined = Given(0.0, 0.25, 0.5, 0.75, 0.0, 0.25, 0.5)
    assert [f.index for f in joined.frames(fps=2)] == [0, 2, 4, 6]


def test_an_abandoned_source_ends_at_the_next_frame() -> None:
    source = Given(*range(10))
    frames = source.frames()
    next(frames)
    source.abandon()
    assert list(frames) == []
    assert len(list(source.frames())) == 10  # the next pass is whole


@pytest.mark.parametrize(
    ("span", "words"),
    [
        ({"start_s": 2, "end_s": 1}, "end is 1 s, start is 2 s; the end must be after the start"),
        ({"end_s": 0}, "end is 0 s, start is 0 s"),
        ({"fps": -1}, r"fps is -1; it must be above 0 \(frames per second to keep\)"),
        ({"fps": math.inf}, "fps is inf; it must be a finite number"),
        ({"start_s": math.nan}, "start is nan; it must be a finite number"),
    ],
)
def test_a_span_is_refused_before_anything_is_read(span: dict[str, float], words: str) -> None:
    source = Given(0.0)
    with pytest.raises(SettingsError, match=words):
        source.frames(**span)
    assert source.decoded == 0


def test_names_that_are_not_unicode_are_shown() -> None:
    assert shown_name("fülm\udcff.mp4") == "fülm?.mp4"


def test_leaving_the_block_closes_the_source() -> None:
    closed = []

    class Closing(Given):
        def close(self) -> None:
            closed.append(True)

    with Closing(0.0) as source:
        assert len(list(source.frames())) == 1
        assert not closed
    assert closed == [True]
