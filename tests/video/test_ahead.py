"""Frames read by a thread of their own: the same frames, the same errors, and no thread left behind."""

import threading
import time

import numpy as np
import pytest

from seqfer.core.errors import InputError
from seqfer.video import VideoFrame, open_source
from seqfer.video.ahead import read_in_background
from tests.drawn_film import write_drawn_film


def frames(count, size=(4, 6), fails_at=None, log=None):
    for index in range(count):
        if index == fails_at:
            raise InputError("broken off")
        if log is not None:
            log.append(index)
        yield VideoFrame(index, index / 25, np.zeros(size, np.uint8))


def reader_is_alive():
    return any(thread.name == "read-ahead" for thread in threading.enumerate())


@pytest.mark.parametrize("count", [0, 1, 2, 100])
def test_every_frame_comes_once_and_in_order(count):
    with read_in_background(frames(count)) as ahead:
        assert [frame.index for frame in ahead] == list(range(count))
    assert not reader_is_alive()


def test_an_error_comes_after_the_frames_before_it():
    seen = []
    with read_in_background(frames(9, fails_at=5)) as ahead, pytest.raises(InputError, match="broken off"):
        seen.extend(frame.index for frame in ahead)
    assert seen == [0, 1, 2, 3, 4]
    assert not reader_is_alive()


def test_leaving_early_ends_the_thread_and_the_reading():
    log = []
    with read_in_background(frames(10_000, log=log)) as ahead:
        assert [next(ahead).index for _ in range(3)] == [0, 1, 2]
    assert not reader_is_alive()
    assert len(log) < 100


def test_an_error_of_who_takes_them_ends_the_thread():
    def fail():
        with read_in_background(frames(10_000)) as ahead:
            return next(ahead).index / 0

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not reader_is_alive()


@pytest.mark.parametrize(("size", "most"), [((4, 6), 19), ((4320, 7680), 5)])
def test_few_frames_wait_and_fewer_large_ones(size, most):
    log, picture = [], np.zeros(size, np.uint8)
    source = (log.append(i) or VideoFrame(i, i / 25, picture) for i in range(1000))
    with read_in_background(source) as ahead:
        next(ahead)
        before = -1
        while len(log) != before:  # until the reader stands still
            before = len(log)
            time.sleep(0.3)
    assert 2 < before <= most


def test_a_reader_that_finds_nothing_to_give_is_told_to_end():
    abandoned = threading.Event()

    def silent():
        yield from frames(1)
        assert abandoned.wait(20)

    with read_in_background(silent(), abandoned.set) as ahead:
        next(ahead)
    assert abandoned.is_set()
    assert not reader_is_alive()


def abandoning(film, frame):
    if frame.index == 5:
        film.abandon()
    return frame


@pytest.mark.parametrize("start_s", [None, 1e6])
def test_an_abandoned_film_ends_at_its_next_frame(tmp_path, start_s):
    with open_source(str(write_drawn_film(tmp_path / "film.mp4", there=20, gone=4))) as film:
        walk = film._walk
        film._walk = lambda: (abandoning(film, frame) for frame in walk())
        list(film.frames(start_s))
        assert film.decoded == 6
        film._walk = walk
        assert len(list(film.frames())) == 24
