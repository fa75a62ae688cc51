"""Follows faces through a film as it comes: which frames are searched for faces, and what is said of those between.

Original work. Frames are searched about `detect_hz` times a second. Where two searched frames agree (`seqfer.tracks.same_faces`), the
faces on the frames between lie on straight lines in time between them. Where they do not - a face on one only, a jump, another look, two
faces about to cross - the frame in the middle is searched, and so on by halves, down to every frame. The last frame before a cut and the
first one after it are always searched. So a row means that the face was seen there, or on both sides less than one step apart.

Latency is one step of searching: a frame is given out when the next searched frame is known, at most `max_step_frames` frames and
1 / `detect_hz` seconds later, and a face's first frames when the face has been seen a second time, within the same bound. That many
pictures are in memory. Nothing else depends on what comes later; nothing grows with the film.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Generic, Protocol, TypeVar

import numpy as np

from seqfer.core.errors import SettingsError
from seqfer.core.records import Detection, TrackedFace
from seqfer.tracks import Sighting, Track, Tracker, deviates_from_linear_motion, same_faces, sightings
from seqfer.tracks.shots import CutDetector

CUT_PX = 32  # longest side of the pictures in which cuts are looked for
_EARLY = 0.02  # of a step: timestamps are rounded
_NO_TIME_S = 1 / 25  # from frame to frame, where the container gives no time or one that does not rise


class Picture(Protocol):
    """What is asked of a frame of film; `seqfer.video.VideoFrame` is one."""

    @property
    def index(self) -> int: ...

    @property
    def time_s(self) -> float: ...

    def small(self, longest_px: int) -> tuple[np.ndarray, float]: ...

    def tiny_luma(self) -> np.ndarray | None: ...


class Clock:
    """Time that always rises; the film's own wherever that does."""

    def __init__(self) -> None:
        self.now_s = -math.inf

    def tick(self, time_s: float) -> float:
        """The time of the next frame, whose own is `time_s`."""
        if math.isfinite(time_s) and time_s > self.now_s:
            self.now_s = time_s
        else:
            self.now_s = self.now_s + _NO_TIME_S if self.now_s > -math.inf else 0.0
        return self.now_s


FrameT = TypeVar("FrameT", bound=Picture)
Detect = Callable[[np.ndarray], Sequence[Detection]]


@dataclass(frozen=True)
class FollowSettings:
    """How closely is looked. Raises SettingsError for values out of range.

    `detect_hz`: searches a second, where nothing happens. `max_step_frames`: most frames from one search to the next; 1 searches every
    frame. `longest_px`: longest side of the picture that is searched (the detector's own wish). `min_score`: detections below it count for
    nothing. `max_gap_s`: how long a face may be out of sight and keep its number. `confirm`: sightings before a face is believed, 1 or 2.
    """

    detect_hz: float = 6.0
    max_step_frames: int = 15
    longest_px: int = 640
    min_score: float = 0.0
    max_gap_s: float = 1.0
    confirm: int = 2

    def __post_init__(self) -> None:
        for name, value, fits, allowed in (
            ("detect_hz", self.detect_hz, 0.0 < self.detect_hz < math.inf, "a rate above 0"),
            ("max_step_frames", self.max_step_frames, 1 <= self.max_step_frames <= 15, "1 to 15"),
            ("longest_px", self.longest_px, self.longest_px >= 32, "32 or more"),
            ("min_score", self.min_score, 0.0 <= self.min_score <= 1.0, "0 to 1"),
            ("max_gap_s", self.max_gap_s, 0.0 <= self.max_gap_s <= 60.0, "0 to 60 seconds"),
            ("confirm", self.confirm, self.confirm in (1, 2), "1 or 2"),
        ):
            if not fits:
                raise SettingsError(f"{name} is {value}; allowed: {allowed}")


@dataclass(frozen=True)
class FollowedFrame(Generic[FrameT]):
    """A frame of the film with the faces on it, in order of their numbers. `shot` counts from 1; `cut`: the shot begins here."""

    frame: FrameT
    shot: int
    cut: bool
    faces: tuple[TrackedFace, ...]


def follow(
    frames: Iterable[FrameT], detect: Detect, settings: FollowSettings | None = None
) -> Iterator[FollowedFrame[FrameT]]:
    """Yields every frame, once, in order. `detect` gets uint8 (height width 3) BGR pictures and answers in their pixels.

    Frames are read as they are needed and looked at through `small` only. The same film gives the same answer however it is cut into pieces
    on its way here.
    """
    follower: _Follower[FrameT] = _Follower(detect, settings or FollowSettings())
    for frame in frames:
        yield from follower.take(frame)
    yield from follower.end_shot()


@dataclass(eq=False)
class _BufferedFrame(Generic[FrameT]):
    """A frame on its way: `seen` once it is searched, `faces` once it is settled."""

    frame: FrameT | None  # None when it has been given out
    time_s: float
    shot: int
    cut: bool
    seen: list[Sighting] | None = None
    faces: list[tuple[Track, Detection]] = field(default_factory=list)


