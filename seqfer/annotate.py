"""`seqfer annotate-video`: one film in, a folder of results out.

Everything streams from the reader to the files, which get their names when they are whole. What was costly is logged block by block; a run
that was killed decodes its film again and computes only what the log does not have, so that it ends with the same files.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from seqfer import __version__
from seqfer.annotation.block_log import FOLDER, BlockLog
from seqfer.annotation.elan import write_elan
from seqfer.annotation.files import AnnotationFiles
from seqfer.annotation.reading import read_rows
from seqfer.annotation.summary import reconcile
from seqfer.annotation.webvtt import write_webvtt
from seqfer.config import as_dict
from seqfer.detection import choose_detector
from seqfer.detectors import Detector
from seqfer.device import tune_allocator
from seqfer.errors import SettingsError
from seqfer.film_model import FilmModel, open_film_model
from seqfer.following import FollowedFrame, FollowSettings
from seqfer.infer import BLOCK, annotate
from seqfer.manifest import file_checksum
from seqfer.overlay import write_overlay
from seqfer.progress import ProgressBar
from seqfer.report.annotate_report import write_annotate_report
from seqfer.runfolder import machine, open_run, versions, write_json
from seqfer.temporal import WINDOW
from seqfer.thumbnails import Thumbnails
from seqfer.video import Source, VideoFrame, open_source

FORMATS = ("elan", "webvtt")
VALENCE_METHODS = ("norms",)
NORMS_SOURCE = "expectation of the emotion probabilities under the pleasure ratings of Russell and Mehrabian 1977"


@dataclass(frozen=True)
class AnnotateSettings:
    """What decides the rows. `model` is a tier or a .safetensors file; `head` "none" looks at every frame by itself. `fps`, `start_s`
    and `end_s` 0 mean all frames, `encode_hz` 0 every frame through the encoder. `detector_weights` is a file, empty for the one that is at hand."""

    model: str = "compact"
    head: str = "auto"
    causal: bool = False
    valence: bool = False
    valence_method: str = "norms"
    detector: str = "auto"
    detector_weights: str = ""
    fps: float = 0.0
    start_s: float = 0.0
    end_s: float = 0.0
    detect_hz: float = 6.0
    encode_hz: float = 15.0
    max_gap_s: float = 1.0

    def __post_init__(self) -> None:
        for name, value, allowed in (
            ("head", self.head, ("auto", "none")),
            ("valence_method", self.valence_method, VALENCE_METHODS),
        ):
            if value not in allowed:
                raise SettingsError(f"{name} is {value!r}; allowed: {', '.join(allowed)}")
        for name, seconds in (
            ("fps", self.fps),
            ("start", self.start_s),
            ("end", self.end_s),
            ("encode_hz", self.encode_hz),
        ):
            if not (math.isfinite(seconds) and seconds >= 0):
                raise SettingsError(f"{name} is {seconds}; allowed: 0 (everything) or more")


@dataclass(frozen=True)
class Wanted:
    """Files beside the tables: `faces` puts pictures of the faces into the report, `overlay` draws on a copy of the film."""

    faces: bool = True
    overlay: bool = False
    formats: tuple[str, ...] = ()
    command: str = ""

    def __post_init__(self) -> None:
        if unknown := [name for name in self.formats if name not in FORMATS]:
            raise SettingsError(f"unknown format {unknown[0]!r}; allowed: {', '.join(FORMATS)}")


def annotate_film(
    film: str, out: Path, settings: AnnotateSettings, wanted: Wanted, *, resume: bool = False, quiet: bool = False
) -> dict[str, Any]:
    """Annotate a film (a file, a folder of pictures, `camera:0`) into the folder `out`; returns what summary.json holds.

    A film that breaks off in the middle gives what there is, with `partial` in the summary. Raises InputError, SettingsError or
    WeightsError for what cannot be begun, or cannot be written; what was computed stays in the log for `resume`.
    """
    tune_allocator()
    model = open_film_model(settings.model, causal=settings.causal, frames_alone=settings.head == "none")
    with open_source(film) as source:
        weights = Path(settings.detector_weights) if settings.detector_weights else None
        detector = choose_detector(settings.detector, weights, quiet=quiet)
        follow = FollowSettings(
            detect_hz=settings.detect_hz, max_gap_s=settings.max_gap_s, longest_px=detector.longest_px
        )
        key = {
            **as_dict(settings),
            "film": source.info.name,
            "film_checksum": _film_checksum(film, source),
            "detector_found": detector.name,
            "detector_checksum": detector.checksum,
            "model_checksum": dict(model.checksums),
        }
        open_run(out, key, resume)
        log = None if source.info.kind == "camera" else BlockLog(out / FOLDER, key)
        run = _Run(source, out, settings, model, detector, follow)
        run.write_tables(log, quiet)
        summary = run.finish(film, key, wanted)
        if log is not None:
            log.discard()
    return summary


def _film_checksum(film: str, source: Source) -> str:
    if source.info.kind == "file":
        return file_checksum(Path(film))
    if source.info.kind == "folder":
        files = sorted((p.name, p.stat().st_size, p.stat().st_mtime_ns) for p in Path(film).iterdir() if p.is_file())
        return hashlib.sha256(repr(files).encode()).hexdigest()
    return "live"


class _Run:
    """One film on its way into one folder."""

    def __init__(
        self,
        source: Source,
        out: Path,
        settings: AnnotateSettings,
        model: FilmModel,
        detector: Detector,
        follow: FollowSettings,
    ) -> None:
        self.source, self.out, self.settings, self.model = source, out, settings, model
        self.detector, self.follow = detector, follow
        self.thumbnails, self.shots = Thumbnails(), list[float]()
        self.analysed, self.first_s, self.seconds = 0, math.nan, math.nan

    def write_tables(self, log: BlockLog | None, quiet: bool) -> None:
        """Rows into frames.csv, frames.parquet, tracks.csv and valence_1hz.csv; all of them, or none."""
        s, started = self.settings, time.monotonic()
        rows = annotate(
            self._frames(),
            self.detector.detect,
            self.model,
            self.follow,
            valence=s.valence,
            encode_hz=s.encode_hz,
            log=log,
            on_face=self._look,
        )
        bar = None if quiet else ProgressBar(self._expected(), "frames")
        try:
            with AnnotationFiles(self.out, self.model.classes, s.valence) as files:
                for row in rows:
                    files.write(row)
                    if bar:
                        bar.advance(files.counts.frames, f"{len(self.thumbnails.pictures)} faces")
                self.counts = files.close()
        finally:
            if bar:
                bar.close()
        self.files = files
        self.seconds = time.monotonic() - started

    def _frames(self) -> Iterator[VideoFrame]:
        s = self.settings
        frames = self.source.frames(s.start_s or None, s.end_s or None, s.fps or None)
        try:
            for frame in frames:
                self.analysed += 1
                if self.analysed == 1:
                    self.first_s = frame.time_s
                yield frame
        except KeyboardInterrupt:
            if self.source.info.kind != "camera":
                raise  # a camera has no end of its own: Ctrl-C is how its film ends

    def _look(self, followed: FollowedFrame) -> None:
        self.thumbnails.look(followed)
        if followed.cut or not self.shots:
            self.shots.append(followed.frame.time_s)

    def _expected(self) -> int:
        info, s = self.source.info, self.settings
        span = (s.end_s or info.duration_s) - s.start_s
        rate = min(s.fps or math.inf, info.frame_rate_hz)
        if math.isfinite(span) and math.isfinite(rate) and (s.fps or s.start_s or s.end_s):
            return max(1, round(span * rate))
        return info.container_frames or 0

    def finish(self, film: str, key: dict[str, Any], wanted: Wanted) -> dict[str, Any]:
        """Everything that is made from the tables, and summary.json last: where it is, the folder is whole."""
        classes, valence = self.model.classes, self.settings.valence
        if "elan" in wanted.formats:
            write_elan(self.out / "annotation.eaf", read_rows(self.out), classes, Path(film), origin_s=self._origin())
        if "webvtt" in wanted.formats:
            name = self.source.info.name
            write_webvtt(self.out / "annotation.vtt", read_rows(self.out), classes, name, origin_s=self._origin())
        if wanted.overlay:
            span = (self.settings.start_s or None, self.settings.end_s or None)
            write_overlay(Path(film), read_rows(self.out), classes, self.out / "overlay.mp4", valence, *span)
        summary = self._summary(key, wanted)
        pictures = self.thumbnails.pictures if wanted.faces else {}
        write_annotate_report(self.out, summary, read_rows(self.out), classes, pictures, self.shots, wanted.faces)
        write_json(self.out / "summary.json", summary)
        return summary

    def _origin(self) -> float:
        """Players show a film's first frame at 0:00."""
        return 0.0

    def _summary(self, key: dict[str, Any], wanted: Wanted) -> dict[str, Any]:
        s, info, model = self.settings, self.source.info, self.model
        counts = reconcile(
            info.container_frames,
            self.source.decoded,
            self.analysed,
            self.counts,
            fps=s.fps or None,
            start_s=s.start_s or None,
            end_s=s.end_s or None,
            problem=self.source.problem,
            late_rows=self.files.seconds.late_rows if self.files.seconds else 0,
            long_gaps=self.files.seconds.long_gaps if self.files.seconds else 0,
        )
        rate = self.analysed / self.seconds if self.seconds else math.nan
        return {
            "seqfer": __version__,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "command": wanted.command,
            "film": {**asdict(info), "checksum": key["film_checksum"]},
            **counts,
            "problem": self.source.problem,
            "damaged_packets": self.source.damaged,
            "times_filled": self.source.times_filled,
            "faces": len(self.files.tracks.tracks),
            "shots": len(self.shots),
            "detector": {"name": self.detector.name, "checksum": self.detector.checksum},
            "model": {
                "name": model.name,
                "encoder": model.encoder_name,
                "head": model.head_name,
                "causal": model.causal,
                "classes": list(model.classes),
                "temperature": model.temperature,
                "checksum": dict(model.checksums),
                "latency": self._latency(),
            },
            "valence": {"method": s.valence_method, "source": NORMS_SOURCE} if s.valence else None,
            "speed": {"seconds": self.seconds, "frames_per_second": rate},
            "settings": as_dict(s),
            "versions": versions(),
            "machine": machine(),
        }

    def _latency(self) -> str:
        """How far behind the film a row is, in words with frames."""
        search = min(self.follow.max_step_frames, 1 / self.follow.detect_hz * self._rate() if self._rate() else 15)
        block = f"{math.ceil(search)} frames for the search of faces and {BLOCK} for the block that is encoded together"
        return block if self.model.causal else f"{block}, and {WINDOW} for the window of a head that looks both ways"

    def _rate(self) -> float:
        rate = self.settings.fps or self.source.info.frame_rate_hz
        return rate if math.isfinite(rate) else 0.0
