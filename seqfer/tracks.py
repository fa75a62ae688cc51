"""From detections to faces that keep their name: appearance, assignment over time, and crops in one framing.

Original work. The frame is tracking by detection (as in SORT, Bewley et al. 2016): predict, assign by least cost (Kuhn-Munkres), gate. What
differs: where faces meet, appearance decides and not the overlap of boxes; what one track looks like is a handful of past sightings,
taken only while nobody was near; and a lost face waits for its own appearance, it is not handed to whoever comes close.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from scipy.optimize import linear_sum_assignment

from seqfer.errors import SettingsError
from seqfer.records import Detection, TrackedFace

# Where a face lies in FER2013's 48 x 48 pictures, which the shipped encoders were trained on, in sides of the picture. Medians over 1,000
# pictures of the Training part (drawn with seed 0), enlarged four times with cubic interpolation and set in a replicated border of a
# quarter side; YuNet (2026may, score >= 0.6) found 963: right eye (0.311, 0.386), left eye (0.689, 0.395), mouth corners
# (0.340, 0.754) and (0.645, 0.764); quartiles lie 0.03 (eyes) to 0.046 (mouth) to either side.
EYES_Y, EYE_DISTANCE, MOUTH_Y = 0.390, 0.378, 0.759
# The same pictures against the boxes: YuNet's is 0.789 wide and 1.038 high, OpenCV's Haar `frontalface_alt` (785 found) 0.964 square, both
# centred in the picture to 0.01. The picture's side is thus 0.963 heights of the one, 1.038 sides of the other: one rule gives both.
_SIDE, _HEIGHT_POWER = 1.038, 0.727
# A turned head shortens the distance between the eyes but not that to the mouth, so the former counts as no less than this share of
# what the latter makes it; below that the crop would close in on the face as it turns.
_LEAST_EYES = 0.8

_PATCH_PX = 16  # of the grey face in a sighting's appearance
_HEAD_PX = (16, 24)  # width and height to which the head region is reduced for its colours
_EXEMPLARS = 6  # clean sightings that a track is known by

# In units of `unlikeness`: neighbouring frames of one person lie below 0.1, different people mostly above 0.3.
_FITS, _MAY_FIT, _NOVEL, _CLEARLY = 0.22, 0.38, 0.06, 0.05
_NEAR = 1.35  # centres closer than this many sizes: the two hide parts of one another
_LEAST_SHOWN, _UNKNOWN = 0.3, 0.6  # with less than this share of a face in sight, its correlation is taken to be this
_STRICT_AFTER_S = 0.5
_DAMPING_S = 0.3  # a lost face is thought to move on for about this long


@dataclass(frozen=True)
class Sighting:
    """A detection in the film's own pixels and what it looks like.

    `patch` (256,) float32 is the aligned grey face, `shown` (256,) bool which of it no other detection reaches over; None where that is all,
    and then `patch` has zero mean and unit norm. `colours` (n,) float32 of unit norm are square roots of Lab histograms of hair, face and
    clothes.
    """

    detection: Detection
    patch: np.ndarray
    colours: np.ndarray
    shown: np.ndarray | None = None

    @property
    def centre_xy_px(self) -> tuple[float, float]:
        x0, y0, x1, y1 = self.detection.box_xyxy_px
        return (x0 + x1) / 2, (y0 + y1) / 2

    @property
    def size_px(self) -> float:
        x0, y0, x1, y1 = self.detection.box_xyxy_px
        return math.sqrt((x1 - x0) * (y1 - y0))


def sightings(
    picture_bgr: np.ndarray, detections: Sequence[Detection], scale: float, min_score: float
) -> list[Sighting]:
    """What was seen in a reduced picture, uint8 (height width 3) BGR: one sighting per face, in pixels of the whole (reduced * `scale`).

    Detections below `min_score`, and the lower-scored of two on one face, are left out. In order of score, then from left to right.
    """
    kept: list[Detection] = []
    for found in sorted(detections, key=lambda d: (-d.score, d.box_xyxy_px)):
        if found.score >= min_score and not any(_same_place(found.box_xyxy_px, other.box_xyxy_px) for other in kept):
            kept.append(found)
    return [_sighting(picture_bgr, found, [other for other in kept if other is not found], scale) for found in kept]


def unlikeness(first: Sighting, second: Sighting) -> float:
    """How different two sightings look, from 0 (the same) to 2; of the faces only what both show is compared."""
    return 0.5 * (1.0 - _correlation(first, second)) + (1.0 - float(first.colours @ second.colours))


def _correlation(first: Sighting, second: Sighting) -> float:
    if first.shown is None and second.shown is None:
        return float(first.patch @ second.patch)
    shown = np.ones(len(first.patch), dtype=bool)
    for one in (first, second):
        shown &= True if one.shown is None else one.shown
    if shown.mean() < _LEAST_SHOWN:
        return _UNKNOWN
    a, b = _unit(first.patch[shown]), _unit(second.patch[shown])
    return float(a @ b)


def _unit(values: np.ndarray) -> np.ndarray:
    values = values - values.mean()
    return values / max(float(np.linalg.norm(values)), 1e-6)


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


def overlap(first: Sequence[float], second: Sequence[float]) -> float:
    """Intersection over union of two boxes x1 y1 x2 y2."""
    both = _intersection(first, second)
    return both / (_area(first) + _area(second) - both)


@dataclass(eq=False)
class Track:
    """One face over time. `number` counts from 1 and is None until the face has been seen often enough to be believed."""

    seen_s: float
    last: Sighting
    first_s: float
    number: int | None = None
    dropped: bool = False
    sightings: int = 1
    velocity: tuple[float, float, float] = (0.0, 0.0, 0.0)  # x, y in pixels and log size, per second
    exemplars: list[Sighting] = field(default_factory=list)
    known_clean: bool = False  # whether the exemplars were taken with nobody near

    def predicted(self, time_s: float) -> tuple[float, float, float]:
        """Centre x, y and size in pixels; constant velocity that dies away."""
        ahead = _DAMPING_S * (1.0 - math.exp(-(time_s - self.seen_s) / _DAMPING_S))
        (x, y), (vx, vy, grow) = self.last.centre_xy_px, self.velocity
        return x + vx * ahead, y + vy * ahead, self.last.size_px * math.exp(min(max(grow * ahead, -0.5), 0.5))

    def unlike(self, seen: Sighting, with_last: bool) -> float:
        """How unlike a sighting is to what is known of this face; `with_last`: the last sighting counts, though others may be in it."""
        known = [*self.exemplars, self.last] if with_last or not self.known_clean else self.exemplars
        return min(unlikeness(one, seen) for one in known)

    def follow(self, seen: Sighting, time_s: float, clean: bool) -> None:
        """Take a sighting at `time_s`; `clean`: nobody is near, so it shows this face only."""
        step = max(time_s - self.seen_s, 1e-3)
        blend = 1.0 - math.exp(-step / 0.15)
        (x, y), (past_x, past_y) = seen.centre_xy_px, self.last.centre_xy_px
        now = ((x - past_x) / step, (y - past_y) / step, math.log(seen.size_px / self.last.size_px) / step)
        vx, vy, grow = (old + blend * (new - old) for old, new in zip(self.velocity, now))
        self.velocity, self.last, self.seen_s, self.sightings = (vx, vy, grow), seen, time_s, self.sightings + 1
        self.learn(seen, clean)

    def learn(self, seen: Sighting, clean: bool) -> None:
        if clean and not self.known_clean:
            self.exemplars, self.known_clean = [seen], True
        elif not self.exemplars:
            self.exemplars = [seen]
        elif clean and self.unlike(seen, with_last=False) > _NOVEL:
            self.exemplars = [*self.exemplars, seen][-_EXEMPLARS:]


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
                self._rename_doubtful(track, sighting, owners, time_s)
                track.follow(sighting, time_s, clean[index])
            if track.number is None and track.sightings >= self.confirm:
                self.believe(track)
        self._searched_s = time_s
        return [track for track in owners if track is not None]

    def believe(self, track: Track) -> None:
        """Give a track its number, whatever it was seen on."""
        if track.number is None:
            self._numbered += 1
            track.number = self._numbered

    def drop_doubtful(self, time_s: float) -> None:
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
        away = np.array([[_away(track, seen[index], time_s) for index in free] for track in tracks])
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
        allowed = unlike < (_MAY_FIT - (_MAY_FIT - _FITS) * strict)[:, None]
        allowed &= unlike < _best_rival(unlike) + _CLEARLY
        # Nobody comes out exactly where somebody else was a moment ago: a bald head before long hair only looks like its owner.
        occupied = (away < 0.25) & ~waited[:, None] & (gap_s < 0.1)[:, None]
        allowed &= ~(waited[:, None] & occupied.any(axis=0))
        weight = np.where(meeting, 0.85, 0.35)
        # Leaving a track without a sighting costs 1, so that two bad pairs are not preferred to a good one and a missing face.
        cost = np.ones(away.shape)
        cost[allowed] = ((1 - weight) * away)[allowed] + (weight * np.minimum(unlike, 1.0) / _MAY_FIT)[allowed]
        for row, column in zip(*linear_sum_assignment(cost)):
            if cost[row, column] < 1.0:
                owners[free[column]] = tracks[row]

    def _alone(self, index: int, seen: Sequence[Sighting], owners: Sequence[Track | None], time_s: float) -> bool:
        """Whether nobody else, seen now or hidden, is near a sighting."""
        here = (*seen[index].centre_xy_px, seen[index].size_px)
        others = [(*other.centre_xy_px, other.size_px) for i, other in enumerate(seen) if i != index]
        hidden = [track.predicted(time_s) for track in self._tracks if not any(track is owner for owner in owners)]
        return all(_distance(here, other) > _NEAR for other in [*others, *hidden])

    def _rename_doubtful(self, track: Track, sighting: Sighting, owners: Sequence[Track | None], time_s: float) -> None:
        """A lost face that came back looking unlike itself began a doubtful track a moment ago: that was this one."""
        if track.number is None:
            return
        for other in self._tracks:
            fits = other.number is None and track.seen_s < other.first_s and _away(other, sighting, time_s) < 0.5
            if fits and not any(other is owner for owner in owners):
                other.number, other.dropped = track.number, True
        self._tracks = [other for other in self._tracks if not other.dropped]


def _best_rival(unlike: np.ndarray) -> np.ndarray:
    """(track sighting): how unlike the sighting is to the best of the other tracks that have no better sighting themselves."""
    wanted = np.where(unlike == unlike.min(axis=1, keepdims=True), unlike, np.inf)
    rival = np.full(unlike.shape, np.inf)
    for row in range(len(unlike)):
        rival[row] = np.delete(wanted, row, axis=0).min(axis=0, initial=np.inf)
    return rival


def _away(track: Track, seen: Sighting, time_s: float) -> float:
    """Distance of a sighting from where and how large a track is expected, 1 and more being out of reach."""
    gap_s = time_s - track.seen_s
    here = (*seen.centre_xy_px, seen.size_px)
    reach, growth = min(0.8 + 2.0 * gap_s, 2.5), 0.4 + 0.6 * min(gap_s, 1.0)
    places = (track.predicted(time_s), (*track.last.centre_xy_px, track.last.size_px))
    moved = min(_distance(here, place) for place in places) / reach
    return max(moved, abs(math.log(seen.size_px / track.last.size_px)) / growth)


def _distance(first: tuple[float, float, float], second: tuple[float, float, float]) -> float:
    """Between two centres, in sizes: (x, y, size) each."""
    return math.hypot(first[0] - second[0], first[1] - second[1]) / math.sqrt(first[2] * second[2])


def _undisturbed(before: Sighting, after: Sighting) -> bool:
    score = sorted((before.detection.score, after.detection.score))
    return score[0] >= 0.7 * score[1] and unlikeness(before, after) < _FITS


def swerves(track: Track, seen: Sequence[Sighting], time_s: float) -> bool:
    """Whether a straight line from a track's last place to any of these sightings would leave its way by more than a tenth of it."""
    step = time_s - track.seen_s
    x, y = track.last.centre_xy_px
    vx, vy = track.velocity[:2]
    ends = (sighting.centre_xy_px for sighting in seen)
    bend = min((math.hypot(end_x - x - vx * step, end_y - y - vy * step) for end_x, end_y in ends), default=0.0)
    return bend / 4 > 0.12 * track.last.size_px


