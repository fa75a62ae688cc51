"""Makes `summary.json` of an annotated video: counts, settings and models, speed, and latency."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from seqfer import __version__
from seqfer.core.settings import as_dict
from seqfer.film.opening import Components, OpenedVideo
from seqfer.film.output.counts import FrameCounts, RequestedFrames, reconcile
from seqfer.film.output.files import AnnotationFiles
from seqfer.film.stream import AHEAD, BLOCK
from seqfer.film.temporal import WINDOW
from seqfer.film.turning import AUTO, turn_note
from seqfer.models.appearance_average import PASSES
from seqfer.models.video_model import VideoModel
from seqfer.runs.folder import machine, versions
from seqfer.runs.kinds.annotate_video import (
    DetectorFacts,
    GeometryFacts,
    ModelFacts,
    SourceFacts,
    Speed,
    ValenceFacts,
    VideoSummary,
)
from seqfer.video import Source

NORMS_SOURCE = "expectation of the emotion probabilities under the pleasure ratings of Russell and Mehrabian 1977"


@dataclass(frozen=True)
class AnalysisCounts:
    """One pass through a video: frames `analysed`, number of `shots`, duration of the pass in `seconds`."""

    analysed: int
    shots: int
    seconds: float


def summarise(opened: OpenedVideo, files: AnnotationFiles, analysis: AnalysisCounts, command: str) -> VideoSummary:
    """The summary of a video that was read from `opened` into `files`, which are closed."""
    source, used, key = opened.source, opened.components, opened.key
    s = used.settings
    counts = reconcile(
        FrameCounts(source.info.container_frames, source.decoded, analysis.analysed),
        files.counts,
        RequestedFrames(s.fps or None, s.start_s or None, s.end_s or None),
        problem=source.problem,
        late_rows=files.seconds.late_rows if files.seconds else 0,
        long_gaps=files.seconds.long_gaps if files.seconds else 0,
    )
    if s.rotate == AUTO and source.info.turned_deg:
        counts["notes"].append(f"{turn_note(source).capitalize()}.")
    geometry = _geometry(used, files) if used.geometry else None
    if geometry and geometry.poor_rows and s.valence:
        counts["notes"].append(
            f"{geometry.poor_rows} of {files.counts.face_rows} rows with a face have a quality below {s.min_quality:g} and are in no mean at 1 Hz."
        )
    rate = analysis.analysed / analysis.seconds if analysis.seconds else math.nan
    return VideoSummary(
        seqfer=__version__,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=command,
        film=SourceFacts(**asdict(source.info), checksum=key["film_checksum"]),
        **counts,
        problem=source.problem,
        damaged_packets=source.damaged,
        times_filled=source.times_filled,
        faces=len(files.tracks.tracks),
        short_tracks=len(files.tracks.short),
        shots=analysis.shots,
        detector=DetectorFacts(name=used.detector.name, checksum=used.detector.checksum),
        model=_model(used.model, key["precision_found"], _latency(source, used)),
        valence=_valence(used.model, files) if s.valence else None,
        geometry=geometry,
        speed=Speed(seconds=analysis.seconds, frames_per_second=rate),
        settings={name: key[name] for name in as_dict(s)},
        versions=versions(),
        machine=machine(),
    )


def _model(model: VideoModel, precision: str, latency: str) -> ModelFacts:
    return ModelFacts(
        name=model.name,
        encoder=model.encoder_name,
        head=model.head_name,
        causal=model.causal,
        classes=tuple(model.classes),
        temperature=model.temperature,
        checksum=dict(model.checksums),
        precision=precision,
        runtime=model.runtime,
        latency=latency,
    )


def _valence(model: VideoModel, files: AnnotationFiles) -> ValenceFacts:
    reader = model.valence
    if reader is None:
        return ValenceFacts(method="norms", source=NORMS_SOURCE)
    averaged = reader.head is None and model.temporal and not model.causal
    return ValenceFacts(
        method="model",
        source=reader.source,
        model=reader.name,
        checksum=reader.checksum,
        average_within_s=PASSES[-1].within_s if averaged else 0.0,
        differs_from_emotions=files.differing / files.counts.face_rows if files.counts.face_rows else math.nan,
    )


def _geometry(used: Components, files: AnnotationFiles) -> GeometryFacts | None:
    tables = files.geometry
    if tables is None or used.geometry is None:
        return None
    return GeometryFacts(
        mesh_checksum=used.geometry.mesh.checksum,
        blinks=tables.blinks,
        rows_without_mesh=tables.rows_without_mesh,
        mean_quality=tables.quality_sum / files.counts.face_rows if files.counts.face_rows else math.nan,
        min_quality=used.settings.min_quality,
        poor_rows=tables.poor_rows,
    )


def _latency(source: Source, used: Components) -> str:
    """The latency of a row, as text in frames."""
    rate, follow = used.settings.fps or source.info.frame_rate_hz, used.follow
    step = rate / follow.detect_hz if math.isfinite(rate) and rate else math.inf
    search = math.ceil(min(follow.max_step_frames, step))
    block = f"{search} frames for detection and {(AHEAD + 1) * BLOCK} for blocks that are read and encoded"
    if used.model.causal:
        return block
    away = f"while a face is away {follow.max_gap_s:g} s more"
    return f"{block}, and {WINDOW} for the window of a bidirectional head; {away}"
