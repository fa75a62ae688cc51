"""`seqfer annotate-video`: what `summary.json` of an annotated video holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from seqfer.runs.records import FORMAT_VERSION, JsonObject, Number, RunRecord, optional

KIND = "annotate-video"


@dataclass(frozen=True, kw_only=True)
class AnnotatedSource:
    """The video that was read: `width` and `height` in pixels as shown, times in seconds, NaN where the container does not state them."""

    name: str
    kind: str
    width: int
    height: int
    container_frames: int | None
    duration_s: Number
    frame_rate_hz: Number
    rotation_deg: int
    has_sound: bool
    clock_s: Number
    zero_s: Number
    checksum: str | None


@dataclass(frozen=True, kw_only=True)
class UsedDetector:
    """The face detector, and the checksum of its weights."""

    name: str
    checksum: str | None


@dataclass(frozen=True, kw_only=True)
class UsedModel:
    """The model of the emotions: `checksum` is by file, `latency` is a text in frames."""

    name: str
    encoder: str
    head: str | None
    causal: bool
    classes: tuple[str, ...]
    temperature: Number
    checksum: JsonObject
    precision: str
    runtime: str
    latency: str


@dataclass(frozen=True, kw_only=True)
class UsedValence:
    """How valence was computed; `model` and `checksum` are None for the method `norms`. Durations are in seconds."""

    method: str
    source: str
    model: str | None = optional()
    checksum: str | None = optional()
    smoothing_s: float | None = optional()
    average_within_s: float | None = optional()


@dataclass(frozen=True, kw_only=True)
class Speed:
    """Duration of the pass through the video, and frames analysed per second."""

    seconds: Number
    frames_per_second: Number


@dataclass(frozen=True, kw_only=True)
class VideoSummary(RunRecord):
    """One annotated video: numbers of frames and rows with `notes` on their differences, what was used, and how fast it was."""

    kind: Literal["annotate-video"] = "annotate-video"
    format_version: int = FORMAT_VERSION
    seqfer: str
    created: str
    command: str
    film: AnnotatedSource
    container_frames: int | None
    decoded: int
    analysed: int
    rows: int
    rows_without_face: int
    face_rows: int
    partial: bool
    notes: tuple[str, ...]
    problem: str | None
    damaged_packets: int
    times_filled: int
    faces: int
    short_tracks: int | None = optional()
    shots: int
    detector: UsedDetector
    model: UsedModel
    valence: UsedValence | None
    speed: Speed
    settings: JsonObject
    versions: JsonObject
    machine: JsonObject
    files: tuple[str, ...] | None = optional()
