"""Makes training clips of annotated videos: tracks and crops faces, and adds the raters' valence of every frame.

`seqfer prepare-films` makes the manifest for `seqfer cv --task valence` and `seqfer train-valence-head`. Faces are cropped as
`seqfer annotate-video` does, so that training and annotation use the same crops.
"""

from __future__ import annotations

import io
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np

from seqfer.core.errors import InputError
from seqfer.core.files import write_atomically
from seqfer.core.records import Clip
from seqfer.core.repeated import counted
from seqfer.corpus.manifest import Manifest
from seqfer.detectors import Detector
from seqfer.film.batch import names_of
from seqfer.film.settings import ClipSettings
from seqfer.film.turning import turn_upright
from seqfer.raters.films import by_stem
from seqfer.raters.people import read_people
from seqfer.traces.fusion import fuse
from seqfer.traces.reading import read_traces
from seqfer.traces.request import Video
from seqfer.traces.resampling import at_every_bin, hold_end_times
from seqfer.traces.trace import Trace
from seqfer.tracks import align_crop
from seqfer.tracks.following import FollowSettings, follow
from seqfer.video import open_source
from seqfer.video.source import SourceInfo

GRID_HZ = 10.0  # rate at which ratings are sampled
SHORTEST, LONGEST = 16, 256  # frames of a clip; a face seen for longer gives several
SIZE_PX = 48
Note = tuple[str, str]  # a video as it is shown, and what is said of it


def film_clips(
    films: Sequence[Path],
    annotations: Sequence[Path],
    out: Path,
    detector: Detector,
    settings: ClipSettings,
    on_progress: Callable[[str], None] = lambda line: None,
) -> Manifest:
    """Track the faces of every video that has annotations; faces go to `<out stem>.faces.npy`, uint8 (frame 48 48), beside `out`.

    Of several faces in a video the one that is seen longest is taken: an annotation is of one person. `on_progress` is called with one line per
    video. Raises InputError where no annotation belongs to a video, or no video gives a clip.
    """
    people = read_people(Path(settings.people)) if settings.people else {}
    videos = _matched_annotations(films, annotations, people)
    stack = f"{out.stem}.faces.npy"
    clips: list[Clip] = []
    pictures: list[np.ndarray] = []
    notes: list[Note] = []
    without: list[Note] = []
    for video in videos:
        if not video.annotations:
            notes.append((video.shown, "left out, it has no annotation"))
            continue
        before = len(clips)
        for faces, valence in _stretches(video, detector, settings, notes):
            first = sum(map(len, pictures))
            clips.append(_clip(video, len(clips) - before, stack, first, valence))
            pictures.append(faces)
        on_progress(f"{video.shown}: {len(clips) - before} clips")
        if len(clips) == before:
            without.append(notes[-1])
    if not clips:
        raise InputError(f"no video gives a clip; check videos, annotations and --lag. {': '.join(without[0])}")
    file = io.BytesIO()
    np.save(file, np.concatenate(pictures))
    write_atomically(out.parent / stack, file.getvalue())
    every = "every video counts as a person of its own; where one person is in several, give --people"
    unknown = not people and sum(bool(video.annotations) for video in videos) > 1
    said = [*([every] if unknown else []), *counted(notes, len(videos))]
    return Manifest("films", (), tuple(clips), out.parent.resolve(), tuple(said))


@dataclass(frozen=True)
class _Video:
    """A video with its name below the common parent (`P01/video`), its person and its annotations."""

    path: Path
    name: PurePosixPath
    person: str
    annotations: tuple[Path, ...]

    @property
    def shown(self) -> str:
        """The file's name, with its folders where another video has the same one."""
        return str(self.name.with_name(self.path.name))

    @property
    def joined(self) -> str:
        """The name as one word: `P01_video`."""
        return "_".join(self.name.parts)


def _matched_annotations(
    films: Sequence[Path], annotations: Sequence[Path], people: Mapping[str, str]
) -> tuple[_Video, ...]:
    """The videos with their annotations. Raises InputError where nothing matches, an annotation may belong to two videos of one stem, or `people`
    lacks a video."""
    names = names_of([str(film) for film in films])
    stems = Counter(film.stem for film in films)
    by_name, _ = by_stem(annotations, [str(name) for name in names])
    videos = []
    for film, name in zip(films, names, strict=True):
        own = stems[film.stem] == 1
        files = by_name.get(str(name), [])
        key = PurePosixPath(film.stem) if own else name
        asked = [str(name), "_".join(name.parts), *([film.stem] if own else [])]
        person = next((people[word] for word in asked if word in people), "")
        if people and files and not person:
            raise InputError(
                f"the people's file does not name {key}; add it, or the same person may be trained and tested on"
            )
        videos.append(_Video(film, key, person or "_".join(key.parts), tuple(dict.fromkeys(files))))
    if not any(video.annotations for video in videos):
        twice = next((video for video in videos if len(video.name.parts) > 1), None)
        raise InputError(
            f"no annotation belongs to any of the {len(films)} videos; name the files STEM.csv, STEM_RATER.csv, or STEM/RATER.csv"
            + (
                f", and as several videos are called {twice.path.stem!r}, {twice.joined}.csv or {twice.name}.csv"
                if twice
                else ""
            )
        )
    return tuple(videos)


