"""Frames from memory as a video source: pairs of a time in seconds and a picture, from a list or from any iterable, such as a generator."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np

from seqfer.core.errors import InputError
from seqfer.video.picture import VideoFrame
from seqfer.video.source import Source, SourceInfo, spread_over

NAME = "frames in memory"
_PAIRS = "give pairs (time_s, picture)"
_PICTURE = "uint8 (height, width, 3) RGB"


class MemorySource(Source):
    """Pairs (time_s, picture): times in seconds that increase, pictures uint8 (height width 3) RGB of one size.

    An iterator is read once, while the frames are wanted, and its pictures are copied, so that it may fill one array again and again; a list is
    read in place. Raises InputError, at the frame where it is found, for anything else than such pairs.
    """

    def __init__(self, frames: Iterable[tuple[float, np.ndarray]]) -> None:
        super().__init__()
        self._stored = frames if isinstance(frames, Sequence) else None
        pairs = iter(frames)
        first = next(pairs, None)
        if first is None:
            raise InputError(f"{NAME}: there are none; {_PAIRS}, at least one")
        _, picture = _checked(first, 0)
        height, width = self._size = picture.shape[:2]
        self.info = SourceInfo(
            NAME, "memory", width, height, len(self._stored) if self._stored else None, math.nan, math.nan
        )
        self._pairs = chain((first,), pairs)

    def __str__(self) -> str:
        return NAME

    def samples(self, count: int, start_s: float = 0.0, end_s: float = math.inf) -> Iterator[VideoFrame]:
        """Up to `count` frames spread over a part of a list; none of an iterator."""
        stored = self._stored or ()
        inside = [k for k, pair in enumerate(stored) if start_s <= _checked(pair, k)[0] < end_s]
        for index in spread_over(inside, count):
            yield VideoFrame(index, *_checked(stored[index], index))

    def _walk(self) -> Iterator[VideoFrame]:
        before_s = -math.inf
        for index, pair in enumerate(self._stored or self._pairs):
            time_s, picture = _checked(pair, index)
            if time_s <= before_s:
                raise InputError(
                    f"{NAME}: frame {index} is at {time_s:g} s, the one before at {before_s:g} s; times must increase"
                )
            if picture.shape[:2] != self._size:
                raise InputError(
                    f"{NAME}: frame {index} is {_size(picture.shape)}, the first one {_size(self._size)}; give pictures of one size"
                )
            before_s, self.decoded = time_s, self.decoded + 1
            kept = np.ascontiguousarray(picture) if self._stored else np.array(picture, order="C")
            yield VideoFrame(index, time_s, kept)


def _checked(pair: Any, index: int) -> tuple[float, np.ndarray]:
    """The time and the picture of frame `index`. Raises InputError for anything else than a finite time and a picture."""
    if isinstance(pair, np.ndarray) or not isinstance(pair, Sequence) or len(pair) != 2:
        what = f"an array {pair.shape}" if isinstance(pair, np.ndarray) else f"a {type(pair).__name__}"
        raise InputError(f"{NAME}: frame {index} is {what}; {_PAIRS}")
    time_s, picture = pair
    if not isinstance(time_s, int | float | np.integer | np.floating) or not math.isfinite(time_s):
        raise InputError(f"{NAME}: the time of frame {index} is {time_s!r}; give seconds as a finite number")
    if not isinstance(picture, np.ndarray):
        raise InputError(f"{NAME}: frame {index} is a {type(picture).__name__}; allowed: an array {_PICTURE}")
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or 0 in picture.shape:
        raise InputError(f"{NAME}: frame {index} is {picture.dtype} {picture.shape}; allowed: {_PICTURE}")
    return float(time_s), picture


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]}x{shape[0]} pixels"
