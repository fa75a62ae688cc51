"""`seqfer annotate-video`: one film in, a folder of results out.

Everything streams from the reader to the files, which get their names when they are whole. What was costly is logged block by block; a run
that was killed decodes its film again and computes only what the log does not have, so that it ends with the same files.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

import cv2
import torch

from seqfer.core.errors import InputError, SettingsError
from seqfer.core.files import write_json
from seqfer.film.block_log import BlockLog
from seqfer.film.detector_choice import choose_detector
from seqfer.film.key import film_key
from seqfer.film.output.formats.elan import write_elan
from seqfer.film.output.formats.overlay import write_overlay
from seqfer.film.output.formats.webvtt import write_webvtt
from seqfer.film.output.reading import read_rows
from seqfer.film.run import FilmRun
from seqfer.film.settings import AnnotateSettings, OutputOptions
from seqfer.film.summary import Components, summarise
from seqfer.models.film_files import add_valence, open_film_model
from seqfer.models.film_model import FilmModel
from seqfer.models.runtime_bf16 import with_fused_encoders
from seqfer.models.runtime_onnx import is_available, with_onnx_encoders
from seqfer.report.annotate_report import write_annotate_report
from seqfer.runs.device import tune_allocator
from seqfer.runs.folder import available_cores, open_run
from seqfer.runs.names import (
    ANNOTATION_EAF,
    ANNOTATION_VTT,
    FRAMES_CSV,
    FRAMES_PARQUET,
    OVERLAY_MP4,
    SECONDS_CSV,
    SUMMARY_JSON,
    TRACKS_CSV,
    WORK_FOLDER,
)
from seqfer.tracks.following import FollowSettings
from seqfer.video import Source, VideoFrame, open_source
from seqfer.video.source import shown_name
from seqfer.video.sources import CAMERA

TABLES = (FRAMES_CSV, FRAMES_PARQUET, TRACKS_CSV)


def annotate_film(
    film: str,
    out: Path,
    settings: AnnotateSettings,
    wanted: OutputOptions,
    *,
    resume: bool = False,
    quiet: bool = False,
    cores: int | None = None,
    offline: bool | None = None,
) -> dict[str, Any]:
    """Annotate a film (a file, a folder of pictures, `camera:0`) into the folder `out`; returns what summary.json holds.

    A film that breaks off in the middle gives what there is, with `partial` in the summary. Raises InputError, SettingsError or
    WeightsError for what cannot be begun, or cannot be written; what was computed stays in the log for `resume`. Nothing is written for
    a film of which no frame was asked for. `cores` are this film's share of the machine (None: all), `offline` is `choose_detector`'s.
    """
    _check_places(film, out, wanted)
    tune_allocator(one_arena=True)
    torch.set_num_threads(max(1, (cores or available_cores()) - 1))  # a core is busy reading and searching
    cv2.setNumThreads(1)  # OpenCV's own threads wait actively, which takes from the decoder what it gives the detector
    model = _opened_model(settings)
    if not quiet:
        for line in _done_without(model, settings):
            print(line, file=sys.stderr)
    with open_source(film, settings.folder_fps) as source:
        weights = Path(settings.detector_weights) if settings.detector_weights else None
        detector = choose_detector(settings.detector, weights, offline=offline, quiet=quiet)
        follow = FollowSettings(
            detect_hz=settings.detect_hz, max_gap_s=settings.max_gap_s, longest_px=detector.longest_px
        )
        frames = _begun(film, source, settings)
        key = {
            **film_key(film, settings),
            "detector_found": detector.name,
            "detector_checksum": detector.checksum,
            "model_checksum": dict(model.checksums),
            "valence_checksum": model.valence.checksum if model.valence else "none",
            "precision_found": "bf16" if model.bf16 else "fp32",
            "runtime_found": model.runtime,
        }
        open_run(out, key, resume)
        log = None if source.info.kind == "camera" else BlockLog(out / WORK_FOLDER, key)
        run = FilmRun(source, frames, out, Components(settings, model, detector, follow))
        with run.ended_by_interrupt():
            run.write_tables(log, quiet)
        summary = _finish(run, key, wanted)
        if log is not None:
            log.discard()
    write_extras(film, out, summary, wanted)
    return summary


def _opened_model(settings: AnnotateSettings) -> FilmModel:
    """The model with its head and its valence, on the runtime that was asked for or is the quickest. Raises SettingsError or WeightsError."""
    precision = "fp32" if settings.runtime == "onnx" else settings.precision
    model = open_film_model(
        settings.model, causal=settings.causal, frames_alone=settings.head == "none", precision=precision
    )
    if settings.valence and settings.valence_method != "norms":
        model = _with_valence(model, settings)
    if settings.runtime == "onnx":
        return with_onnx_encoders(model)
    if settings.runtime == "auto" and not model.bf16 and is_available():
        with suppress(SettingsError):  # an encoder that only torch can run
            return with_onnx_encoders(model)
    return with_fused_encoders(model) if model.bf16 else model


def _with_valence(model: FilmModel, settings: AnnotateSettings) -> FilmModel:
    """The model with what reads valence. Raises SettingsError where a model was asked for and none ships, or it looks ahead and may not."""
    model = add_valence(model, settings.valence_model)
    if model.valence is None and settings.valence_method == "model":
        raise SettingsError(
            f"no valence weights ship for {model.name}; give --valence-model, or --valence-method norms"
        )
    if settings.causal and not model.causal:
        raise SettingsError(
            f"{settings.valence_model}: this valence model looks at later frames; leave --causal out, or train one with head=lstm"
        )
    return model


def _done_without(model: FilmModel, settings: AnnotateSettings) -> list[str]:
    """What was left to the program and what it could not find, a line each."""
    lines = []
    if settings.head == "auto" and model.head is None:
        lines.append(f"head: none is there for {model.name}, so every frame is read by itself")
    if settings.valence and settings.valence_method == "auto" and model.valence is None:
        lines.append(
            f"valence: no weights are there for {model.name}, so it is the expectation of the emotions under norms"
        )
    return lines


def write_extras(film: str, out: Path, summary: dict[str, Any], wanted: OutputOptions) -> None:
    """The files that were asked for beside the tables, made from these; what is there already stays. Raises InputError as `annotate_film`."""
    classes, about, asked = tuple(summary["model"]["classes"]), summary["film"], summary["settings"]
    zero_s = about.get("zero_s") or 0.0
    elan, subtitles, overlay = out / ANNOTATION_EAF, out / ANNOTATION_VTT, out / OVERLAY_MP4
    if "elan" in wanted.formats and not elan.exists():
        write_elan(elan, read_rows(out), classes, Path(film), origin_s=zero_s, date=summary["created"])
    if "webvtt" in wanted.formats and not subtitles.exists():
        write_webvtt(subtitles, read_rows(out), classes, about["name"], origin_s=zero_s)
    if wanted.overlay and not overlay.exists():
        span = (asked["start_s"] or None, asked["end_s"] or None)
        rate_hz = asked.get("folder_fps", 25.0)
        write_overlay(
            Path(film), read_rows(out), classes, overlay, summary["valence"] is not None, *span, folder_fps=rate_hz
        )


def remake_report(out: Path, summary: dict[str, Any]) -> None:
    """The report of a finished folder, from its tables: without pictures of faces, which only the film could give."""
    shots: dict[int, float] = {}
    for row in read_rows(out):
        shots.setdefault(row.shot, row.time_s)
    write_annotate_report(
        out, summary, read_rows(out), tuple(summary["model"]["classes"]), {}, list(shots.values()), False
    )


def _check_places(film: str, out: Path, wanted: OutputOptions) -> None:
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


def _finish(run: FilmRun, key: dict[str, Any], wanted: OutputOptions) -> dict[str, Any]:
    """The report, and summary.json last: where it is, tables and report are whole."""
    out, classes = run.out, run.used.model.classes
    summary = summarise(run.source, run.files, run.used, run.walked, key, shown_name(wanted.command))
    summary["files"] = _files(wanted, summary["valence"] is not None)
    pictures = run.thumbnails.pictures if wanted.faces else {}
    write_annotate_report(out, summary, read_rows(out), classes, pictures, run.shots, wanted.faces)
    write_json(out / SUMMARY_JSON, summary)
    return summary


def _files(wanted: OutputOptions, valence: bool) -> list[str]:
    """What will lie beside the report, tables first."""
    extras = {"elan": ANNOTATION_EAF, "webvtt": ANNOTATION_VTT}
    named = [*TABLES, *([SECONDS_CSV] if valence else []), SUMMARY_JSON]
    return [*named, *(extras[name] for name in wanted.formats), *([OVERLAY_MP4] if wanted.overlay else [])]
