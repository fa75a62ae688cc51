"""Finds the finished runs of a folder: which of the files that kinds of run write are there, and of which kind each is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from seqfer.core import registry
from seqfer.core.errors import InputError
from seqfer.runs.records import JsonObject, RunRecord, check_version, parse_record, read_object

KINDS = "runs.kinds"


@dataclass(frozen=True)
class FinishedRun:
    """One finished run: the module of its kind, its folder, and its record."""

    module: ModuleType
    folder: Path
    record: RunRecord


def kind_name(module: ModuleType) -> str:
    """The name of a kind of run as its files have it: that of its module, with hyphens."""
    return module.__name__.rpartition(".")[2].replace("_", "-")


def finished_runs(folder: Path) -> list[FinishedRun]:
    """The finished runs of a folder, in the order of their files' names.

    Raises InputError, in one line that names the file, for one that cannot be read or is of no known kind.
    """
    modules = list(registry.find_all(KINDS).values())
    there = sorted({module.FILE for module in modules if (folder / module.FILE).is_file()})
    return [read_run(folder / name, [module for module in modules if name == module.FILE]) for name in there]


def read_run(file: Path, modules: list[ModuleType]) -> FinishedRun:
    """The run of a file, of that one of the kinds which its `kind` names or, in a file of the version before, which recognises it."""
    values = read_object(file)
    check_version(values, file)
    module = _kind_of(values, file, modules)
    return FinishedRun(module, file.parent, parse_record(module.RECORD, values, file))


def _kind_of(values: JsonObject, file: Path, modules: list[ModuleType]) -> ModuleType:
    kind: Any = values.get("kind")
    for module in modules:
        recognise = getattr(module, "recognise", None)
        if kind == kind_name(module) or (kind is None and recognise is not None and recognise(values)):
            return module
    known = ", ".join(map(kind_name, modules))
    what = "names no kind of run, and no earlier version wrote such a file" if kind is None else f"kind is {kind!r}"
    raise InputError(f"{file}: {what}; this seqfer reads {known}: run it again")