def _may_cross(one: tuple[Sighting, Sighting], other: tuple[Sighting, Sighting]) -> bool:
    """Whether two faces, each before and after, overlap or are near and moving against each other."""
    before, after = ((a.centre_xy_px, b.centre_xy_px) for a, b in zip(one, other))
    size = math.sqrt(one[1].size_px * other[1].size_px)
    shift = math.hypot(*((after[0][i] - after[1][i]) - (before[0][i] - before[1][i]) for i in (0, 1)))
    distance = min(math.hypot(a[0] - b[0], a[1] - b[1]) for a, b in (before, after))
    overlapping = max(overlap(a.detection.box_xyxy_px, b.detection.box_xyxy_px) for a, b in zip(one, other)) > 0.05
    return overlapping or (distance < 2.0 * size and shift > 0.1 * size)


def _same_place(first: Sequence[float], second: Sequence[float]) -> bool:
    """Whether two boxes are on one face: they overlap by half, or one holds most of the other."""
    inside = _intersection(first, second) / min(_area(first), _area(second))
    return overlap(first, second) > 0.5 or inside > 0.8


def _intersection(first: Sequence[float], second: Sequence[float]) -> float:
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    return max(width, 0.0) * max(height, 0.0)


def _area(box: Sequence[float]) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _sighting(picture_bgr: np.ndarray, found: Detection, others: Sequence[Detection], scale: float) -> Sighting:
    grey = cv2.cvtColor(align_crop(picture_bgr, found, _PATCH_PX), cv2.COLOR_BGR2GRAY).astype(np.float32)
    patch, shown = grey.ravel(), _shown(found, others)
    x0, y0, x1, y1 = (scale * v for v in found.box_xyxy_px)
    marks = found.landmarks_xy_px
    whole = Detection((x0, y0, x1, y1), found.score, marks and tuple((scale * x, scale * y) for x, y in marks))
    return Sighting(whole, _unit(patch) if shown is None else patch, _colours(picture_bgr, found), shown)


