"""Decodes the next frames in a background thread while the current one is processed; FFmpeg's own threads decode only on request."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from queue import Full, Queue

from seqfer.video.picture import VideoFrame

_FRAMES, _LEAST = 16, 2  # largest queue, and its least length whatever the size of the frames
_BYTES = 128 << 20  # largest queue
_BYTES_PER_PIXEL = 3  # an upper bound; most videos have half of it
_PATIENCE_S = 0.1  # between checks whether the reader is still wanted


@contextmanager
def read_in_background(
    frames: Iterator[VideoFrame], abandon: Callable[[], None] = lambda: None
) -> Generator[Iterator[VideoFrame], None, None]:
    """The same `frames` in the same order, read in a background thread; their exceptions are raised at the frame where they occur.

    The thread has ended when the context is left, whether all frames were read or not; `abandon` makes the frames end soon.
    """
    first = next(frames, None)
    if first is None:
        yield iter(())
        return
    fit = int(_BYTES / (_BYTES_PER_PIXEL * first.width * first.height))
    waiting: Queue[VideoFrame | BaseException | None] = Queue(min(max(fit, _LEAST), _FRAMES))
    left = threading.Event()

    def put(thing: VideoFrame | BaseException | None) -> None:
        while not left.is_set():
            try:
                return waiting.put(thing, timeout=_PATIENCE_S)
            except Full:
                continue

    def read() -> None:
        end: BaseException | None = None
        try:
            for frame in frames:
                put(frame)
                if left.is_set():
                    return
        except BaseException as error:
            end = error
        put(end)

    reader = threading.Thread(target=read, name="read-ahead", daemon=True)
    reader.start()
    try:
        yield _taken(first, waiting)
    finally:
        left.set()
        abandon()
        reader.join()


def _taken(first: VideoFrame, waiting: Queue[VideoFrame | BaseException | None]) -> Iterator[VideoFrame]:
    thing: VideoFrame | BaseException | None = first
    del first
    while thing is not None:
        if isinstance(thing, BaseException):
            raise thing
        yield thing
        thing = waiting.get()