class _Follower(Generic[FrameT]):
    def __init__(self, detect: Detect, settings: FollowSettings) -> None:
        self._detect, self._settings = detect, settings
        self._cuts = CutDetector()
        self._tracker = Tracker(settings.max_gap_s, settings.confirm)
        self._named_s = math.inf  # when faces were last told apart; never
        self._searched: _BufferedFrame[FrameT] | None = None  # the shot's last frame that was searched and settled
        self._held: list[_BufferedFrame[FrameT]] = []  # not yet given out, in order
        self._waiting = 0  # how many at the end of them are not yet settled
        self._shot, self._frames_in_shot, self._clock = 1, 0, Clock()

    def take(self, frame: FrameT) -> Iterator[FollowedFrame[FrameT]]:
        cut = self._cuts.is_cut_of(frame.tiny_luma(), lambda: frame.small(CUT_PX)[0])
        if cut:
            yield from self.end_shot()
            self._shot += 1
        self._held.append(_BufferedFrame(frame, self._clock.tick(frame.time_s), self._shot, cut))
        self._waiting += 1
        self._frames_in_shot += 1
        if self._is_due():
            self._interpolate_up_to_last()
            yield from self._release_frames(sure=False)

    def end_shot(self) -> Iterator[FollowedFrame[FrameT]]:
        """Search the shot's last frame, give out everything, forget the faces."""
        if self._waiting:
            self._interpolate_up_to_last()
        if self._frames_in_shot == 1:  # too short to see anything twice
            for held in self._held:
                for track, _ in held.faces:
                    self._tracker.confirm_track(track)
        self._tracker.cut()
        self._searched, self._frames_in_shot = None, 0
        yield from self._release_frames(sure=True)

    def _is_due(self) -> bool:
        last = self._searched
        if last is None or self._waiting >= self._settings.max_step_frames:
            return True
        return (self._held[-1].time_s - last.time_s) * self._settings.detect_hz >= 1.0 - _EARLY

    def _interpolate_up_to_last(self) -> None:
        """Search the last held frame, and those before it as far as needed; then say which faces are on each."""
        run = self._held[-self._waiting :]
        self._search(run[-1])
        before = self._searched
        if before is None:
            self._name(run[-1])
        else:
            run = [before, *run]
            bent = any(
                deviates_from_linear_motion(track, run[-1].seen or (), run[-1].time_s) for track, _ in before.faces
            )
            self._search_between(run, halve=bent)
            searched = [index for index, held in enumerate(run) if held.seen is not None]
            for first, second in pairwise(searched):
                self._name(run[second])
                _interpolate(run[first : second + 1])
            self._tracker.drop_tentative(run[-1].time_s)
        self._searched, self._waiting = run[-1], 0

    def _search(self, held: _BufferedFrame[FrameT]) -> None:
        assert held.frame is not None
        picture, scale = held.frame.small(self._settings.longest_px)
        held.seen = sightings(picture, self._detect(picture), scale, self._settings.min_score)

    def _search_between(self, run: Sequence[_BufferedFrame[FrameT]], halve: bool = False) -> None:
        if len(run) > 2 and (halve or not same_faces(run[0].seen or (), run[-1].seen or ())):
            middle = len(run) // 2
            self._search(run[middle])
            self._search_between(run[: middle + 1])
            self._search_between(run[middle:])

    def _name(self, held: _BufferedFrame[FrameT]) -> None:
        seen = held.seen or []
        # Who was there on the searched frame before was not out of sight, however long ago that is in a film of few frames.
        self._tracker.max_gap_s = max(self._settings.max_gap_s, held.time_s - self._named_s)
        self._named_s = held.time_s
        owners = self._tracker.update(seen, held.time_s)
        held.faces = [(track, sighting.detection) for track, sighting in zip(owners, seen)]

    def _release_frames(self, sure: bool) -> Iterator[FollowedFrame[FrameT]]:
        """Yields the settled frames, up to the first one with a face not yet believed in, or all when everything is `sure`."""
        settled = 0
        for held in self._held:
            doubtful = any(track.number is None and not track.dropped for track, _ in held.faces)
            if not sure and doubtful:
                break
            settled += 1
        out, self._held = self._held[:settled], self._held[settled:]
        for held in out:
            faces = [_tracked(track.number, found) for track, found in held.faces if track.number is not None]
            frame, held.frame = held.frame, None
            assert frame is not None
            yield FollowedFrame(frame, held.shot, held.cut, tuple(sorted(faces, key=lambda face: face.face)))


def _tracked(number: int, found: Detection) -> TrackedFace:
    return TrackedFace(number, found.box_xyxy_px, found.score, found.landmarks_xy_px)


def _interpolate(run: Sequence[_BufferedFrame[FrameT]]) -> None:
    """Put the faces that are on the first and the last frame of `run` on those between, on straight lines in time."""
    first, last = run[0], run[-1]
    ends = {_key(track): found for track, found in last.faces}
    for held in run[1:-1]:
        share = (held.time_s - first.time_s) / (last.time_s - first.time_s)
        held.faces = [
            (track, _between(found, ends[_key(track)], share)) for track, found in first.faces if _key(track) in ends
        ]


def _key(track: Track) -> int:
    """A doubtful track that turned out to be a believed one has taken its number, so numbers go first."""
    return -id(track) if track.number is None else track.number


def _between(first: Detection, last: Detection, share: float) -> Detection:
    a, b = first.box_xyxy_px, last.box_xyxy_px
    x0, y0, x1, y1 = (one + share * (other - one) for one, other in zip(a, b))
    marks = None
    if first.landmarks_xy_px is not None and last.landmarks_xy_px is not None:
        marks = tuple(
            (ax + share * (bx - ax), ay + share * (by - ay))
            for (ax, ay), (bx, by) in zip(first.landmarks_xy_px, last.landmarks_xy_px)
        )
    return Detection((x0, y0, x1, y1), math.nan, marks)
