"""Writes `tracks.csv`: one line per face, from its first to its last frame. Only sums of each face are stored."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from seqfer.core.csv_text import csv_text
from seqfer.core.files import write_atomically
from seqfer.core.records import FaceRow
from seqfer.film.output.rounding import (
    BOX_DECIMALS,
    SCORE_DECIMALS,
    SHARE_DECIMALS,
    TIME_DECIMALS,
    rounded_probabilities,
    rounded_time,
    text,
    top_index,
)
from seqfer.runs.names import TRACKS_CSV


@dataclass
class TrackSums:
    """One face: its first and last frame, and sums over its rows. `searched` counts rows with a detection (score not NaN)."""

    face: int
    shot: int
    first_frame: int
    start_s: float
    shares: list[float]
    last_frame: int = 0
    end_s: float = 0.0
    frames: int = 0
    searched: int = 0
    score: float = 0.0
    width_px: float = 0.0
    height_px: float = 0.0
    valued: int = 0
    valence: float = 0.0

    def add(self, row: FaceRow) -> None:
        """Add one row of this face."""
        assert row.box_xyxy_px is not None
        assert row.probabilities is not None
        x1, y1, x2, y2 = row.box_xyxy_px
        self.last_frame, self.end_s = row.frame, row.time_s
        self.frames += 1
        self.width_px += x2 - x1
        self.height_px += y2 - y1
        for k, share in enumerate(rounded_probabilities(row.probabilities)):
            self.shares[k] += share
        if not math.isnan(row.score):
            self.searched += 1
            self.score += row.score
        if not math.isnan(row.valence):
            self.valued += 1
            self.valence += round(row.valence, SHARE_DECIMALS)


class TrackTable:
    """Collects a few hundred bytes per face and writes `tracks.csv` on `close`. A face without rows has no line.

    The column `short` is 1 for a track of less than `min_track_s`, from its first to its last frame with the mean time between frames added, else 0.
    """

    def __init__(self, folder: Path, classes: tuple[str, ...], min_track_s: float = 0.0) -> None:
        self.path, self.classes, self._min_track_s = folder / TRACKS_CSV, classes, min_track_s
        self.tracks: dict[int, TrackSums] = {}
        self._frames, self._frame, self._first_s, self._last_s = 0, -1, math.nan, math.nan

    @property
    def short(self) -> set[int]:
        """The faces whose tracks are short."""
        step_s = (self._last_s - self._first_s) / (self._frames - 1) if self._frames > 1 else 0.0
        return {
            face
            for face, track in self.tracks.items()
            if track.end_s - track.start_s + step_s < self._min_track_s - 1e-9
        }

    def write(self, row: FaceRow) -> None:
        """Add the next row; one without a face counts as a frame only."""
        if row.frame != self._frame:
            self._frames, self._frame, self._last_s = self._frames + 1, row.frame, row.time_s
            self._first_s = row.time_s if math.isnan(self._first_s) else self._first_s
        if row.face is None:
            return
        if (track := self.tracks.get(row.face)) is None:
            track = TrackSums(row.face, row.shot, row.frame, row.time_s, [0.0] * len(self.classes))
            self.tracks[row.face] = track
        track.add(row)

    def close(self) -> int:
        """Write the table, sorted by face; returns the number of faces. Raises InputError when it cannot be written."""
        known = ["face", "shot", "first_frame", "last_frame", "start_s", "end_s", "frames", "searched", "mean_score"]
        known += ["mean_width_px", "mean_height_px", "emotion"]
        header = [*known, *(f"mean_{name}" for name in self.classes), "mean_valence", "short"]
        short = self.short
        write_atomically(
            self.path,
            csv_text(
                [header, *([*self._cells(self.tracks[face]), str(int(face in short))] for face in sorted(self.tracks))]
            ),
        )
        return len(self.tracks)

    def discard(self) -> None:
        """Does nothing: no file is written before `close`."""

    def _cells(self, track: TrackSums) -> list[str]:
        shares = [share / track.frames for share in track.shares]
        times = [text(rounded_time(t), TIME_DECIMALS) for t in (track.start_s, track.end_s)]
        sizes = [text(side / track.frames, BOX_DECIMALS) for side in (track.width_px, track.height_px)]
        return [
            *(str(n) for n in (track.face, track.shot, track.first_frame, track.last_frame)),
            *times,
            str(track.frames),
            str(track.searched),
            text(_mean(track.score, track.searched), SCORE_DECIMALS),
            *sizes,
            self.classes[top_index(shares)],
            *(text(share) for share in shares),
            text(_mean(track.valence, track.valued)),
        ]


def _mean(total: float, count: int) -> float:
    return total / count if count else math.nan
