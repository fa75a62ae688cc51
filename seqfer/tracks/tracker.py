"""Assigns the observations of successive frames to tracks with constant numbers.

Original work on the scheme of tracking by detection (as in SORT, Bewley et al. 2016): predict, assign by least cost (Kuhn-Munkres), gate. What
differs: where faces meet, appearance decides and not the overlap of boxes; a track's appearance is a few past observations,
taken only without another face near; and a lost track is continued only by a matching appearance, not by the nearest face.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from seqfer.core.errors import SettingsError
from seqfer.tracks.appearance import CLEARLY, FITS, MAY_FIT, Observation
from seqfer.tracks.assignment import assign
from seqfer.tracks.track import Track, distance, motion_distance

_NEAR = 1.35  # centres closer than this multiple of the size: one face may occlude the other
_STRICT_AFTER_S = 0.5


class Tracker:
    """Assigns the observations of successive frames to tracks, each to one track at most.

    A face that is lost for up to `max_gap_s` keeps its number when it looks the same as before. A track is confirmed at its observation number
    `confirm`, or at a later one, by a score of at least `confirm_score`. Stores only tracks that may continue.

    Raises SettingsError for settings out of range.
    """

    def __init__(self, max_gap_s: float = 1.0, confirm: int = 2, confirm_score: float = 0.0) -> None:
        if not 0.0 <= max_gap_s < math.inf or confirm < 1:
            raise SettingsError(
                f"max_gap_s {max_gap_s}, confirm {confirm}; allowed: a gap of 0 s or more, 1 observation or more"
            )
        self.max_gap_s, self.confirm, self.confirm_score = max_gap_s, confirm, confirm_score
        self._tracks: list[Track] = []
        self._numbered = 0
        self._searched_s = -math.inf

    def update(self, seen: Sequence[Observation], time_s: float) -> list[Track]:
        """The track of each observation at `time_s`, which must be later than the last update's."""
        for track in self._tracks:
            track.dropped |= time_s - track.seen_s > self.max_gap_s + 1e-6
        self._tracks = [track for track in self._tracks if not track.dropped]
        owners: list[Track | None] = [None] * len(seen)
        confirmed = [track for track in self._tracks if track.number is not None]
        self._assign(confirmed, seen, owners, time_s)
        self._assign([track for track in self._tracks if track.number is None], seen, owners, time_s)
        clean = [self._alone(index, seen, owners, time_s) for index in range(len(seen))]
        for index in sorted(range(len(seen)), key=lambda i: seen[i].centre_xy_px):
            observation = seen[index]
            track = owners[index] or Track(time_s, observation, time_s)
            if owners[index] is None:
                owners[index] = track
                track.learn(observation, clean[index])
                self._tracks.append(track)
            else:
                self._renumber_tentative(track, observation, owners, time_s)
                track.follow(observation, time_s, clean[index])
            enough = track.observations >= self.confirm and observation.detection.score >= self.confirm_score
            if track.number is None and enough:
                self.confirm_track(track)
        self._searched_s = time_s
        return [track for track in owners if track is not None]

    def confirm_track(self, track: Track) -> None:
        """Give a track its number, however few observations it has."""
        if track.number is None:
            self._numbered += 1
            track.number = self._numbered

    def drop_tentative(self, time_s: float) -> None:
        """End the tentative tracks without an observation at `time_s`: false detections."""
        for track in self._tracks:
            track.dropped |= track.number is None and track.seen_s < time_s
        self._tracks = [track for track in self._tracks if not track.dropped]

    def cut(self) -> None:
        """Start a new shot: all tracks end, and the next faces get new numbers."""
        for track in self._tracks:
            track.dropped |= track.number is None
        self._tracks = []
        self._searched_s = -math.inf

    def _assign(
        self, tracks: Sequence[Track], seen: Sequence[Observation], owners: list[Track | None], time_s: float
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
            as_many = rivals.sum() <= (away[rivals] < 1.0).any(axis=0).sum()  # else one of them has just been occluded
            unlike[row, column] = tracks[row].unlike(seen[free[column]], as_many and not waited[rivals].any())
        # A face that reappears from behind another is half covered at first: the threshold gets stricter with the time out of sight.
        gap_s = np.array([time_s - track.seen_s for track in tracks])
        strict = np.where(waited, np.minimum(gap_s / _STRICT_AFTER_S, 1.0), 0.0)
        allowed = unlike < (MAY_FIT - (MAY_FIT - FITS) * strict)[:, None]
        allowed &= unlike < _best_other_track(unlike) + CLEARLY
        # A face does not reappear exactly where another was a moment ago: a bald head in front of long hair may only look like the other person.
        occupied = (away < 0.25) & ~waited[:, None] & (gap_s < 0.1)[:, None]
        allowed &= ~(waited[:, None] & occupied.any(axis=0))
        weight = np.where(meeting, 0.85, 0.35)
        # Leaving a track without an observation costs 1, so that two bad pairs are not preferred to a good one and a missing face.
        cost = np.ones(away.shape)
        cost[allowed] = ((1 - weight) * away)[allowed] + (weight * np.minimum(unlike, 1.0) / MAY_FIT)[allowed]
        for row, column in assign(cost):
            if cost[row, column] < 1.0:
                owners[free[column]] = tracks[row]

    def _alone(self, index: int, seen: Sequence[Observation], owners: Sequence[Track | None], time_s: float) -> bool:
        """Whether no other face, visible or occluded, is near an observation."""
        here = (*seen[index].centre_xy_px, seen[index].size_px)
        others = [(*other.centre_xy_px, other.size_px) for i, other in enumerate(seen) if i != index]
        hidden = [track.predicted(time_s) for track in self._tracks if not any(track is owner for owner in owners)]
        return all(distance(here, other) > _NEAR for other in [*others, *hidden])

    def _renumber_tentative(
        self, track: Track, observation: Observation, owners: Sequence[Track | None], time_s: float
    ) -> None:
        """Give a lost track's number to the tentative track that its face started when it reappeared with another appearance.

        Two different people are never joined: the tentative track must resemble the observation, half covered as it may have been.
        """
        if track.number is None:
            return
        for other in self._tracks:
            fits = (
                other.number is None
                and track.seen_s < other.first_s
                and motion_distance(other, observation, time_s) < 0.5
                and other.unlike(observation, with_last=True) < MAY_FIT
            )
            if fits and not any(other is owner for owner in owners):
                other.number, other.dropped = track.number, True
        self._tracks = [other for other in self._tracks if not other.dropped]


def _best_other_track(unlike: np.ndarray) -> np.ndarray:
    """(track observation): appearance distance of the observation from the best other track that has no better observation itself."""
    wanted = np.where(unlike == unlike.min(axis=1, keepdims=True), unlike, np.inf)
    rival = np.full(unlike.shape, np.inf)
    for row in range(len(unlike)):
        rival[row] = np.delete(wanted, row, axis=0).min(axis=0, initial=np.inf)
    return rival
