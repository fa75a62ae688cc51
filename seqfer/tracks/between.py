"""Whether two searched frames say enough about those between them.

Where the same faces are in nearly the same places, they moved on straight lines; where not, somebody came, went, jumped or crossed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from seqfer.tracks.appearance import FITS, Sighting, appearance_distance
from seqfer.tracks.boxes import overlap
from seqfer.tracks.track import Track


def same_faces(first: Sequence[Sighting], second: Sequence[Sighting]) -> bool:
    """Whether two searched frames show the same faces so nearly in the same places that what lies between them need not be looked at.

    No, when a face is on one only, moved by more than half of itself, changed its look or its score, or two faces may be about to cross.
    """
    if len(first) != len(second):
        return False
    if not first:
        return True
    overlaps = np.array([[overlap(a.detection.box_xyxy_px, b.detection.box_xyxy_px) for b in second] for a in first])
    rows, columns = linear_sum_assignment(-overlaps)
    pairs = [(first[row], second[column]) for row, column in zip(rows, columns)]
    if overlaps[rows, columns].min() < 0.5 or not all(_undisturbed(a, b) for a, b in pairs):
        return False
    return not any(_may_cross(one, other) for i, one in enumerate(pairs) for other in pairs[:i])


def deviates_from_linear_motion(track: Track, seen: Sequence[Sighting], time_s: float) -> bool:
    """Whether a straight line from a track's last place to any of these sightings would leave its way by more than a tenth of it."""
    step = time_s - track.seen_s
    x, y = track.last.centre_xy_px
    vx, vy = track.velocity[:2]
    ends = (sighting.centre_xy_px for sighting in seen)
    bend = min((math.hypot(end_x - x - vx * step, end_y - y - vy * step) for end_x, end_y in ends), default=0.0)
    return bend / 4 > 0.12 * track.last.size_px


def _undisturbed(before: Sighting, after: Sighting) -> bool:
    score = sorted((before.detection.score, after.detection.score))
    return score[0] >= 0.7 * score[1] and appearance_distance(before, after) < FITS


def _may_cross(one: tuple[Sighting, Sighting], other: tuple[Sighting, Sighting]) -> bool:
    """Whether two faces, each before and after, overlap or are near and moving against each other."""
    before, after = ((a.centre_xy_px, b.centre_xy_px) for a, b in zip(one, other))
    size = math.sqrt(one[1].size_px * other[1].size_px)
    shift = math.hypot(*((after[0][i] - after[1][i]) - (before[0][i] - before[1][i]) for i in (0, 1)))
    distance = min(math.hypot(a[0] - b[0], a[1] - b[1]) for a, b in (before, after))
    overlapping = max(overlap(a.detection.box_xyxy_px, b.detection.box_xyxy_px) for a, b in zip(one, other)) > 0.05
    return overlapping or (distance < 2.0 * size and shift > 0.1 * size)
