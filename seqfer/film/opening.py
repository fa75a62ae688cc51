"""Opens a video for `seqfer annotate-video`: checks the output folder, opens model, source and detector, and reads the first frame."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqfer.core.errors import InputError, SettingsError
from seqfer.detectors import Detector
from seqfer.film.detector_choice import choose_detector
from seqfer.film.key import film_key
from seqfer.film.model_choice import open_model
from seqfer.film.output.extra_files import OVERLAY, find_format
from seqfer.film.settings import AnnotateSettings, OutputOptions
from seqfer.film.stream import Pipeline
from seqfer.film.turning import turn_upright
from seqfer.models.video_model import VideoModel
from seqfer.tracks.following import FollowSettings
from seqfer.video import Source, VideoFrame, open_source
from seqfer.video.sources import Video, is_live

if TYPE_CHECKING:
    from seqfer.geometry.reader import GeometryReader

logger = logging.getLogger("seqfer")


@dataclass(frozen=True)
class Components:
    """The settings of an annotation and what they select: model, detector, how faces are tracked, and the reader of their geometry."""

    settings: AnnotateSettings
    model: VideoModel
    detector: Detector
    follow: FollowSettings
    geometry: GeometryReader | None = None

    @property
    def pipeline(self) -> Pipeline:
        """What `seqfer.film.stream.annotate` needs."""
        s, stills = self.settings, self.follow.stills
        rates = {"encode_hz": s.encode_hz, "geometry_hz": s.geometry_hz}
        if stills:  # nothing is interpolated between them
            rates = dict.fromkeys(rates, 0.0)
        return Pipeline(self.detector.detect, self.model, self.follow, s.valence, geometry=self.geometry, **rates)


@dataclass(frozen=True)
class OpenedVideo:
    """A video whose first frame is read: `frames` are the requested ones; `key` identifies the results, see `film_key`."""

    source: Source
    frames: Iterator[VideoFrame]
    components: Components
    key: dict[str, Any]


def check_places(film: Video, out: Path, options: OutputOptions) -> None:
    """Raises SettingsError where a requested file cannot be made of this source, InputError where `out` is a file."""
    for name in options.extra_files if is_live(film) else ():
        if find_format(name).NEEDS_VIDEO_FILE:
            option = f"--{OVERLAY}" if name == OVERLAY else f"--format {name}"
            raise SettingsError(f"{option} reads the video again, and {film} is not stored; omit {option}")
    if out.exists() and not out.is_dir():
        raise InputError(f"{out}: is a file, and --out is a folder; give another --out")


@contextmanager
def open_video(film: Video, settings: AnnotateSettings, *, quiet: bool = False) -> Iterator[OpenedVideo]:
    """The video with model and detector, open while in the context.

    Raises SettingsError, WeightsError, or InputError for a video that cannot be read or has none of the requested frames.
    """
    stills = are_stills(film, settings)
    model = open_model(settings, stills=stills)
    if not quiet:
        for line in _unavailable_parts(model, settings, stills):
            logger.info(line)
    with open_source(film, settings.folder_fps) as source:
        weights = Path(settings.detector_weights) if settings.detector_weights else None
        detector = choose_detector(settings.detector, weights)
        follow = _follow_settings(settings, detector, stills)
        if (note := turn_upright(source, detector, settings.rotate, settings.start_s, settings.end_s)) and not quiet:
            logger.info(f"rotate: {note}")
        frames = _requested_frames(film, source, settings)
        components = Components(settings, model, detector, follow, _geometry_reader(settings))
        key = {**_key(film, components), "rotate_found": source.info.turned_deg}
        yield OpenedVideo(source, frames, components, key)


def _geometry_reader(settings: AnnotateSettings) -> GeometryReader | None:
    """The reader of the faces' geometry where it is requested; imported only then. Raises WeightsError or SettingsError."""
    if not settings.geometry:
        return None
    from seqfer.geometry.reader import GeometryReader

    return GeometryReader()


def _follow_settings(settings: AnnotateSettings, detector: Detector, stills: bool) -> FollowSettings:
    kept = settings.faces_kept
    return FollowSettings(
        detect_hz=settings.detect_hz,
        longest_px=settings.detect_px or detector.longest_px,
        larger_px=0 if settings.detect_px else detector.larger_px,
        min_score=settings.min_score,
        confirm_score=0.0 if stills else detector.confirm_score,  # a still has no second detection
        min_face_px=settings.min_face_px,
        most_faces=0 if kept == "all" else 1 if kept == "largest" else int(kept),
        max_gap_s=settings.max_gap_s,
        stills=stills,
    )


def are_stills(film: Video, settings: AnnotateSettings) -> bool:
    """Whether the input is a folder of pictures without a rate. Raises SettingsError where a part in seconds is asked of it."""
    stills = settings.folder_fps == 0 and not is_live(film) and Path(str(film)).is_dir()
    if stills and (settings.fps or settings.start_s or settings.end_s):
        raise SettingsError(
            f"{film}: a folder of stills has no times; give --folder-fps where they are the frames of a video, or omit --fps, --start-s and --end-s"
        )
    return stills


def _unavailable_parts(model: VideoModel, settings: AnnotateSettings, stills: bool) -> list[str]:
    """One line for each setting that was left at "auto" and for which no weights exist, and one for stills."""
    lines = []
    if stills:
        lines.append("stills: each picture is read by itself; --folder-fps makes the folder a video")
    elif settings.head == "auto" and model.head_name == "none":
        lines.append(f"head: none is included for {model.name}, so every frame is classified by itself")
    if settings.valence and settings.valence_method == "auto" and model.valence is None:
        lines.append(
            f"valence: no weights are included for {model.name}, so it is the expectation of valence norms over the emotions"
        )
    return lines


def _requested_frames(film: Video, source: Source, s: AnnotateSettings) -> Iterator[VideoFrame]:
    """The requested frames, of which the first is read here. Raises InputError when there is none."""
    frames = source.frames(s.start_s or None, s.end_s or None, s.fps or None)
    first = next(frames, None)
    if first is not None:
        return chain((first,), frames)
    if source.problem:
        raise InputError(f"{source.problem}; no requested frame is before that")
    if math.isnan(source.first_s):
        raise InputError(f"{film}: none of its pictures can be read; copy or convert it again")
    if source.last_s < s.start_s:
        raise InputError(
            f"{film}: no frame from --start {s.start_s:g} s on, the last one is at {source.last_s:.1f} s; give an earlier --start"
        )
    raise InputError(
        f"{film}: no frame from --start {s.start_s:g} s to --end {s.end_s:g} s, the first one is at {source.first_s:.1f} s; choose another part"
    )


def _key(film: Video, components: Components) -> dict[str, Any]:
    """`film_key` and what "auto" settings were resolved to."""
    model, detector = components.model, components.detector
    return {
        **film_key(film, components.settings),
        "detector_found": detector.name,
        "detector_checksum": detector.checksum,
        "model_checksum": dict(model.checksums),
        "valence_checksum": model.valence.checksum if model.valence else "none",
        "precision_found": model.precision,
        "runtime_found": model.runtime,
        "mesh_checksum": components.geometry.mesh.checksum if components.geometry else "none",
    }
