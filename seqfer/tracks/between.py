"""Decides whether the faces between two frames with detection can be interpolated.

They can where both frames show the same faces in nearly the same places; otherwise a face appeared, left, moved fast or crossed another.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from seqfer.tracks.appearance import FITS, Observation, appearance_distance
from seqfer.tracks.assignment import assign
from seqfer.tracks.boxes import overlap
from seqfer.tracks.track import Track


def same_faces(first: Sequence[Observation], second: Sequence[Observation]) -> bool:
    """Whether two frames show the same faces in so nearly the same places that the frames between them need no detection.

    No, when a face is on one only, moved by more than half its size, changed its appearance or score, or two faces may cross.
    """
    if len(first) != len(second):
        return False
    if not first:
        return True
    overlaps = np.array([[overlap(a.detection.box_xyxy_px, b.detection.box_xyxy_px) for b in second] for a in first])
    places = assign(-overlaps)
    pairs = [(first[row], second[column]) for row, column in places]
    if min(overlaps[place] for place in places) < 0.5 or not all(_undisturbed(a, b) for a, b in pairs):
        return False
    return not any(_may_cross(one, other) for i, one in enumerate(pairs) for other in pairs[:i])


def deviates_from_linear_motion(track: Track, seen: Sequence[Observation], time_s: float) -> bool:
    """Whether linear interpolation from a track's last position to any of these observations deviates from its predicted motion by more than 10 %."""
    step = time_s - track.seen_s
    x, y = track.last.centre_xy_px
    vx, vy = track.velocity[:2]
    ends = (observation.centre_xy_px for observation in seen)
    bend = min((math.hypot(end_x - x - vx * step, end_y - y - vy * step) for end_x, end_y in ends), default=0.0)
    return bend / 4 > 0.12 * track.last.size_px


def _undisturbed(before: Observation, after: Observation) -> bool:
    score = sorted((before.detection.score, after.detection.score))
    return score[0] >= 0.7 * score[1] and appearance_distance(before, after) < FITS


def _may_cross(one: tuple[Observation, Observation], other: tuple[Observation, Observation]) -> bool:
    """Whether two faces, each given before and after, overlap or are near and moving towards each other."""
    before, after = ((a.centre_xy_px, b.centre_xy_px) for a, b in zip(one, other))
    size = math.sqrt(one[1].size_px * other[1].size_px)
    shift = math.hypot(*((after[0][i] - after[1][i]) - (before[0][i] - before[1][i]) for i in (0, 1)))
    distance = min(math.hypot(a[0] - b[0], a[1] - b[1]) for a, b in (before, after))
    overlapping = max(overlap(a.detection.box_xyxy_px, b.detection.box_xyxy_px) for a, b in zip(one, other)) > 0.05
    return overlapping or (distance < 2.0 * size and shift > 0.1 * size)
