"""Reads finished runs as rows of a leaderboard, each with its test protocol; the module of a kind of run makes its rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from seqfer.core.errors import InputError
from seqfer.runs.finished import finished_runs
from seqfer.runs.names import SETTINGS_JSON
from seqfer.runs.ranking import Network, Protocol, Ranked, Row
from seqfer.runs.records import read_object

__all__ = ["Groups", "Network", "Protocol", "Row", "read_runs"]

KINDS = "`seqfer cv`, `evaluate`, `train`, `ensemble` or `transfer`"
Groups = dict[Protocol, list[Row]]


class _NotRankedError(InputError):
    """A folder of something else, such as a stress test."""


def read_runs(folders: Sequence[Path], note: Callable[[str], None] = lambda message: None) -> Groups:
    """The rows of all runs by protocol, in the order given; `note` is called for folders of other kinds, which are skipped.

    Raises InputError for a run that is not finished, states no test set, or is given twice, and when no run is left.
    """
    groups: Groups = {}
    seen: set[Path] = set()
    for folder in folders:
        if folder.resolve() in seen:
            raise InputError(f"{folder} is given twice; give each run once")
        seen.add(folder.resolve())
        try:
            found = _read_run(folder)
        except _NotRankedError as error:
            if len(folders) == 1:
                raise
            note(f"skipped: {error}")
            continue
        for protocol, rows in found:
            groups.setdefault(protocol, []).extend(rows)
    if not groups:
        raise InputError(f"none of {len(folders)} folders has a run that can be ranked; give run folders of {KINDS}")
    return groups


def _read_run(folder: Path) -> list[Ranked]:
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; give run folders of {KINDS}")
    runs = finished_runs(folder)
    if not runs and (folder / SETTINGS_JSON).is_file():
        command = "cv" if "folds" in read_object(folder / SETTINGS_JSON) else "train"
        raise InputError(
            f"{folder}: the run is not finished; resume it with `seqfer {command} --out {folder} --resume`"
        )
    found: list[Ranked] = [run.module.ranked(folder, run.record) for run in runs if hasattr(run.module, "ranked")]
    if not found:
        raise _NotRankedError(f"{folder} has no run that can be ranked; give run folders of {KINDS}")
    return found
