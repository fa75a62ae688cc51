"""Annotates several videos in parallel, each into its own folder; one that fails does not stop the others."""

from __future__ import annotations

import errno
import json
import logging
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from seqfer.core.errors import InputError, SeqferError, TrainingError
from seqfer.core.files import write_atomically
from seqfer.core.one_line import one_line
from seqfer.film.detector_choice import choose_detector
from seqfer.film.finishing import remake_report, tables_of, write_extra_files
from seqfer.film.key import film_key
from seqfer.film.one import annotate_film
from seqfer.film.output.agreement import disagreeing_tables
from seqfer.film.output.order import RowCounts
from seqfer.film.settings import AnnotateSettings, OutputOptions
from seqfer.runs.checksums import damaged_files, read_checksums, write_checksums
from seqfer.runs.folder import THREADS, available_cores, check_settings, first_difference
from seqfer.runs.kinds.annotate_video import VideoSummary
from seqfer.runs.lock import lock_folder, unlock_folder
from seqfer.runs.names import (
    CHECKSUMS,
    REPORT_HTML,
    SETTINGS_JSON,
    SUMMARY_JSON,
    VERSIONS_JSON,
    WORK_FOLDER,
)
from seqfer.runs.process_tuning import tune_for_video
from seqfer.runs.progress import OnProgress
from seqfer.runs.records import as_json, parse_record, read_object, read_record
from seqfer.runs.workers import Workers, check_jobs, run_units
from seqfer.video.sources import Video, is_live

logger = logging.getLogger("seqfer")


@dataclass(frozen=True)
class VideoResult:
    """What was made of one video: `summary` is the content of summary.json, None where there is none; `problem` one line, None without a problem."""

    film: str
    out: Path
    summary: VideoSummary | None
    problem: str | None = None


@dataclass(frozen=True)
class _Plan:
    """What every worker needs. Each worker writes the result of its video into `results`."""

    settings: AnnotateSettings
    options: OutputOptions
    resume: bool
    results: Path


