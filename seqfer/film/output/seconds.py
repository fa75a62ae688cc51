"""Rows -> per face and whole second [t, t + 1) the mean valence over its frames, their spread, and how much of the second it was seen.

The mean is over frames, each counting once, as for a joystick's trace that is compared at 1 Hz; on a film of variable rate a frame that
stays long weighs no more than others (`frames.csv` has the times for whoever wants another weight). The spread is the sample standard
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
    """The frames of one face in the second that is running."""

    valences: list[float] = field(default_factory=list)
    shares: list[tuple[float, ...]] = field(default_factory=list)


class SecondBins:
    """Rows in order of time -> means of each second, handed out as soon as the second has passed.

    Holds one second of rows. A row whose second has passed already, in a film whose times go back, enters no mean; `late_rows` counts
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
        """The second that is running, or None where nothing was added."""
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
    """The same rows; the seconds in which a face was seen are appended to `means` as they pass, in order of second, then face."""
    bins = SecondBins()
    for row in rows:
        if done := bins.add(row):
            means += done[2]
        yield row
    if done := bins.finish():
        means += done[2]
