"""One track: the predicted position of a face, its known appearance, and the distance of an observation from both."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from seqfer.tracks.appearance import NOVEL, Observation, appearance_distance

_EXEMPLARS = 6  # observations without other faces near that describe a track's appearance
_DAMPING_S = 0.3  # time constant with which the predicted velocity of a lost face decays


@dataclass(eq=False)
class Track:
    """One face over time. `number` counts from 1 and is None while the track is tentative."""

    seen_s: float
    last: Observation
    first_s: float
    number: int | None = None
    dropped: bool = False
    observations: int = 1
    velocity: tuple[float, float, float] = (0.0, 0.0, 0.0)  # x, y in pixels and log size, per second
    exemplars: list[Observation] = field(default_factory=list)
    known_clean: bool = False  # whether the exemplars were taken without another face near

    def predicted(self, time_s: float) -> tuple[float, float, float]:
        """Predicted centre x, y and size in pixels, at a constant velocity that decays."""
        ahead = _DAMPING_S * (1.0 - math.exp(-(time_s - self.seen_s) / _DAMPING_S))
        (x, y), (vx, vy, grow) = self.last.centre_xy_px, self.velocity
        return x + vx * ahead, y + vy * ahead, self.last.size_px * math.exp(min(max(grow * ahead, -0.5), 0.5))

    def unlike(self, seen: Observation, with_last: bool) -> float:
        """Appearance distance of an observation from this track; `with_last`: also compare with the last one, which may show other faces too."""
        known = [*self.exemplars, self.last] if with_last or not self.known_clean else self.exemplars
        return min(appearance_distance(one, seen) for one in known)

    def follow(self, seen: Observation, time_s: float, clean: bool) -> None:
        """Add an observation at `time_s`; `clean`: no other face is near, so it shows this face only."""
        step = max(time_s - self.seen_s, 1e-3)
        blend = 1.0 - math.exp(-step / 0.15)
        (x, y), (past_x, past_y) = seen.centre_xy_px, self.last.centre_xy_px
        now = ((x - past_x) / step, (y - past_y) / step, math.log(seen.size_px / self.last.size_px) / step)
        vx, vy, grow = (old + blend * (new - old) for old, new in zip(self.velocity, now))
        self.velocity, self.last, self.seen_s, self.observations = (vx, vy, grow), seen, time_s, self.observations + 1
        self.learn(seen, clean)

    def learn(self, seen: Observation, clean: bool) -> None:
        if clean and not self.known_clean:
            self.exemplars, self.known_clean = [seen], True
        elif not self.exemplars:
            self.exemplars = [seen]
        elif clean and self.unlike(seen, with_last=False) > NOVEL:
            self.exemplars = [*self.exemplars, seen][-_EXEMPLARS:]


def motion_distance(track: Track, seen: Observation, time_s: float) -> float:
    """Distance of an observation from the predicted position and size of a track; from 1 on they cannot be matched."""
    gap_s = time_s - track.seen_s
    here = (*seen.centre_xy_px, seen.size_px)
    reach, growth = min(0.8 + 2.0 * gap_s, 2.5), 0.4 + 0.6 * min(gap_s, 1.0)
    places = (track.predicted(time_s), (*track.last.centre_xy_px, track.last.size_px))
    moved = min(distance(here, place) for place in places) / reach
    return max(moved, abs(math.log(seen.size_px / track.last.size_px)) / growth)


def distance(first: tuple[float, float, float], second: tuple[float, float, float]) -> float:
    """Distance of two centres as a multiple of the faces' size; (x, y, size) each."""
    return math.hypot(first[0] - second[0], first[1] - second[1]) / math.sqrt(first[2] * second[2])
