"""Tracks faces through a stream of frames: runs the detector on some frames, and interpolates the faces on those between.

Original work. The detector runs about `detect_hz` times a second. Where two such frames agree (`seqfer.tracks.same_faces`), the
faces on the frames between are interpolated linearly in time. Where they do not - a face on one only, a jump, another appearance, two
faces about to cross - the detector runs on the frame in the middle, and so on by halves, down to every frame. It always runs on the last
frame before a cut and the first one after it. So a row means that the face was detected on that frame, or on both sides less than one step
apart.

Latency is one step of detection: a frame is returned when the next frame with detection is known, at most `max_step_frames` frames and
1 / `detect_hz` seconds later, and a face's first frames when the face has been detected a second time, within the same bound. That many
pictures are in memory. No other result depends on later frames; memory does not grow with the video.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Generic, Protocol, TypeVar

import numpy as np

from seqfer.core.records import Detection, TrackedFace
from seqfer.core.settings import Field, settings
from seqfer.tracks import Observation, Track, Tracker, deviates_from_linear_motion, observations, same_faces
from seqfer.tracks.largest import LargestFaces
from seqfer.tracks.search_size import SearchSize
from seqfer.tracks.shots import CutDetector

CUT_PX = 32  # longest side of the pictures in which cuts are detected
_EARLY = 0.02  # tolerance as a fraction of a step: timestamps are rounded
_NO_TIME_S = 1 / 25  # assumed frame duration where the container gives no time or one that does not increase


class Picture(Protocol):
    """The interface required of a video frame; `seqfer.video.VideoFrame` has it."""

    @property
    def index(self) -> int: ...

    @property
    def time_s(self) -> float: ...

    def small(self, longest_px: int) -> tuple[np.ndarray, float]: ...

    def tiny_luma(self) -> np.ndarray | None: ...


class Clock:
    """Timestamps that always increase; the video's own wherever they do."""

    def __init__(self) -> None:
        self.now_s = -math.inf

    def tick(self, time_s: float) -> float:
        """The corrected time of the next frame, whose own timestamp is `time_s`."""
        if math.isfinite(time_s) and time_s > self.now_s:
            self.now_s = time_s
        else:
            self.now_s = self.now_s + _NO_TIME_S if self.now_s > -math.inf else 0.0
        return self.now_s


FrameT = TypeVar("FrameT", bound=Picture)
Detect = Callable[[np.ndarray], Sequence[Detection]]


@settings(frozen=True)
class FollowSettings:
    """Settings of detection and tracking. Raises SettingsError for values out of range."""

    detect_hz: float = Field(
        default=4.0, gt=0, description="detections per second where nothing changes; more where faces move or appear"
    )
    max_step_frames: int = Field(
        default=15,
        ge=1,
        le=15,
        description="most frames from one detection to the next; 1: the detector runs on every frame",
    )
    longest_px: int = Field(default=320, ge=32, description="longest side of the picture given to the detector")
    larger_px: int = Field(
        default=0,
        ge=0,
        description="longest side up to which larger pictures are tried where nothing is found; 0: none",
    )
    min_score: float = Field(default=0.0, ge=0, le=1, description="detections with a lower score are ignored")
    confirm_score: float = Field(
        default=0.0, ge=0, le=1, description="least score of the detection that confirms a track"
    )
    min_face_px: float = Field(
        default=0.0, ge=0, description="faces narrower than this in the full-size frame are ignored"
    )
    most_faces: int = Field(default=0, ge=0, description="most faces of a frame, the largest; 0: all")
    max_gap_s: float = Field(
        default=1.0, ge=0, le=60, description="seconds a face may be out of sight and keep its number"
    )
    confirm: int = Field(default=2, ge=1, le=2, description="observations that confirm a track")
    stills: bool = Field(default=False, description="every picture is a shot of its own, so that no face is tracked")


@dataclass(frozen=True)
class FollowedFrame(Generic[FrameT]):
    """A frame of the video with its faces in order of their numbers. `shot` counts from 1; `cut`: a shot begins with this frame."""

    frame: FrameT
    shot: int
    cut: bool
    faces: tuple[TrackedFace, ...]


def follow(
    frames: Iterable[FrameT], detect: Detect, settings: FollowSettings | None = None
) -> Iterator[FollowedFrame[FrameT]]:
    """Yields every frame, once, in order. `detect` takes uint8 (height width 3) BGR pictures and returns detections in their pixels.

    Frames are read as they are needed, and only their `small` picture is used. The result does not depend on how the frames are
    divided into blocks.
    """
    follower: _Follower[FrameT] = _Follower(detect, settings or FollowSettings())
    for frame in frames:
        yield from follower.take(frame)
    yield from follower.end_shot()


@dataclass(eq=False)
class _BufferedFrame(Generic[FrameT]):
    """A buffered frame: `seen` is set after detection, `faces` once they are known."""

    frame: FrameT | None  # None when it has been returned
    time_s: float
    shot: int
    cut: bool
    seen: list[Observation] | None = None
    faces: list[tuple[Track, Detection]] = field(default_factory=list)


