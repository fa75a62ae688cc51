"""Frames from memory as a video: order, copies, samples, turns, and one-line errors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from seqfer.core.errors import InputError
from seqfer.video.memory import MemorySource
from seqfer.video.sources import is_live, open_source


def picture(level: int = 0, height: int = 4, width: int = 6) -> np.ndarray:
    return np.full((height, width, 3), level, np.uint8)


def test_frames_have_their_times_and_pictures() -> None:
    source = open_source(MemorySource([(0.5, picture(1)), (0.75, picture(2)), (2, picture(3))]))
    assert (source.info.kind, source.info.width, source.info.height, source.info.container_frames) == (
        "memory",
        6,
        4,
        3,
    )
    assert source.is_live
    assert is_live(MemorySource([(0.0, picture())]))
    frames = list(source.frames())
    assert [(f.index, f.time_s, int(f.rgb()[0, 0, 0])) for f in frames] == [(0, 0.5, 1), (1, 0.75, 2), (2, 2.0, 3)]
    assert (source.decoded, source.first_s, source.last_s, str(source)) == (3, 0.5, 2.0, "frames in memory")
    assert [f.time_s for f in source.frames(start_s=0.6, end_s=1.0)] == [0.75]  # a list is read again


def test_a_generator_may_fill_one_array_again_and_again() -> None:
    def frames() -> Iterator[tuple[float, np.ndarray]]:
        array = picture()
        for number in range(4):
            array[:] = number
            yield number / 10, array

    source = MemorySource(frames())
    assert source.info.container_frames is None
    assert list(source.samples(2)) == []
    assert [int(f.rgb()[0, 0, 0]) for f in list(source.frames())] == [0, 1, 2, 3]


def test_channels_that_were_reversed_are_read() -> None:
    bgr = picture()
    bgr[..., 0] = 200
    frame = next(MemorySource([(0.0, bgr[..., ::-1])]).frames())
    assert frame.small(3)[0][0, 0].tolist() == [200, 0, 0]


def test_samples_of_a_list_are_spread_over_its_part() -> None:
    source = MemorySource([(number / 10, picture(number)) for number in range(10)])
    assert [frame.index for frame in source.samples(2, start_s=0.2)] == [4, 8]


def test_a_turn_is_applied() -> None:
    source = MemorySource([(0.0, picture(0)), (0.1, picture(1))])
    source.turn(90)
    assert [(frame.width, frame.height) for frame in source.frames()] == [(4, 6), (4, 6)]


@pytest.mark.parametrize(
    ("frames", "said"),
    [
        ([], r"there are none; give pairs \(time_s, picture\), at least one"),
        ([picture()], r"frame 0 is an array \(4, 6, 3\); give pairs"),
        (np.zeros((2, 4, 6, 3), np.uint8), r"frame 0 is an array \(4, 6, 3\); give pairs"),
        ([7], "frame 0 is a int; give pairs"),
        ([(0.0, picture(), 1)], "frame 0 is a tuple; give pairs"),
        ([("0:01", picture())], "time of frame 0 is '0:01'; give seconds"),
        ([(float("nan"), picture())], "time of frame 0 is nan"),
        ([(0.0, "a.png")], r"frame 0 is a str; allowed: an array uint8 \(height, width, 3\) RGB"),
        ([(0.0, picture().astype(float))], r"frame 0 is float64 \(4, 6, 3\); allowed: uint8"),
        ([(0.0, picture()[..., 0])], r"frame 0 is uint8 \(4, 6\)"),
        ([(0.0, np.zeros((4, 6, 4), np.uint8))], r"frame 0 is uint8 \(4, 6, 4\)"),
        ([(0.0, np.zeros((0, 6, 3), np.uint8))], r"frame 0 is uint8 \(0, 6, 3\)"),
        ([(0.0, picture()), (0.1, picture(0, 5, 6))], "frame 1 is 6x5 pixels, the first one 6x4 pixels"),
        ([(0.0, picture()), (0.1, picture().astype(int))], "frame 1 is int64"),
        ([(0.1, picture()), (0.1, picture())], r"frame 1 is at 0\.1 s, the one before at 0\.1 s; times must increase"),
    ],
)
def test_what_is_no_video_is_one_line(frames: Any, said: str) -> None:
    with pytest.raises(InputError, match=f"frames in memory: .*{said}") as error:
        list(MemorySource(frames).frames())
    assert "\n" not in str(error.value)
