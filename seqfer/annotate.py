"""`seqfer annotate-video`: one film in, a folder of results out.

Everything streams from the reader to the files, which get their names when they are whole. What was costly is logged block by block; a run
that was killed decodes its film again and computes only what the log does not have, so that it ends with the same files.
"""

from __future__ import annotations

import hashlib
import math
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import torch

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
from seqfer.errors import InputError, SettingsError
from seqfer.film_model import FilmModel, open_film_model
from seqfer.following import FollowedFrame, FollowSettings
from seqfer.infer import BLOCK, annotate
from seqfer.manifest import file_checksum
from seqfer.overlay import write_overlay
from seqfer.progress import ProgressBar
from seqfer.report.annotate_report import write_annotate_report
from seqfer.runfolder import available_cores, machine, open_run, versions, write_json
from seqfer.temporal import WINDOW
from seqfer.thumbnails import Thumbnails
from seqfer.video import Source, VideoFrame, open_source
from seqfer.video.source import shown_name
from seqfer.video.sources import CAMERA

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
    detect_hz: float = 4.0
    encode_hz: float = 5.0
    precision: str = "auto"
    max_gap_s: float = 1.0

    def __post_init__(self) -> None:
        for name, value, allowed in (
            ("head", self.head, ("auto", "none")),
            ("valence_method", self.valence_method, VALENCE_METHODS),
            ("precision", self.precision, ("auto", "fp32", "bf16")),
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
    WeightsError for what cannot be begun, or cannot be written; what was computed stays in the log for `resume`. Nothing is written for
    a film of which no frame was asked for.
    """
    _check_places(film, out, wanted)
    tune_allocator()
    torch.set_num_threads(max(1, available_cores() - 1))  # a core is busy reading and searching
    model = open_film_model(
        settings.model, causal=settings.causal, frames_alone=settings.head == "none", precision=settings.precision
    )
    with open_source(film) as source:
        weights = Path(settings.detector_weights) if settings.detector_weights else None
        detector = choose_detector(settings.detector, weights, quiet=quiet)
        follow = FollowSettings(
            detect_hz=settings.detect_hz, max_gap_s=settings.max_gap_s, longest_px=detector.longest_px
        )
        frames = _begun(film, source, settings)
        key = {
            **film_key(film, settings),
            "detector_found": detector.name,
            "detector_checksum": detector.checksum,
            "model_checksum": dict(model.checksums),
            "precision_found": "bf16" if model.bf16 else "fp32",
        }
        open_run(out, key, resume)
        log = None if source.info.kind == "camera" else BlockLog(out / FOLDER, key)
        run = _Run(source, frames, out, settings, model, detector, follow)
        with run.ended_by_interrupt():
            run.write_tables(log, quiet)
        summary = run.finish(key, wanted)
        if log is not None:
            log.discard()
    write_extras(film, out, summary, wanted)
    return summary


def film_key(film: str, settings: AnnotateSettings) -> dict[str, Any]:
    """What a folder's results belong to, as far as it can be said without reading the film: settings, the film's name and its checksum."""
    plain = {name: shown_name(value) if isinstance(value, str) else value for name, value in as_dict(settings).items()}
    if film.startswith(CAMERA):
        return {**plain, "film": film, "film_checksum": "live"}
    path = Path(film)
    if not path.is_dir():
        return {**plain, "film": shown_name(path.name), "film_checksum": file_checksum(path)}
    files = sorted((p.name, p.stat().st_size, p.stat().st_mtime_ns) for p in path.iterdir() if p.is_file())
    checksum = hashlib.sha256(ascii(files).encode()).hexdigest()
    return {**plain, "film": shown_name(path.resolve().name), "film_checksum": checksum}


def write_extras(film: str, out: Path, summary: dict[str, Any], wanted: Wanted) -> None:
    """The files that were asked for beside the tables, made from these; what is there already stays. Raises InputError as `annotate_film`."""
    classes, about, asked = tuple(summary["model"]["classes"]), summary["film"], summary["settings"]
    zero_s = about.get("zero_s") or 0.0
    elan, subtitles, overlay = out / "annotation.eaf", out / "annotation.vtt", out / "overlay.mp4"
    if "elan" in wanted.formats and not elan.exists():
        write_elan(elan, read_rows(out), classes, Path(film), origin_s=zero_s, date=summary["created"])
    if "webvtt" in wanted.formats and not subtitles.exists():
        write_webvtt(subtitles, read_rows(out), classes, about["name"], origin_s=zero_s)
    if wanted.overlay and not overlay.exists():
        span = (asked["start_s"] or None, asked["end_s"] or None)
        write_overlay(Path(film), read_rows(out), classes, overlay, summary["valence"] is not None, *span)


def _check_places(film: str, out: Path, wanted: Wanted) -> None:
    if wanted.overlay and film.startswith(CAMERA):
        raise SettingsError(f"--overlay draws on a film's copy, and {film} keeps none; leave --overlay out")
    if out.exists() and not out.is_dir():
        raise InputError(f"{out}: is a file, and --out is a folder; give another --out")


def _begun(film: str, source: Source, s: AnnotateSettings) -> Iterator[VideoFrame]:
    """The frames that were asked for, of which the first is read here. Raises InputError when there is none."""
    frames = source.frames(s.start_s or None, s.end_s or None, s.fps or None)
    first = next(frames, None)
    if first is not None:
        return chain((first,), frames)
    if source.problem:
        raise InputError(f"{source.problem}; nothing that was asked for lies before that")
    if math.isnan(source.first_s):
        raise InputError(f"{film}: none of its pictures can be read; copy or convert it again")
    if source.last_s < s.start_s:
        raise InputError(
            f"{film}: no frame from --start {s.start_s:g} s on, its last one is at {source.last_s:.1f} s; give an earlier --start"
        )
    raise InputError(
        f"{film}: no frame from --start {s.start_s:g} s to --end {s.end_s:g} s, its first one is at {source.first_s:.1f} s; choose another part"
    )


class _Run:
    """One film on its way into one folder."""

    def __init__(
        self,
        source: Source,
        frames: Iterator[VideoFrame],
        out: Path,
        settings: AnnotateSettings,
        model: FilmModel,
        detector: Detector,
        follow: FollowSettings,
    ) -> None:
        self.source, self.frames, self.out, self.settings, self.model = source, frames, out, settings, model
        self.detector, self.follow = detector, follow
        self.thumbnails, self.shots = Thumbnails(), list[float]()
        self.analysed, self.seconds, self.stopped = 0, math.nan, False

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

    @contextmanager
    def ended_by_interrupt(self) -> Iterator[None]:
        """A camera has no end of its own: the first Ctrl-C in here is where its film ends, whatever is being done; a second one is an interrupt."""
        if self.source.info.kind != "camera" or threading.current_thread() is not threading.main_thread():
            yield
            return

        def stop(*_: object) -> None:
            self.stopped = True
            signal.signal(signal.SIGINT, signal.default_int_handler)

        before = signal.signal(signal.SIGINT, stop)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _frames(self) -> Iterator[VideoFrame]:
        for frame in self.frames:
            if self.stopped:
                return
            self.analysed += 1
            yield frame

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

    def finish(self, key: dict[str, Any], wanted: Wanted) -> dict[str, Any]:
        """The report, and summary.json last: where it is, tables and report are whole."""
        classes = self.model.classes
        summary = self._summary(key, wanted)
        pictures = self.thumbnails.pictures if wanted.faces else {}
        write_annotate_report(self.out, summary, read_rows(self.out), classes, pictures, self.shots, wanted.faces)
        write_json(self.out / "summary.json", summary)
        return summary

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
            "command": shown_name(wanted.command),
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
                "precision": key["precision_found"],
                "latency": self._latency(),
            },
            "valence": {"method": s.valence_method, "source": NORMS_SOURCE} if s.valence else None,
            "speed": {"seconds": self.seconds, "frames_per_second": rate},
            "settings": {name: key[name] for name in as_dict(s)},
            "versions": versions(),
            "machine": machine(),
        }

    def _latency(self) -> str:
        """How far behind the film a row is, in words with frames."""
        search = min(self.follow.max_step_frames, 1 / self.follow.detect_hz * self._rate() if self._rate() else 15)
        block = f"{math.ceil(search)} frames for the search of faces and {2 * BLOCK} for two blocks, one being read and one encoded"
        if self.model.causal:
            return block
        away = f"while a face is away {self.follow.max_gap_s:g} s more"
        return f"{block}, and {WINDOW} for the window of a head that looks both ways; {away}"

    def _rate(self) -> float:
        rate = self.settings.fps or self.source.info.frame_rate_hz
        return rate if math.isfinite(rate) else 0.0
