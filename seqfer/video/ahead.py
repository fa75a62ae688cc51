"""Decodes the next frames while somebody is busy with this one: FFmpeg's own threads stand still unless they are asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from queue import Full, Queue

from seqfer.video.picture import VideoFrame

_FRAMES, _LEAST = 16, 2  # that wait at most, and whatever their size
_BYTES = 128 << 20  # that wait at most
_BYTES_PER_PIXEL = 3  # most films have half of it
_PATIENCE_S = 0.1  # between looks at whether anybody still waits


@contextmanager
def read_in_background(
    frames: Iterator[VideoFrame], abandon: Callable[[], None] = lambda: None
) -> Generator[Iterator[VideoFrame], None, None]:
    """`frames`, the same and in order, read by a thread of their own; what they raise is raised where it is met.

    The thread has ended when the context is left, whether the frames came to their end or not; `abandon` makes them end soon.
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
