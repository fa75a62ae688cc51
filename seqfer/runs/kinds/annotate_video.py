"""`seqfer annotate-video`: what `summary.json` holds of one annotated video."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from seqfer.runs.names import SUMMARY_JSON
from seqfer.runs.records import FORMAT_VERSION, JsonObject, Number, RunRecord, optional

FILE = SUMMARY_JSON


@dataclass(frozen=True, kw_only=True)
class SourceFacts:
    """The video as `seqfer.video.SourceInfo` describes it, and the sha256 of its file. Numbers that the container does not state are NaN.
    `rotation_deg` is the whole turn, of which `turned_deg` is what `--rotate` added."""

    name: str
    kind: str
    width: int
    height: int
    container_frames: int | None
    duration_s: Number
    frame_rate_hz: Number
    rotation_deg: int
    has_sound: bool
    clock_s: float
    zero_s: float
    checksum: str
    turned_deg: int | None = optional()


@dataclass(frozen=True, kw_only=True)
class DetectorFacts:
    """The face detector and the sha256 of its weights."""

    name: str
    checksum: str


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    """The video model: encoder and temporal head, classes, sha256 of each weights file, and how far rows lag behind the video, in words."""

    name: str
    encoder: str
    head: str
    causal: bool
    classes: tuple[str, ...]
    temperature: float
    checksum: dict[str, str]
    precision: str
    runtime: str
    latency: str


@dataclass(frozen=True, kw_only=True)
class ValenceFacts:
    """Where valence comes from. `average_within_s`: over the moments within so many seconds at which the face looks the same; `smoothing_s`, of
    earlier versions: by a Gaussian of this standard deviation. `differs_from_emotions`: the share of rows with a face in which valence and the
    expectation of the emotions under norms differ by more than 0.3."""

    method: str
    source: str
    model: str | None = optional()
    checksum: str | None = optional()
    smoothing_s: float | None = optional()
    average_within_s: float | None = optional()
    differs_from_emotions: Number | None = optional()


@dataclass(frozen=True, kw_only=True)
class GeometryFacts:
    """The geometry of the faces: sha256 of the mesh, number of `blinks`, rows with a face in which no mesh was found, the mean quality of all rows
    with a face, and how many of them are below `min_quality` and therefore in no mean at 1 Hz."""

    mesh_checksum: str
    blinks: int
    rows_without_mesh: int
    mean_quality: Number
    min_quality: float
    poor_rows: int


@dataclass(frozen=True, kw_only=True)
class Speed:
    """Seconds that the rows took, and analysed frames per second."""

    seconds: Number
    frames_per_second: Number


@dataclass(frozen=True, kw_only=True)
class VideoSummary(RunRecord):
    """One annotated video: its source, counts of frames, rows and faces, why it ended early (`problem`), detector, model, valence, and settings."""

    kind: Literal["annotate-video"] = "annotate-video"
    format_version: int = FORMAT_VERSION
    seqfer: str
    created: str
    command: str
    film: SourceFacts
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
    detector: DetectorFacts
    model: ModelFacts
    valence: ValenceFacts | None
    geometry: GeometryFacts | None = optional()
    speed: Speed
    settings: JsonObject
    versions: JsonObject
    machine: JsonObject
    files: tuple[str, ...] = ()


RECORD = VideoSummary


def recognise(values: Mapping[str, Any]) -> bool:
    """Whether a file of the version before is of this kind."""
    return {"film", "analysed", "face_rows", "model"} <= values.keys()
