"""Frames -> stretches of one emotion per face, for people to read and to correct.

The emotion on top flickers from frame to frame. With hysteresis a stretch changes its emotion only when another one has been on top without
a break for `SHORTEST_S`; the change is then dated to that one's first frame, and what was shorter belongs to the stretch before it (at a
face's appearance: to the first that lasts). A face seen more briefly than that, or never the same for so long, is one stretch of the emotion
with the highest mean. A frame lasts until the next analysed frame, at most `LONGEST_FRAME_S`; where a face is not seen there is no stretch.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from seqfer.core.records import FaceRow
from seqfer.film.output.rounding import rounded_probabilities, rounded_time, top_index

SHORTEST_S = 0.2
LONGEST_FRAME_S = 60.0  # a larger step between two frames is a damaged time stamp, which no stretch reaches across
LONE_FRAME_S = 0.04  # how long the only frame of a film lasts, there being no other to tell


@dataclass(frozen=True)
class Segment:
    """One face from `start_s` to `end_s`: its emotion, the mean probability of it, the mean valence (NaN: none), frames."""

    face: int
    start_s: float
    end_s: float
    emotion: str
    probability: float
    valence: float
    frames: int


@dataclass
class _Stretch:
    """Sums over frames, and which emotion (index) they go by."""

    emotion: int
    start_s: float
    shares: list[float]
    valence: float = 0.0
    valued: int = 0
    frames: int = 0

    def add(self, shares: tuple[float, ...], valence: float) -> None:
        self.shares = [a + b for a, b in zip(self.shares, shares)]
        self.frames += 1
        if not math.isnan(valence):
            self.valence += valence
            self.valued += 1

    def join(self, later: _Stretch) -> None:
        self.shares = [a + b for a, b in zip(self.shares, later.shares)]
        self.frames, self.valued = self.frames + later.frames, self.valued + later.valued
        self.valence += later.valence


class _Face:
    """One face while it is seen: `settled` lasts long enough, `run` is the unbroken top emotion that may yet do so."""

    def __init__(self, face: int, classes: tuple[str, ...], shortest_s: float) -> None:
        self.face, self.classes, self.shortest_s = face, classes, shortest_s
        self.settled: _Stretch | None = None
        self.is_settled = False
        self.run: _Stretch | None = None

    def add(self, row: FaceRow, time_s: float) -> Iterator[Segment]:
        """The next frame, at `time_s`; yields a stretch that has ended."""
        shares = rounded_probabilities(row.probabilities or ())
        top = shares.index(max(shares))
        if self.run is None or self.run.emotion != top:
            yield from self._end_run(time_s)
            self.run = _Stretch(top, time_s, [0.0] * len(self.classes))
        self.run.add(shares, row.valence)

    def end(self, end_s: float) -> Iterator[Segment]:
        """The face is gone, or the film is over."""
        yield from self._end_run(end_s)
        if self.settled is not None:
            if not self.is_settled:
                self.settled.emotion = top_index([share / self.settled.frames for share in self.settled.shares])
            yield self._segment(self.settled, end_s)

    def _end_run(self, end_s: float) -> Iterator[Segment]:
        run, self.run = self.run, None
        if run is None:
            return
        lasts = rounded_time(end_s - run.start_s) >= self.shortest_s
        if self.settled is None:
            self.settled, self.is_settled = run, lasts
        elif lasts and self.is_settled and run.emotion != self.settled.emotion:
            yield self._segment(self.settled, run.start_s)
            self.settled = run
        else:  # too short, or the same again, or the first that lasts: then what came before is its beginning
            if lasts and not self.is_settled:
                self.settled.emotion, self.is_settled = run.emotion, True
            self.settled.join(run)

    def _segment(self, stretch: _Stretch, end_s: float) -> Segment:
        valence = stretch.valence / stretch.valued if stretch.valued else math.nan
        share = stretch.shares[stretch.emotion] / stretch.frames
        name = self.classes[stretch.emotion]
        return Segment(self.face, stretch.start_s, end_s, name, share, valence, stretch.frames)


def emotion_segments(
    rows: Iterable[FaceRow], classes: tuple[str, ...], shortest_s: float = SHORTEST_S
) -> Iterator[Segment]:
    """Stretches in the order in which they end. Per face that is in the picture a few sums are held.

    The film's last frame lasts as long as the one before it.
    """
    seen: dict[int, _Face] = {}
    until_s = math.inf
    for time_s, frame in _frames(rows):
        present = {row.face for row in frame} if time_s <= until_s else set()
        for gone in [face for face in seen if face not in present]:
            yield from seen.pop(gone).end(min(time_s, until_s))
        until_s = time_s + LONGEST_FRAME_S
        for row in frame:
            if row.face is not None:
                yield from seen.setdefault(row.face, _Face(row.face, classes, shortest_s)).add(row, time_s)


def _frames(rows: Iterable[FaceRow]) -> Iterator[tuple[float, list[FaceRow]]]:
    """(time, its rows) of every frame in turn, and at the end the time at which the last one is over, without rows.

    A time that goes back, which damaged films have, counts as the time before it.
    """
    frame: list[FaceRow] = []
    time_s, lasted_s = -math.inf, LONE_FRAME_S
    for row in rows:
        if frame and row.frame == frame[0].frame:
            frame.append(row)
            continue
        now_s = max(time_s, row.time_s)
        if frame:
            yield time_s, frame
            lasted_s = now_s - time_s
        time_s, frame = now_s, [row]
    if frame:
        yield time_s, frame
        yield time_s + lasted_s, []
