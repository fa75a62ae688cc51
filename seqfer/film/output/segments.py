"""Segments each face's frames into intervals of one emotion, for reading and correction by people.

The top emotion changes often from frame to frame. With hysteresis a segment ends only when another emotion has been on top without
interruption for `SHORTEST_S`; the new segment starts at that emotion's first frame, and shorter runs belong to the segment before them (at
a face's appearance: to the first long enough run). A face without a run of that length is one segment of the emotion
with the highest mean. A frame lasts until the next analysed frame, at most `LONGEST_FRAME_S`; there is no segment where a face is not seen.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from seqfer.core.records import FaceRow
from seqfer.film.output.rounding import rounded_probabilities, rounded_time, top_index

SHORTEST_S = 0.2
LONGEST_FRAME_S = 60.0  # a larger step between two frames is a damaged timestamp, which ends a segment
LONE_FRAME_S = 0.04  # assumed duration of the only frame of a video


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
    """Sums over frames, and the emotion (index) of the segment."""

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
    """One visible face: `settled` is a long enough segment, `run` the current run of the top emotion that may become one."""

    def __init__(self, face: int, classes: tuple[str, ...], shortest_s: float) -> None:
        self.face, self.classes, self.shortest_s = face, classes, shortest_s
        self.settled: _Stretch | None = None
        self.is_settled = False
        self.run: _Stretch | None = None

    def add(self, row: FaceRow, time_s: float) -> Iterator[Segment]:
        """The next frame, at `time_s`; yields a segment that has ended."""
        shares = rounded_probabilities(row.probabilities or ())
        top = shares.index(max(shares))
        if self.run is None or self.run.emotion != top:
            yield from self._end_run(time_s)
            self.run = _Stretch(top, time_s, [0.0] * len(self.classes))
        self.run.add(shares, row.valence)

    def end(self, end_s: float) -> Iterator[Segment]:
        """End the face, because it is lost or the video is over."""
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
        else:  # too short, or the same emotion again, or the first long run, which includes the frames before it
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
    """Segments in the order in which they end. Stores a few sums per visible face.

    The video's last frame lasts as long as the one before it.
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
    """(time, its rows) of every frame in order, and at the end the time at which the last one ends, without rows.

    A decreasing time, as in damaged videos, is replaced by the time before it.
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