def _clip(video: _Video, number: int, stack: str, first: int, valence: np.ndarray) -> Clip:
    return Clip(
        clip=f"{video.joined}_{number:03d}",
        person=video.person,
        label=None,
        frames=tuple(f"{stack}#{first + i}" for i in range(len(valence))),
        corpus="films",
        valence=tuple(round(float(value), 4) for value in valence),
    )


def _rating(video: _Video, about: SourceInfo, settings: ClipSettings, notes: list[Note]) -> np.ndarray:
    """The raters' valence on bins of 1 / GRID_HZ s from 0 on, NaN where unrated; appends what was decided in reading."""
    traces = [
        trace
        for file in video.annotations
        for trace in read_traces(
            file,
            axis=settings.axis or None,
            value_range=settings.value_range,
            time_unit=settings.time_unit,
            video=Video(video.path.name, about.duration_s, about.frame_rate_hz),
        )
    ]
    notes += dict.fromkeys((video.shown, note) for trace in traces for note in trace.notes)
    traces = [trace.shifted(-settings.lag_s) for trace in traces]
    bins = max(math.ceil(_end_s(trace) * GRID_HZ - 1e-6) for trace in traces)
    ratings = np.stack([at_every_bin(trace, GRID_HZ, max(0, bins)) for trace in traces])
    return fuse(ratings, settings.fusion, [trace.name for trace in traces]).values if len(traces) > 1 else ratings[0]


def _end_s(trace: Trace) -> float:
    """The end of the last value's validity, in seconds."""
    return float((hold_end_times(trace, 1 / GRID_HZ) if trace.samples else trace.end_s)[-1])


@dataclass
class _Seen:
    """A face's crops with their times and frame numbers."""

    numbers: list[int] = field(default_factory=list)
    times_s: list[float] = field(default_factory=list)
    crops: list[np.ndarray] = field(default_factory=list)


def _stretches(
    video: _Video, detector: Detector, settings: ClipSettings, notes: list[Note]
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(faces uint8 (frame 48 48), valence (frame,)) of uninterrupted intervals of the face that is visible longest."""
    faces: dict[int, _Seen] = {}
    follow_settings = FollowSettings(
        detect_hz=settings.detect_hz,
        longest_px=settings.detect_px or detector.longest_px,
        larger_px=0 if settings.detect_px else detector.larger_px,
        min_score=settings.min_score,
        min_face_px=settings.min_face_px,
        confirm_score=detector.confirm_score,
    )
    with open_source(str(video.path)) as source:
        if note := turn_upright(source, detector, settings.rotate):
            notes.append((video.shown, note))
        rating = _rating(video, source.info, settings, notes)
        zero_s = source.info.zero_s  # the time that raters saw as 0:00
        frames = source.frames(None, None, settings.fps or None)
        frame_count = 0
        for number, followed in enumerate(follow(frames, detector.detect, follow_settings)):
            frame_count = number + 1
            for face in followed.faces:
                seen = faces.setdefault(face.face, _Seen())
                seen.numbers.append(number)
                seen.times_s.append(followed.frame.time_s)
                seen.crops.append(followed.frame.grey_part(partial(align_crop, face=face, size=SIZE_PX)))
        if source.problem:
            notes.append((video.shown, f"{source.problem}; the frames before are used"))
    if not faces:
        notes.append((video.shown, f"gives no clip, no face is found in its {frame_count} frames"))
        return
    longest = max(faces.values(), key=lambda seen: len(seen.numbers))
    if len(faces) > 1:
        used = f"the one that is visible longest is used ({len(longest.numbers)} frames)"
        notes.append((video.shown, f"{len(faces)} faces; {used}"))
    times_s = np.asarray(longest.times_s) - zero_s
    valence = _at_times(rating, times_s)
    crops, numbers = np.stack(longest.crops), np.asarray(longest.numbers)
    rated = np.flatnonzero(~np.isnan(valence))
    breaks = np.flatnonzero(np.diff(numbers[rated]) > 1) + 1
    runs = np.split(rated, breaks)
    if max(map(len, runs)) < SHORTEST:
        notes.append((video.shown, f"gives no clip, {_why_none(rating, times_s, len(rated))}"))
    for run in runs:
        for piece in np.array_split(run, max(1, -(-len(run) // LONGEST))):
            if len(piece) >= SHORTEST:
                yield crops[piece], valence[piece]


def _at_times(rating: np.ndarray, times_s: np.ndarray) -> np.ndarray:
    """The rating at times (frame,), NaN where there is none."""
    place = np.floor(times_s * GRID_HZ + 1e-6).astype(np.int64)
    known = (place >= 0) & (place < len(rating))
    valence = np.full(len(place), np.nan)
    valence[known] = rating[place[known]]
    return valence


def _why_none(rating: np.ndarray, times_s: np.ndarray, rated_frames: int) -> str:
    """Why a face that is visible at `times_s` gives no clip."""
    seen = f"the face is visible on {len(times_s)} frames from {times_s[0]:.1f} to {times_s[-1]:.1f} s"
    rated = np.flatnonzero(~np.isnan(rating))
    if not len(rated):
        return f"{seen}, and the annotation has no value at video time 0 or later"
    span = f"the annotation has values from {rated[0] / GRID_HZ:g} to {(rated[-1] + 1) / GRID_HZ:g} s"
    return f"{seen}, {span}, and {rated_frames} frames have both; {SHORTEST} uninterrupted ones are needed"
