"""Many films: each into a folder of its own, several at a time; one that fails does not stop the rest."""

from __future__ import annotations

import errno
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from seqfer.core.errors import InputError, SeqferError, SettingsError, TrainingError
from seqfer.core.files import write_atomically
from seqfer.core.one_line import one_line
from seqfer.film.detector_choice import AUTO, choose_detector, is_best
from seqfer.film.key import film_key
from seqfer.film.one import TABLES, annotate_film, remake_report, write_extras
from seqfer.film.settings import AnnotateSettings, OutputOptions
from seqfer.runs.folder import available_cores, first_difference
from seqfer.runs.names import REPORT_HTML, SECONDS_CSV, SETTINGS_JSON, SUMMARY_JSON
from seqfer.runs.progress import OnProgress
from seqfer.runs.workers import check_jobs, run_units
from seqfer.video.source import shown_name
from seqfer.video.sources import CAMERA

Result = dict[str, Any]


def folders_for(films: Sequence[str], out: Path | None) -> list[tuple[str, Path]]:
    """(film, its folder). One film gets `out` itself, several get folders in it, named after them. Raises SettingsError when two would share one."""
    if len(films) == 1 and out is not None:
        return [(films[0], out)]
    made = [(film, (out or Path()) / f"{_stem(film)}{'' if out else '-seqfer'}") for film in films]
    taken: dict[Path, str] = {}
    for film, folder in made:
        if taken.get(folder) == film:
            raise SettingsError(f"{film} is given twice; name every film once")
        if folder in taken:
            raise SettingsError(
                f"{taken[folder]} and {film} would both go to {folder}; rename one, or annotate them with different --out"
            )
        taken[folder] = film
    return made


def _stem(film: str) -> str:
    return film.replace(":", "") if film.startswith("camera:") else shown_name(Path(os.path.abspath(film)).stem)


