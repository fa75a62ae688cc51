"""Many films: each into a folder of its own, several at a time; one that fails does not stop the rest."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from seqfer.annotate import AnnotateSettings, Wanted, annotate_film, film_key, write_extras
from seqfer.errors import InputError, SeqferError, SettingsError
from seqfer.manifest import write_atomically
from seqfer.pool import check_jobs, run_units
from seqfer.video.source import shown_name

Result = dict[str, Any]
TABLES, SECONDS = ("frames.csv", "frames.parquet", "tracks.csv"), "valence_1hz.csv"


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
    wanted: Wanted,
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
    with tempfile.TemporaryDirectory() as told:
        plan = _Plan(settings, wanted, resume, Path(told))
        run_units(_one, plan, list(enumerate(films)), jobs=jobs, what="films", quiet=quiet)
        return [json.loads((Path(told) / f"{number}.json").read_text(encoding="utf-8")) for number in range(len(films))]


class _Plan:
    """What every worker needs; `told` is the folder in which each leaves what came of its film."""

    def __init__(self, settings: AnnotateSettings, wanted: Wanted, resume: bool, told: Path) -> None:
        self.settings, self.wanted, self.resume, self.told = settings, wanted, resume, told


def _one(plan: _Plan, unit: tuple[int, tuple[str, Path]], note: Callable[[str], None]) -> str:
    number, (film, out) = unit
    try:
        result = _result(film, out, plan.settings, plan.wanted, plan.resume, True)
    except SeqferError as error:
        result = {"film": film, "out": str(out), "summary": None, "problem": str(error)}
    write_atomically(plan.told / f"{number}.json", json.dumps(result, default=str))
    return f"{film}: {result['problem'] or 'done'}"


def _result(
    film: str,
    out: Path,
    settings: AnnotateSettings,
    wanted: Wanted,
    resume: bool,
    quiet: bool,
) -> Result:
    summary = _finished(out) if resume else None
    if summary is None:
        summary = annotate_film(film, out, settings, wanted, resume=resume, quiet=quiet)
    else:
        _check_same(film, out, settings)
        write_extras(film, out, summary, wanted)
    problem = f"{summary['problem']}; the rows up to there are in {out}, marked partial" if summary["problem"] else None
    return {"film": film, "out": str(out), "summary": summary, "problem": problem}


def _finished(out: Path) -> dict[str, Any] | None:
    """The summary of a folder that is whole, or None."""
    try:
        summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(summary, dict) or not {"analysed", "film", "model", "settings", "speed"} <= summary.keys():
        return None
    tables = ("settings.json", *TABLES, *([SECONDS] if summary.get("valence") else []))
    return summary if all((out / name).is_file() for name in tables) else None


def _check_same(film: str, out: Path, settings: AnnotateSettings) -> None:
    """Raises InputError when a finished folder is not of this film and these settings."""
    file, now = out / "settings.json", film_key(film, settings)
    try:
        before = dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"{file}: cannot be read ({error}); give another --out") from None
    for name in sorted(now, key=lambda name: name.startswith("film")):  # a setting is the plainer word for what differs
        if before.get(name) != now[name]:
            raise InputError(
                f"{out} holds the finished results of {name} = {before.get(name)!r}, now {now[name]!r}; use the same, or another --out"
            )