def _shown(found: Detection, others: Sequence[Detection]) -> np.ndarray | None:
    """(256,) bool: the pixels of the patch outside the other heads, each a box and a fifth of its width on both sides; None for all."""
    centre_x, centre_y, side, _, _ = _square_of(found)
    places = ((np.arange(_PATCH_PX) + 0.5) / _PATCH_PX - 0.5) * side
    x, y = centre_x + places[None, :], centre_y + places[:, None]
    covered = np.zeros((_PATCH_PX, _PATCH_PX), dtype=bool)
    for x0, y0, x1, _ in (other.box_xyxy_px for other in others):
        hair = 0.2 * (x1 - x0)
        covered |= (x > x0 - hair) & (x < x1 + hair) & (y > y0 - hair)
    return ~covered.ravel() if covered.any() else None


def _colours(picture_bgr: np.ndarray, found: Detection) -> np.ndarray:
    """Square roots of histograms of L, a and b, in three bands: hair, face, and what is below the chin; (n,) of unit norm."""
    x0, y0, x1, y1 = found.box_xyxy_px
    width, height = x1 - x0, y1 - y0
    region = (x0 - 0.2 * width, y0 - 0.4 * height, x1 + 0.2 * width, y1 + 0.8 * height)
    head = _window(picture_bgr, *(round(edge) for edge in region))
    stride = max(1, head.shape[1] // (4 * _HEAD_PX[0]))  # what a histogram sees of a large head needs no more pixels
    head = cv2.resize(np.ascontiguousarray(head[::stride, ::stride]), _HEAD_PX, interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(head, cv2.COLOR_BGR2LAB)
    parts = []
    for band in (lab[:6], lab[6:16], lab[16:]):
        for channel, low, high in ((0, 0, 256), (1, 88, 168), (2, 88, 168)):
            clipped = np.clip(band[..., channel], low, high - 1)
            counts = cv2.calcHist([clipped], [0], None, [16], [low, high]).ravel()
            parts.append(np.convolve(counts, (0.25, 0.5, 0.25), "same"))
    roots = np.sqrt(np.concatenate([part / part.sum() for part in parts])).astype(np.float32)
    return roots / np.linalg.norm(roots)


def align_crop(grey: np.ndarray, face: TrackedFace | Detection, size: int, margin: float = 0.0) -> np.ndarray:
    """The face as a picture (size size) of the same type, framed like the training pictures; `margin` adds this share of its side all round.

    `grey` is uint8 (height width), or (height width 3), and gives (size size 3) then. With landmarks the eyes are level, at `EYES_Y` and
    `EYE_DISTANCE` apart (a strongly turned head: nearer together); without, it is the square about the box. What lies outside the
    picture repeats its edge. Shrinking averages areas, so no detail turns into false patterns.
    """
    centre_x, centre_y, side, cos, sin = _square_of(face)
    side *= 1.0 + 2.0 * margin
    half = side / 2 * (abs(cos) + abs(sin)) + 2
    x0, y0 = math.floor(centre_x - half), math.floor(centre_y - half)
    shrink = min(1.0, size / side)
    halvings = int(-math.log2(shrink))
    length = -(-math.ceil(2 * half + 1) // 2**halvings) * 2**halvings
    reduced = _window(grey, x0, y0, x0 + length, y0 + length)
    for _ in range(halvings):  # OpenCV halves much faster than it averages other areas
        reduced = cv2.resize(reduced, (len(reduced) // 2,) * 2, interpolation=cv2.INTER_AREA)
    if shrink < 1.0:
        reduced = cv2.resize(reduced, (max(1, round(length * shrink)),) * 2, interpolation=cv2.INTER_AREA)
    scale = len(reduced) / length
    pixel, corner = side / size, 0.5 * (side / size - side)  # of the crop, in the picture; the first pixel's centre
    turn = np.array([[cos, -sin], [sin, cos]])
    shift = turn @ [corner, corner] + [centre_x - x0, centre_y - y0]
    matrix = np.hstack([turn * pixel, shift[:, None]]) * scale
    matrix[:, 2] -= 0.5
    return cv2.warpAffine(
        reduced, matrix, (size, size), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )


def _square_of(face: TrackedFace | Detection) -> tuple[float, float, float, float, float]:
    """Centre x, y and side in pixels of the square to cut, and cosine and sine of its turn."""
    x0, y0, x1, y1 = face.box_xyxy_px
    if face.landmarks_xy_px is not None:
        right, left, _, *mouth = np.asarray(face.landmarks_xy_px, dtype=float)
        apart = math.hypot(*(left - right))
        if apart > 0.05 * (x1 - x0):
            cos, sin = (left - right) / apart
            eyes, mouth_xy = (right + left) / 2, (mouth[0] + mouth[1]) / 2
            below = -sin * (mouth_xy[0] - eyes[0]) + cos * (mouth_xy[1] - eyes[1])
            side = max(apart / EYE_DISTANCE, _LEAST_EYES * below / (MOUTH_Y - EYES_Y))
            drop = (0.5 - EYES_Y) * side
            return eyes[0] - sin * drop, eyes[1] + cos * drop, side, float(cos), float(sin)
    side = _SIDE * (y1 - y0) ** _HEIGHT_POWER * (x1 - x0) ** (1 - _HEIGHT_POWER)
    return (x0 + x1) / 2, (y0 + y1) / 2, side, 1.0, 0.0


def _window(picture: np.ndarray, x0: int, y0: int, x1: int, y1: int) -> np.ndarray:
    """Rows y0 to y1 and columns x0 to x1, at least one each; outside the picture its edge is repeated."""
    width, height = max(x1 - x0, 1), max(y1 - y0, 1)
    rows, above, below = _inside(y0, height, picture.shape[0])
    columns, left, right = _inside(x0, width, picture.shape[1])
    part = picture[rows, columns]
    if not (above or below or left or right):
        return part
    return cv2.copyMakeBorder(part, above, below, left, right, cv2.BORDER_REPLICATE)


def _inside(start: int, length: int, limit: int) -> tuple[slice, int, int]:
    """Which of `limit` lines a window of `length` from `start` holds (the nearest one if none), and how many are missing at both ends."""
    first, last = min(max(start, 0), limit - 1), min(max(start + length, 1), limit)
    before = min(first - min(start, first), length - 1)
    return slice(first, last), before, length - (last - first) - before