def annotate_all(
    films: Sequence[tuple[str, Path]],
    settings: AnnotateSettings,
    wanted: OutputOptions,
    *,
    jobs: int = 1,
    resume: bool = False,
    quiet: bool = False,
) -> list[Result]:
    """One {"film", "out", "summary", "problem"} per film, in their order: `problem` is one line or None, `summary` what summary.json holds or None.

    With `resume` a film that is done is not annotated again; files that are asked for and not there are made from its tables.

    Raises SeqferError itself for a single film, so that nothing stands between it and its message.
    """
    check_jobs(jobs)
    if len(films) == 1:
        return [_result(*films[0], settings, wanted, resume, quiet)]
    # Asked here once: what must be downloaded is, what was taken is said, and no worker waits for a network that is not there.
    weights = Path(settings.detector_weights) if settings.detector_weights else None
    detector = choose_detector(settings.detector, weights, quiet=quiet)
    offline = True if settings.detector == AUTO and not is_best(detector) else None
    with tempfile.TemporaryDirectory() as told:
        at_once = min(jobs or available_cores(), len(films))
        plan = _Plan(settings, wanted, resume, Path(told), max(1, available_cores() // at_once), offline)
        try:
            run_units(_one, plan, list(enumerate(films)), jobs=jobs, what="films", quiet=quiet)
        except TrainingError:  # a worker was killed: those that were done are told all the same
            if not quiet:
                print("a film's process was killed, most likely for want of memory", file=sys.stderr)
        return [_told(Path(told) / f"{number}.json", *film) for number, film in enumerate(films)]


def _told(file: Path, film: str, out: Path) -> Result:
    """What a worker left of its film."""
    if file.exists():
        return dict(json.loads(file.read_text(encoding="utf-8")))
    problem = (
        "not done: a process was killed, most likely for want of memory; give the same command with --resume --jobs 1"
    )
    return _failed(film, out, problem)


def _failed(film: str, out: Path, problem: str) -> Result:
    return {"film": film, "out": str(out), "summary": None, "problem": problem}


class _Plan:
    """What every worker needs; `told` is the folder in which each leaves what came of its film, `cores` its share of the machine."""

    def __init__(
        self,
        settings: AnnotateSettings,
        wanted: OutputOptions,
        resume: bool,
        told: Path,
        cores: int,
        offline: bool | None,
    ) -> None:
        self.settings, self.wanted, self.resume, self.told = settings, wanted, resume, told
        self.cores, self.offline = cores, offline


def _one(plan: _Plan, unit: tuple[int, tuple[str, Path]], on_progress: OnProgress) -> str:
    number, (film, out) = unit
    try:
        result = _result(film, out, plan.settings, plan.wanted, plan.resume, True, plan.cores, plan.offline)
    except SeqferError as error:
        result = _failed(film, out, one_line(str(error)))
    except Exception as error:  # a fault of ours or of a library in one film is no reason to drop the others
        why = one_line(f"{type(error).__name__}: {error}")
        result = _failed(film, out, f"{why}; annotate it by itself and report what is said then")
    write_atomically(plan.told / f"{number}.json", json.dumps(result, default=str))
    return f"{film}: {result['problem'] or 'done'}"


def _result(
    film: str,
    out: Path,
    settings: AnnotateSettings,
    wanted: OutputOptions,
    resume: bool,
    quiet: bool,
    cores: int | None = None,
    offline: bool | None = None,
) -> Result:
    with _what_to_do_when_full(film):
        summary = _finished(out) if resume else None
        if summary is None:
            summary = annotate_film(
                film, out, settings, wanted, resume=resume, quiet=quiet, cores=cores, offline=offline
            )
        else:
            _check_same(film, out, settings)
            write_extras(film, out, summary, wanted)
            if not (wanted.faces and (out / REPORT_HTML).exists()):  # pictures that are no longer wanted go
                remake_report(out, summary)
    problem = None
    if summary["problem"]:
        problem = one_line(f"{summary['problem']}; the rows up to there are in {out}, marked partial")
    return {"film": film, "out": str(out), "summary": summary, "problem": problem}


@contextmanager
def _what_to_do_when_full(film: str) -> Iterator[None]:
    """A disk that fills, anywhere in here, is an InputError that says how to go on. A camera's film is over: it cannot be gone on with."""
    try:
        yield
    except (SeqferError, OSError) as error:
        if not _disk_is_full(error) or film.startswith(CAMERA):
            raise
        told = (
            str(error)
            if isinstance(error, SeqferError)
            else f"{film}: its results cannot be written ({error.strerror})"
        )
        raise InputError(
            f"{told}; or make room and give the same command with --resume, which goes on from here"
        ) from error


def _disk_is_full(error: BaseException | None) -> bool:
    """Whether an error, or one that it was made of, is that of a full disk or a used-up quota."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        error = error.__cause__ or error.__context__
    return False


def _finished(out: Path) -> dict[str, Any] | None:
    """The summary of a folder that is whole, or None."""
    try:
        summary = json.loads((out / SUMMARY_JSON).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(summary, dict) or not {"analysed", "film", "model", "settings", "speed"} <= summary.keys():
        return None
    tables = (SETTINGS_JSON, *TABLES, *([SECONDS_CSV] if summary.get("valence") else []))
    return summary if all((out / name).is_file() for name in tables) else None


def _check_same(film: str, out: Path, settings: AnnotateSettings) -> None:
    """Raises InputError when a finished folder is not of this film and these settings."""
    file, now = out / SETTINGS_JSON, film_key(film, settings)
    try:
        before = dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"{file}: cannot be read ({error}); give another --out") from None
    # What only a run finds out (the detector, checksums of models) is not compared: nothing is computed here.
    name = first_difference({name: before.get(name) for name in now}, now)
    if name is not None:
        raise InputError(
            f"{out} holds the finished results of {name} = {before.get(name)!r}, now {now[name]!r}; use the same, or another --out"
        )