class _Follower(Generic[FrameT]):
    def __init__(self, detect: Detect, settings: FollowSettings) -> None:
        self._detect, self._settings = detect, settings
        self._cuts = CutDetector()
        self._tracker = Tracker(settings.max_gap_s, settings.confirm, settings.confirm_score)
        self._size = SearchSize(
            settings.longest_px, settings.larger_px, settings.confirm_score, limited=not settings.stills
        )
        self._largest = LargestFaces(settings.most_faces)
        self._named_s = math.inf  # when tracks were last updated; inf: never
        self._searched: _BufferedFrame[FrameT] | None = None  # the shot's last frame with detection and known faces
        self._held: list[_BufferedFrame[FrameT]] = []  # not yet returned, in order
        self._waiting = 0  # how many at the end of them have unknown faces
        self._shot, self._frames_in_shot, self._clock = 1, 0, Clock()

    def take(self, frame: FrameT) -> Iterator[FollowedFrame[FrameT]]:
        cut = self._is_cut(frame)
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
        """Detect on the shot's last frame, return all frames, end all tracks."""
        if self._waiting:
            self._interpolate_up_to_last()
        if self._frames_in_shot == 1:  # too short for a second observation
            for held in self._held:
                for track, found in held.faces:
                    if found.score >= self._settings.confirm_score:
                        self._tracker.confirm_track(track)
        self._tracker.cut()
        self._size.begin_shot()
        self._searched, self._frames_in_shot = None, 0
        yield from self._release_frames(sure=True)

    def _is_cut(self, frame: FrameT) -> bool:
        if self._settings.stills:
            return self._frames_in_shot > 0
        return self._cuts.is_cut_of(frame.tiny_luma(), lambda: frame.small(CUT_PX)[0])

    def _is_due(self) -> bool:
        last = self._searched
        if last is None or self._waiting >= self._settings.max_step_frames:
            return True
        return (self._held[-1].time_s - last.time_s) * self._settings.detect_hz >= 1.0 - _EARLY

    def _interpolate_up_to_last(self) -> None:
        """Detect on the last buffered frame, and on those before it as far as needed; then set the faces of each."""
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
        picture, found, scale = self._size.search(held.frame, self._detect)
        s = self._settings
        held.seen = observations(picture, found, scale, s.min_score, s.min_face_px)

    def _search_between(self, run: Sequence[_BufferedFrame[FrameT]], halve: bool = False) -> None:
        if len(run) > 2 and (halve or not same_faces(run[0].seen or (), run[-1].seen or ())):
            middle = len(run) // 2
            self._search(run[middle])
            self._search_between(run[: middle + 1])
            self._search_between(run[middle:])

    def _name(self, held: _BufferedFrame[FrameT]) -> None:
        seen = held.seen or []
        # A face on the previous frame with detection was not out of sight, however long ago that is in a video of few frames.
        self._tracker.max_gap_s = max(self._settings.max_gap_s, held.time_s - self._named_s)
        self._named_s = held.time_s
        owners = self._tracker.update(seen, held.time_s)
        held.faces = [(track, observation.detection) for track, observation in zip(owners, seen)]

    def _release_frames(self, sure: bool) -> Iterator[FollowedFrame[FrameT]]:
        """Yields the frames with known faces, up to the first one with a tentative track, or all when `sure`."""
        settled = 0
        for held in self._held:
            # A track with enough observations, all of them of low scores, is not waited for.
            tentative = any(
                track.number is None and not track.dropped and track.observations < self._settings.confirm
                for track, _ in held.faces
            )
            if not sure and tentative:
                break
            settled += 1
        out, self._held = self._held[:settled], self._held[settled:]
        for held in out:
            faces = [_tracked(track.number, found) for track, found in held.faces if track.number is not None]
            faces = self._largest.of(faces)
            frame, held.frame = held.frame, None
            assert frame is not None
            yield FollowedFrame(frame, held.shot, held.cut, tuple(sorted(faces, key=lambda face: face.face)))


def _tracked(number: int, found: Detection) -> TrackedFace:
    return TrackedFace(number, found.box_xyxy_px, found.score, found.landmarks_xy_px)


def _interpolate(run: Sequence[_BufferedFrame[FrameT]]) -> None:
    """Interpolate the faces that are on the first and the last frame of `run` linearly in time on those between."""
    first, last = run[0], run[-1]
    ends = {_key(track): found for track, found in last.faces}
    for held in run[1:-1]:
        share = (held.time_s - first.time_s) / (last.time_s - first.time_s)
        held.faces = [
            (track, _between(found, ends[_key(track)], share)) for track, found in first.faces if _key(track) in ends
        ]


def _key(track: Track) -> int:
    """The track's number where it has one: a tentative track that continues a confirmed one has taken its number."""
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
