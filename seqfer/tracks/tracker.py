"""Sightings, one searched frame after another, to tracks that keep their names.

Original work. The frame is tracking by detection (as in SORT, Bewley et al. 2016): predict, assign by least cost (Kuhn-Munkres), gate. What
differs: where faces meet, appearance decides and not the overlap of boxes; what one track looks like is a handful of past sightings,
taken only while nobody was near; and a lost face waits for its own appearance, it is not handed to whoever comes close.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from seqfer.core.errors import SettingsError
from seqfer.tracks.appearance import CLEARLY, FITS, MAY_FIT, Sighting
from seqfer.tracks.track import Track, distance, motion_distance

_NEAR = 1.35  # centres closer than this many sizes: the two hide parts of one another
_STRICT_AFTER_S = 0.5


class Tracker:
    """Gives the sightings of one searched frame after another to tracks. Two tracks never take one sighting.

    A face that is lost for up to `max_gap_s` keeps its number when it looks the same as before; `confirm` sightings make a face believed
    in. Holds only what may still come back. Raises SettingsError for settings out of range.
    """

    def __init__(self, max_gap_s: float = 1.0, confirm: int = 2) -> None:
        if not 0.0 <= max_gap_s < math.inf or confirm < 1:
            raise SettingsError(
                f"max_gap_s {max_gap_s}, confirm {confirm}; allowed: a gap of 0 s or more, 1 sighting or more"
            )
        self.max_gap_s, self.confirm = max_gap_s, confirm
        self._tracks: list[Track] = []
        self._numbered = 0
        self._searched_s = -math.inf

    def update(self, seen: Sequence[Sighting], time_s: float) -> list[Track]:
        """The track of each sighting at `time_s`, which must be later than the last update's."""
        for track in self._tracks:
            track.dropped |= time_s - track.seen_s > self.max_gap_s + 1e-6
        self._tracks = [track for track in self._tracks if not track.dropped]
        owners: list[Track | None] = [None] * len(seen)
        believed = [track for track in self._tracks if track.number is not None]
        self._assign(believed, seen, owners, time_s)
        self._assign([track for track in self._tracks if track.number is None], seen, owners, time_s)
        clean = [self._alone(index, seen, owners, time_s) for index in range(len(seen))]
        for index in sorted(range(len(seen)), key=lambda i: seen[i].centre_xy_px):
            sighting = seen[index]
            track = owners[index] or Track(time_s, sighting, time_s)
            if owners[index] is None:
                owners[index] = track
                track.learn(sighting, clean[index])
                self._tracks.append(track)
            else:
                self._renumber_tentative(track, sighting, owners, time_s)
                track.follow(sighting, time_s, clean[index])
            if track.number is None and track.sightings >= self.confirm:
                self.confirm_track(track)
        self._searched_s = time_s
        return [track for track in owners if track is not None]

    def confirm_track(self, track: Track) -> None:
        """Give a track its number, whatever it was seen on."""
        if track.number is None:
            self._numbered += 1
            track.number = self._numbered

    def drop_tentative(self, time_s: float) -> None:
        """End the tracks not seen at `time_s` that are not believed in: false alarms."""
        for track in self._tracks:
            track.dropped |= track.number is None and track.seen_s < time_s
        self._tracks = [track for track in self._tracks if not track.dropped]

    def cut(self) -> None:
        """A new shot: all tracks end, whoever comes next is somebody new."""
        for track in self._tracks:
            track.dropped |= track.number is None
        self._tracks = []
        self._searched_s = -math.inf

    def _assign(
        self, tracks: Sequence[Track], seen: Sequence[Sighting], owners: list[Track | None], time_s: float
    ) -> None:
        free = [index for index, owner in enumerate(owners) if owner is None]
        if not tracks or not free:
            return
        away = np.array([[motion_distance(track, seen[index], time_s) for index in free] for track in tracks])
        meeting = (away < 1.0).sum(axis=0, keepdims=True) + (away < 1.0).sum(axis=1, keepdims=True) > 2
        waited = np.array([track.seen_s < self._searched_s for track in tracks])
        unlike = np.full(away.shape, np.inf)
        for row, column in zip(*np.nonzero(away < 1.0)):
            rivals = away[:, column] < 1.0
            as_many = rivals.sum() <= (away[rivals] < 1.0).any(axis=0).sum()  # else one of them has just been hidden
            unlike[row, column] = tracks[row].unlike(seen[free[column]], as_many and not waited[rivals].any())
        # Who comes out from behind somebody is half covered at first: strictness grows with the time out of sight.
        gap_s = np.array([time_s - track.seen_s for track in tracks])
        strict = np.where(waited, np.minimum(gap_s / _STRICT_AFTER_S, 1.0), 0.0)
        allowed = unlike < (MAY_FIT - (MAY_FIT - FITS) * strict)[:, None]
        allowed &= unlike < _best_other_track(unlike) + CLEARLY
        # Nobody comes out exactly where somebody else was a moment ago: a bald head before long hair only looks like its owner.
        occupied = (away < 0.25) & ~waited[:, None] & (gap_s < 0.1)[:, None]
        allowed &= ~(waited[:, None] & occupied.any(axis=0))
        weight = np.where(meeting, 0.85, 0.35)
        # Leaving a track without a sighting costs 1, so that two bad pairs are not preferred to a good one and a missing face.
        cost = np.ones(away.shape)
        cost[allowed] = ((1 - weight) * away)[allowed] + (weight * np.minimum(unlike, 1.0) / MAY_FIT)[allowed]
        for row, column in zip(*linear_sum_assignment(cost)):
            if cost[row, column] < 1.0:
                owners[free[column]] = tracks[row]

    def _alone(self, index: int, seen: Sequence[Sighting], owners: Sequence[Track | None], time_s: float) -> bool:
        """Whether nobody else, seen now or hidden, is near a sighting."""
        here = (*seen[index].centre_xy_px, seen[index].size_px)
        others = [(*other.centre_xy_px, other.size_px) for i, other in enumerate(seen) if i != index]
        hidden = [track.predicted(time_s) for track in self._tracks if not any(track is owner for owner in owners)]
        return all(distance(here, other) > _NEAR for other in [*others, *hidden])

    def _renumber_tentative(
        self, track: Track, sighting: Sighting, owners: Sequence[Track | None], time_s: float
    ) -> None:
        """A lost face that came back looking unlike itself began a doubtful track a moment ago: that was this one."""
        if track.number is None:
            return
        for other in self._tracks:
            fits = (
                other.number is None and track.seen_s < other.first_s and motion_distance(other, sighting, time_s) < 0.5
            )
            if fits and not any(other is owner for owner in owners):
                other.number, other.dropped = track.number, True
        self._tracks = [other for other in self._tracks if not other.dropped]


def _best_other_track(unlike: np.ndarray) -> np.ndarray:
    """(track sighting): how unlike the sighting is to the best of the other tracks that have no better sighting themselves."""
    wanted = np.where(unlike == unlike.min(axis=1, keepdims=True), unlike, np.inf)
    rival = np.full(unlike.shape, np.inf)
    for row in range(len(unlike)):
        rival[row] = np.delete(wanted, row, axis=0).min(axis=0, initial=np.inf)
    return rival
