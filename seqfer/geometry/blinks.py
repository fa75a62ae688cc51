"""Blinks of a face, from how far its eyes are open over time.

A drop is how far the mean openness of both eyes lies below that of the same face with open eyes, as a fraction of it: the 80th percentile of the 6
seconds around, and at least 0.65 of the 90th percentile of the whole track, so that looking down for long is not taken as open. A blink is a peak of
the drop of 0.35 and more, and of more than six times the track's noise, that rises by 0.25 or more above the level of the second before and of the
second after (the 20th percentile of the drop there), and is above half of that rise for at most 0.6 seconds: eyes that stay closed are no blink.
Onset and offset are the frames at which a fifth of the rise on their side is left.

The frame rate limits what can be seen: a blink lasts 0.1 to 0.4 seconds, and below 12 frames a second many fall between two frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

_AROUND_S, _PERCENTILE = 3.0, 80
_OF_TRACK, _TRACK_PERCENTILE = 0.65, 90
_LEAST_DROP, _LEAST_RISE, _NOISES = 0.35, 0.25, 6.0
_LEVEL_PERCENTILE, _SIDE_S = 20, 1.0
_EDGE, _HALF = 0.2, 0.5
_LONGEST_S, _GAP_S = 0.6, 0.25


@dataclass(frozen=True)
class Blink:
    """One blink: its times in seconds, and the drop at its peak, as a fraction of the openness with open eyes."""

    onset_s: float
    peak_s: float
    offset_s: float
    drop: float


def find_blinks(times_s: ArrayLike, openness: ArrayLike) -> list[Blink]:
    """The blinks of one face in order of time; `openness` is NaN where it is unknown, and times must increase.

    Example:
        >>> from seqfer.geometry.blinks import find_blinks
        >>> times_s = [frame / 30 for frame in range(90)]
        >>> openness = [0.05 if frame in (44, 45, 46) else 0.3 for frame in range(90)]
        >>> [round(blink.peak_s, 2) for blink in find_blinks(times_s, openness)]
        [1.47]
    """
    times, values = np.asarray(times_s, float), np.asarray(openness, float)
    known = np.isfinite(values)
    times, values = times[known], values[known]
    if len(values) < 3:
        return []
    drop = 1 - values / np.maximum(_open_level(times, values), 1e-6)
    noise = 1.4826 * float(np.median(np.abs(np.diff(drop)))) / np.sqrt(2)
    least = max(_LEAST_DROP, _NOISES * noise)
    pieces = [0, *(np.flatnonzero(np.diff(times) > _GAP_S) + 1), len(times)]
    blinks = [_blinks_of(times[a:b], drop[a:b], least) for a, b in pairwise(pieces)]
    return [blink for piece in blinks for blink in piece]


def _open_level(times: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The openness with open eyes at each time, computed every second and interpolated."""
    grid = np.arange(times[0], times[-1] + 1.0, 1.0)
    first, last = np.searchsorted(times, grid - _AROUND_S), np.searchsorted(times, grid + _AROUND_S, side="right")
    lowest = _OF_TRACK * float(np.percentile(values, _TRACK_PERCENTILE))
    levels = [
        max(float(np.percentile(values[a:b], _PERCENTILE)) if b > a else 0.0, lowest) for a, b in zip(first, last)
    ]
    result: np.ndarray = np.interp(times, grid, levels)
    return result


def _blinks_of(times: np.ndarray, drop: np.ndarray, least: float) -> list[Blink]:
    """The blinks of a piece without gaps: one per uninterrupted time with a drop of at least `least`."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (drop >= least).astype(int), [0]])))
    found = (_blink_at(times, drop, int(a + np.argmax(drop[a:b]))) for a, b in edges.reshape(-1, 2))
    return [blink for blink in found if blink is not None]


def _blink_at(times: np.ndarray, drop: np.ndarray, peak: int) -> Blink | None:
    """The blink whose drop is largest at `peak`, or None where this is no blink."""
    first, last = np.searchsorted(times, [times[peak] - _SIDE_S, times[peak] + _SIDE_S])
    before, after = _Side(drop[first : peak + 1][::-1]), _Side(drop[peak:last])
    if min(before.rise, after.rise) < _LEAST_RISE:
        return None
    start, end = (side.way(_HALF) for side in (before, after))
    if start is None or end is None or times[peak + end] - times[peak - start] > _LONGEST_S:
        return None
    onset, offset = (side.way(_EDGE) or 0 for side in (before, after))
    return Blink(float(times[peak - onset]), float(times[peak]), float(times[peak + offset]), float(drop[peak]))


class _Side:
    """The drop from a peak, which comes first, to one side of it."""

    def __init__(self, drop: np.ndarray) -> None:
        self._drop, self._level = drop, float(np.percentile(drop, _LEVEL_PERCENTILE))
        self.rise = float(drop[0]) - self._level

    def way(self, fraction: float) -> int | None:
        """Steps to the first value that has at most this fraction of the rise left; None where there is none."""
        below = np.flatnonzero(self._drop <= self._level + fraction * self.rise)
        return int(below[0]) if len(below) and self.rise > 0 else None
