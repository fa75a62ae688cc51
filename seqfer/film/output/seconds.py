"""Computes per face and whole second [t, t + 1) the mean valence over its frames, their spread, and the fraction of frames with the face.

The mean is over frames with equal weights, as for a joystick's trace that is compared at 1 Hz; in a video of variable frame rate a frame of
longer duration has no larger weight (`frames.csv` has the times for other weights). The spread is the sample standard
deviation (divisor n - 1), undefined for one frame.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from seqfer.core.records import FaceRow
from seqfer.film.output.rounding import SHARE_DECIMALS, rounded_probabilities, second_of


@dataclass(frozen=True)
class SecondMean:
    """One face in one second: mean and spread of valence, mean probabilities (class,), `coverage` in [0, 1]. NaN: undefined."""

    second: int
    face: int
    valence: float
    valence_sd: float
    frames: int
    coverage: float
    probabilities: tuple[float, ...]


@dataclass
class _Open:
    """The frames of one face in the current second."""

    valences: list[float] = field(default_factory=list)
    shares: list[tuple[float, ...]] = field(default_factory=list)


class SecondBins:
    """Computes the means of each second from rows in order of time, and returns them when the second is over.

    Stores one second of rows. A row of an earlier second, in a video with decreasing times, is in no mean; `late_rows` counts
    them.
    """

    def __init__(self) -> None:
        self.second: int | None = None
        self.late_rows = 0
        self._frames: set[int] = set()
        self._faces: dict[int, _Open] = {}

    def add(self, row: FaceRow) -> tuple[int, int, list[SecondMean]] | None:
        """The next row. Returns (second, frames analysed in it, its faces in order) when this row begins another second."""
        second, done = second_of(row.time_s), None
        if self.second is not None and second < self.second:
            self.late_rows += 1
            return None
        if second != self.second:
            done = self.finish()
            self.second = second
        self._frames.add(row.frame)
        if row.face is not None and row.probabilities is not None:
            face = self._faces.setdefault(row.face, _Open())
            face.shares.append(rounded_probabilities(row.probabilities))
            if not math.isnan(row.valence):
                face.valences.append(round(row.valence, SHARE_DECIMALS))
        return done

    def finish(self) -> tuple[int, int, list[SecondMean]] | None:
        """The current second, or None where no row was added."""
        if self.second is None:
            return None
        analysed = len(self._frames)
        done = [self._mean(face, analysed) for face in sorted(self._faces)]
        second, self.second = self.second, None
        self._frames.clear()
        self._faces.clear()
        return second, analysed, done

    def _mean(self, face: int, analysed: int) -> SecondMean:
        values, shares = self._faces[face].valences, self._faces[face].shares
        mean = math.fsum(values) / len(values) if values else math.nan
        spread = math.nan
        if len(values) > 1:
            spread = math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (len(values) - 1))
        means = tuple(math.fsum(column) / len(shares) for column in zip(*shares))
        assert self.second is not None
        return SecondMean(self.second, face, mean, spread, len(shares), len(shares) / analysed, means)


def collect_second_means(rows: Iterable[FaceRow], means: list[SecondMean]) -> Iterator[FaceRow]:
    """The same rows; seconds with a face are appended to `means` when they are over, in order of second, then face."""
    bins = SecondBins()
    for row in rows:
        if done := bins.add(row):
            means += done[2]
        yield row
    if done := bins.finish():
        means += done[2]