def annotate_all(
    films: Sequence[tuple[Video, Path]],
    settings: AnnotateSettings,
    options: OutputOptions,
    *,
    jobs: int = 1,
    resume: bool = False,
    quiet: bool = False,
) -> list[VideoResult]:
    """One result per video, in their order.

    With `resume` a video that is done is not annotated again; requested files that are missing are made from its tables.
    For a single video raises its SeqferError; of several, one that fails does not stop the rest.
    """
    check_jobs(jobs)
    if len(films) == 1:
        return [_annotate(*films[0], settings, options, resume=resume, quiet=quiet)]
    _fetch_detector(settings)
    at_once = min(jobs or available_cores(), len(films))
    with tempfile.TemporaryDirectory() as results:
        plan = _Plan(settings, options, resume, Path(results))
        tune = partial(tune_for_video, max(1, available_cores() // at_once))
        try:
            units = list(enumerate(films))
            run_units(_one, plan, units, jobs=jobs, what="films", quiet=quiet, workers=Workers(tune, _killed_twice))
        except TrainingError:  # a worker was killed: the results of the finished videos are returned all the same
            if not quiet:
                logger.warning("a video's process was killed, most likely for lack of memory")
        return [_read_result(plan.results / f"{number}.json", *film) for number, film in enumerate(films)]


def _fetch_detector(settings: AnnotateSettings) -> None:
    """Downloads the file of a detector that needs one, once for all workers. Raises as `choose_detector`."""
    choose_detector(settings.detector, Path(settings.detector_weights) if settings.detector_weights else None)


def _write_result(file: Path, result: VideoResult) -> None:
    write_atomically(
        file, json.dumps({"summary": result.summary and as_json(result.summary), "problem": result.problem})
    )


def _read_result(file: Path, film: Video, out: Path) -> VideoResult:
    """The result that a worker wrote."""
    if file.exists():
        stored = json.loads(file.read_text(encoding="utf-8"))
        summary = stored["summary"] and parse_record(VideoSummary, stored["summary"], file)
        return VideoResult(str(film), out, summary, stored["problem"])
    problem = (
        "not done: its process was killed, most likely for lack of memory; run the same command with --resume --jobs 1"
    )
    return VideoResult(str(film), out, None, problem)


def _killed_twice(unit: tuple[int, tuple[Video, Path]]) -> str:
    return f"{unit[1][0]}: its process was killed twice; the other videos go on"


def _one(plan: _Plan, unit: tuple[int, tuple[Video, Path]], on_progress: OnProgress) -> str:
    number, (film, out) = unit
    try:
        resume = plan.resume or _is_second_try(plan.results / f"{number}.begun", out)
        result = _annotate(film, out, plan.settings, plan.options, resume=resume, quiet=True)
    except SeqferError as error:
        result = VideoResult(str(film), out, None, one_line(str(error)))
    except Exception as error:  # an error in seqfer or a library on one video must not stop the others
        why = one_line(f"{type(error).__name__}: {error}")
        result = VideoResult(str(film), out, None, f"{why}; annotate it separately and report the error message")
    _write_result(plan.results / f"{number}.json", result)
    return f"{film}: {result.problem or 'done'}"


def _is_second_try(begun: Path, out: Path) -> bool:
    """Whether this command began this video itself, in a worker that was killed: then its finished blocks are used."""
    if begun.exists():
        return begun.read_text() == "new"
    write_atomically(begun, "there" if (out / SETTINGS_JSON).exists() else "new")
    return False


def _annotate(
    film: Video,
    out: Path,
    settings: AnnotateSettings,
    options: OutputOptions,
    *,
    resume: bool,
    quiet: bool,
) -> VideoResult:
    """Annotate one video; with `resume` only complete what is missing in a finished folder. Raises SeqferError."""
    with _what_to_do_when_full(film), _locked(out, resume):
        summary = _finished(film, out) if resume else None
        if summary is None:
            summary = annotate_film(film, out, settings, options, resume=resume, quiet=quiet)
        else:
            _check_same(film, out, settings)
            _complete(film, out, summary, options)
    problem = None
    if summary.problem:
        problem = one_line(f"{summary.problem}; the rows up to there are in {out}, marked partial")
    return VideoResult(str(film), out, summary, problem)


def _complete(film: Video, out: Path, summary: VideoSummary, options: OutputOptions) -> None:
    """Make the requested files that a finished folder does not have."""
    damaged = REPORT_HTML in damaged_files(out, [REPORT_HTML])
    if damaged and options.faces:
        logger.warning(
            one_line(f"{out / REPORT_HTML}: damaged or missing; made again from the tables, without pictures")
        )
    # pictures of people are removed when they are no longer requested
    if damaged or not options.faces:
        remake_report(out, summary)
    write_extra_files(film, out, summary, options)


@contextmanager
def _locked(out: Path, resume: bool) -> Iterator[None]:
    """The lock of a folder that is there already, before anything of it is read; kept until this process ends, unless an error ends its work."""
    new = resume and out.is_dir() and lock_folder(out)
    try:
        yield
    except BaseException:
        if new:
            unlock_folder(out)
        raise


@contextmanager
def _what_to_do_when_full(film: Video) -> Iterator[None]:
    """Turns the error of a full disk into an InputError that says how to resume. A camera's recording is over and cannot be resumed."""
    try:
        yield
    except (SeqferError, OSError) as error:
        if not _disk_is_full(error) or is_live(film):
            raise
        told = (
            str(error)
            if isinstance(error, SeqferError)
            else f"{film}: its results cannot be written ({error.strerror})"
        )
        raise InputError(f"{told}; or free space and run the same command with --resume") from error


def _disk_is_full(error: BaseException | None) -> bool:
    """Whether an error, or one of its causes, is that of a full disk or an exceeded quota."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        error = error.__cause__ or error.__context__
    return False


def _finished(film: Video, out: Path) -> VideoSummary | None:
    """The summary of a finished folder whose tables are as they were written; None for one that must be annotated, which is said of a damaged one.

    Raises InputError where that is impossible: its settings are damaged, so that it may be of another video, or it is a camera's recording.
    """
    if not (out / SUMMARY_JSON).exists() and not (out / CHECKSUMS).exists():
        return None
    try:
        summary = read_record(VideoSummary, out / SUMMARY_JSON)
        needed = [SETTINGS_JSON, VERSIONS_JSON, *tables_of(summary), SUMMARY_JSON]
    except InputError:
        summary, needed = None, [SUMMARY_JSON]
    if summary is not None and not (out / CHECKSUMS).exists() and not (out / WORK_FOLDER).exists():
        return _of_earlier_version(film, out, summary, needed)
    bad = [name for name in damaged_files(out, needed) if name in needed]
    if summary is not None and not bad:
        return summary
    where = one_line(f"{out}: {', '.join(bad or needed)} damaged or missing")
    _check_not_camera(film, where)
    if {SETTINGS_JSON, VERSIONS_JSON} & set(bad) & set(read_checksums(out)):
        raise InputError(f"{where}, so the folder cannot be resumed; restore a copy of it, or give another --out")
    check_settings(out)
    logger.warning(f"{where}; annotated again")
    return None


def _of_earlier_version(film: Video, out: Path, summary: VideoSummary, needed: Sequence[str]) -> VideoSummary | None:
    """The summary of a finished folder without checksums, which get written, where its tables agree; None where it is annotated again.

    A run of this version that is killed before it writes the checksums leaves the folder of its blocks, so that it is told from an earlier one.
    """
    check_settings(out)
    stills = summary.film.kind == "folder" and not summary.settings.get("folder_fps")
    min_track_s = 0.0 if stills else float(summary.settings.get("min_track_s", 0.0))
    counts = RowCounts(summary.rows, summary.analysed, summary.rows_without_face, summary.face_rows)
    bad = [name for name in needed if not (out / name).is_file()]
    min_quality = float(summary.settings.get("min_quality", 0.0))
    bad = bad or disagreeing_tables(out, summary.valence is not None, min_track_s, counts, min_quality)
    where = one_line(f"{out}: no {CHECKSUMS}, as in folders of earlier versions")
    if bad:
        what = f"{where}; {', '.join(bad)} missing, or not of the same rows as the others"
        _check_not_camera(film, what)
        logger.warning(f"{what}; annotated again")
        return None
    logger.warning(f"{where}; its tables agree with each other, so it is taken as it is and gets checksums")
    report = out / REPORT_HTML
    whole = report.is_file() and report.read_bytes().rstrip().endswith(b"</html>")
    write_checksums(out, (*needed, *([REPORT_HTML] if whole else [])))
    return summary


def _check_not_camera(film: Video, where: str) -> None:
    if is_live(film):
        raise InputError(f"{where}, and a camera's recording cannot be annotated again; restore a copy of the folder")


def _check_same(film: Video, out: Path, settings: AnnotateSettings) -> None:
    """Raises InputError when a finished folder is not of this video and these settings."""
    file, now = out / SETTINGS_JSON, film_key(film, settings)
    before = read_object(file, "give another --out")
    if THREADS not in before:  # results of a version that did not store it are complete
        del now[THREADS]
    # Values that only a run determines (the detector, checksums of models) are not compared: nothing is computed here.
    name = first_difference({name: before.get(name) for name in now}, now)
    if name is not None:
        raise InputError(
            f"{out} has the finished results of {name} = {before.get(name)!r}, now {now[name]!r}; use the same, or another --out"
        )
