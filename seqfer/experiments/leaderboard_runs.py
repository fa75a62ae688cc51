"""Reads finished runs as rows of a leaderboard, each with its test protocol; the module of a kind of run makes its rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

from seqfer.core import registry
from seqfer.core.emotions import EMOTIONS
from seqfer.core.errors import InputError, SettingsError
from seqfer.core.one_line import one_line
from seqfer.models.meta import LARGEST_INPUT_PX
from seqfer.runs.finished import FinishedRun, finished_runs
from seqfer.runs.names import SETTINGS_JSON
from seqfer.runs.ranking import Network, Protocol, Ranked, Row
from seqfer.runs.records import read_object

__all__ = ["Groups", "Network", "Protocol", "Row", "read_runs"]

KINDS = "`seqfer cv`, `evaluate`, `train`, `ensemble` or `transfer`"
ROUNDING = 1e-9
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


def _ranked(run: FinishedRun) -> Ranked:
    """The protocol and the rows of a run. Anybody may have made its files, so what they say is checked before anything is built from it.

    Raises InputError, in one line that names the file and the value.
    """
    file = run.folder / run.module.FILE
    try:
        protocol, rows = run.module.ranked(run.folder, run.record)
    except (KeyError, IndexError, StopIteration, ValueError, ArithmeticError) as error:
        raise InputError(one_line(f"{file}: its parts do not fit together ({error!r}); run it again")) from None
    for name in protocol.classes:
        if name not in EMOTIONS:
            raise InputError(one_line(f"{file}: classes has {name[:60]!r}; allowed: {', '.join(EMOTIONS)}"))
    for row in rows:
        rates = {"error": row.error, "macro_f1": row.macro_f1, "ece": row.ece}
        wrong = next(
            (key for key, rate in rates.items() if not (math.isnan(rate) or -ROUNDING <= rate <= 1 + ROUNDING)), None
        )
        if wrong is not None or row.clips < 0:
            what = f"{wrong} is {rates[wrong]:g}, not from 0 to 1" if wrong else f"{row.clips} clips are counted"
            raise InputError(one_line(f"{file}: {what}; run it again"))
        for network in row.networks:
            _check_network(file, network)
    return protocol, rows


def _check_network(file: Path, network: Network) -> None:
    """Raises InputError for a model that is not of the package, or larger than any that it trains."""
    for kind, name in (("encoders", network.encoder), ("heads", network.head)):
        if "." in name:
            try:
                registry.find_builtin(kind, name)
            except SettingsError as error:
                raise InputError(one_line(f"{file}: {error}")) from None
    if not (0 <= network.input_size <= LARGEST_INPUT_PX and 0 < network.classes <= len(EMOTIONS)):
        raise InputError(
            f"{file}: a model of {network.classes} classes for faces of {network.input_size} pixels; allowed: "
            f"1 to {len(EMOTIONS)} classes and 0 to {LARGEST_INPUT_PX} pixels"
        )


def _read_run(folder: Path) -> list[Ranked]:
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; give run folders of {KINDS}")
    runs = finished_runs(folder)
    if not runs and (folder / SETTINGS_JSON).is_file():
        command = "cv" if "folds" in read_object(folder / SETTINGS_JSON) else "train"
        raise InputError(
            f"{folder}: the run is not finished; resume it with `seqfer {command} --out {folder} --resume`"
        )
    found = [_ranked(run) for run in runs if hasattr(run.module, "ranked")]
    if not found:
        raise _NotRankedError(f"{folder} has no run that can be ranked; give run folders of {KINDS}")
    return found
