"""Aggregates the rows of an annotated video into bins of time for the page, in memory that does not grow with the video.

A grid of bins starts with a fine width; when time exceeds its last bin, neighbouring bins are merged and every bin is twice as wide. A face
has bins only where it was found, so that a thousand short tracks need no more memory than a few long ones.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from seqfer.core.records import FaceRow

COLUMNS, COLUMN_S = 800, 0.02
SECONDS, SECOND_S = 1200, 1.0


@dataclass(slots=True)
class Bin:
    """One face within one bin: `sums` of the probabilities of `rows` rows; sum, lowest and highest of `valued` values of valence."""

    index: int
    sums: list[float]
    rows: int = 0
    valued: int = 0
    valence_sum: float = 0.0
    low: float = math.inf
    high: float = -math.inf

    @property
    def means(self) -> list[float]:
        """Mean probabilities in the order of the classes; NaN where no row had any."""
        return [value / self.rows if self.rows else math.nan for value in self.sums]

    @property
    def valence(self) -> float:
        """Mean valence, NaN where there is none."""
        return self.valence_sum / self.valued if self.valued else math.nan

    def add(self, probabilities: Sequence[float] | None, valence: float) -> None:
        """Add one row."""
        if probabilities is not None:
            self.rows += 1
            for k, value in enumerate(probabilities):
                self.sums[k] += value
        if not math.isnan(valence):
            self.valued += 1
            self.valence_sum += valence
            self.low, self.high = min(self.low, valence), max(self.high, valence)

    def join(self, other: Bin) -> None:
        """Add all rows of another bin."""
        self.rows, self.valued = self.rows + other.rows, self.valued + other.valued
        self.sums = [a + b for a, b in zip(self.sums, other.sums)]
        self.valence_sum += other.valence_sum
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)


@dataclass
class Grid:
    """Bins of equal width from `origin_s` on, at most `limit` of them; `analysed` are those with an analysed frame."""

    limit: int
    width_s: float
    origin_s: float = math.nan
    analysed: set[int] = field(default_factory=set)
    faces: dict[int, list[Bin]] = field(default_factory=dict)

    def index(self, time_s: float) -> int:
        """The bin of a time. The first call sets the origin (a multiple of the width)."""
        if math.isnan(self.origin_s):
            self.origin_s = math.floor(time_s / self.width_s) * self.width_s
        found = max(0, int((time_s - self.origin_s) / self.width_s + 1e-9))
        while found >= self.limit:
            self._double()
            found = int((time_s - self.origin_s) / self.width_s + 1e-9)
        return found

    def add(self, face: int, at: int, probabilities: Sequence[float] | None, valence: float) -> None:
        """Add one row of a face to bin `at`; where times decrease (a damaged file), to the newest bin."""
        bins = self.faces.setdefault(face, [])
        if not bins or bins[-1].index < at:
            bins.append(Bin(at, [0.0] * len(probabilities or ())))
        if probabilities is not None and not bins[-1].sums:
            bins[-1].sums = [0.0] * len(probabilities)
        bins[-1].add(probabilities, valence)

    def start_s(self, index: int) -> float:
        """Start of a bin."""
        return self.origin_s + index * self.width_s

    def runs(self, bins: Iterable[Bin], end_s: float) -> Iterator[tuple[list[Bin], float]]:
        """(bins, end in seconds) of every interval in which the face was found without a gap.

        A bin without an analysed frame (few frames per second) is not a gap: the last value holds until the next analysed frame.
        """
        looked = sorted(self.analysed)
        place = {index: k for k, index in enumerate(looked)}

        def until(last: Bin) -> float:
            after = place[last.index] + 1
            return self.start_s(looked[after]) if after < len(looked) else end_s

        run: list[Bin] = []
        for one in bins:
            if run and place[one.index] != place[run[-1].index] + 1:
                yield run, until(run[-1])
                run = []
            run.append(one)
        if run:
            yield run, until(run[-1])

    def _double(self) -> None:
        self.width_s *= 2
        self.analysed = {index // 2 for index in self.analysed}
        for face, bins in self.faces.items():
            joined: list[Bin] = []
            for one in bins:
                one.index //= 2
                if joined and joined[-1].index == one.index:
                    if not joined[-1].sums:
                        joined[-1].sums = [0.0] * len(one.sums)
                    one.sums = one.sums or [0.0] * len(joined[-1].sums)
                    joined[-1].join(one)
                else:
                    joined.append(one)
            self.faces[face] = joined


@dataclass
class Track:
    """Totals of one face. `seen_s` is the duration of the frames it was found on; `tops` counts its top emotions by class."""

    face: int
    first_s: float
    last_s: float
    frames: int = 0
    seen_s: float = 0.0
    classified: int = 0
    top_sum: float = 0.0
    tops: dict[int, int] = field(default_factory=dict)
    valued: int = 0
    valence_sum: float = 0.0

    @property
    def top_mean(self) -> float:
        """Mean probability of the top emotion, NaN where nothing was classified."""
        return self.top_sum / self.classified if self.classified else math.nan

    @property
    def valence(self) -> float:
        """Mean valence over all frames, NaN where it was not requested."""
        return self.valence_sum / self.valued if self.valued else math.nan


class Film:
    """Aggregates rows in the order of their frames to totals, tracks and two grids (fine columns, seconds of valence).

    Tracks of less than `min_track_s` are not `reported` unless all are.
    """

    def __init__(self, min_track_s: float = 0.0) -> None:
        self.min_track_s = min_track_s
        self.columns, self.seconds = Grid(COLUMNS, COLUMN_S), Grid(SECONDS, SECOND_S)
        self.tracks: dict[int, Track] = {}
        self.rows = self.analysed = self.with_face = self.untimed = self.most_at_once = 0
        self.first_s = self.last_s = math.nan
        self._frame: int | None = None
        self._at = (0, 0)
        self._present: set[int] = set()
        self._finished = False

    def add(self, row: FaceRow) -> None:
        """Add one row. A row without a time (NaN) is counted but not drawn."""
        if row.frame != self._frame:
            self._next_frame(row)
        self.rows += 1
        if row.face is None or math.isnan(row.time_s):
            return
        track = self.tracks.setdefault(row.face, Track(row.face, row.time_s, row.time_s))
        track.frames, track.last_s = track.frames + 1, row.time_s
        if row.probabilities is not None:
            top = max(range(len(row.probabilities)), key=row.probabilities.__getitem__)
            track.classified, track.top_sum = track.classified + 1, track.top_sum + row.probabilities[top]
            track.tops[top] = track.tops.get(top, 0) + 1
        if not math.isnan(row.valence):
            track.valued, track.valence_sum = track.valued + 1, track.valence_sum + row.valence
        self.columns.add(row.face, self._at[0], row.probabilities, row.valence)
        self.seconds.add(row.face, self._at[1], None, row.valence)
        self.with_face += not self._present
        self._present.add(row.face)
        self.most_at_once = max(self.most_at_once, len(self._present))

    def finish(self) -> Film:
        """Add the last frame's duration. To be called once, after the last row."""
        if not self._finished:
            self._shown(self.interval_s)
            self._finished = True
        return self

    @property
    def interval_s(self) -> float:
        """Mean time between analysed frames; a fifth of a second where there is only one, so that it is visible in the chart."""
        timed = self.analysed - self.untimed
        return (self.last_s - self.first_s) / (timed - 1) if timed > 1 and self.last_s > self.first_s else 0.2

    @property
    def end_s(self) -> float:
        """End of the last analysed frame."""
        return self.last_s + self.interval_s

    @property
    def length_s(self) -> float:
        """Time covered by the analysed frames, 0 where there is none."""
        return 0.0 if math.isnan(self.last_s) else self.end_s - self.first_s

    @property
    def longest(self) -> list[Track]:
        """All tracks, longest first."""
        return sorted(self.tracks.values(), key=lambda track: (-track.seen_s, track.face))

    @property
    def reported(self) -> list[Track]:
        """The tracks that the report speaks of, longest first: those that are not short, or all where all are short."""
        least_s = self.min_track_s - 1e-9
        return [t for t in self.longest if t.last_s - t.first_s + self.interval_s >= least_s] or self.longest

    def _next_frame(self, row: FaceRow) -> None:
        self._frame, self.analysed = row.frame, self.analysed + 1
        if math.isnan(row.time_s):
            self.untimed += 1
            self._present.clear()
            return
        if math.isnan(self.first_s):
            self.first_s = self.last_s = row.time_s
        self._shown(max(row.time_s - self.last_s, 0.0))
        self.last_s = max(self.last_s, row.time_s)
        self._at = (self.columns.index(self.last_s), self.seconds.index(self.last_s))
        self.columns.analysed.add(self._at[0])
        self.seconds.analysed.add(self._at[1])

    def _shown(self, seconds: float) -> None:
        for face in self._present:
            self.tracks[face].seen_s += seconds
        self._present.clear()
