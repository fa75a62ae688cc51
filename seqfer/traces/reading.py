"""Reads any annotation file, recognised by its content and not by its name, as traces in [-1, 1]."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from seqfer.core import registry
from seqfer.core.errors import InputError, SettingsError
from seqfer.traces.cells import read_head
from seqfer.traces.scaling import check_range
from seqfer.traces.trace import Trace

AUTO = "auto"
READERS = "traces.readers"
RUN = "run"  # the kind that reads folders
HEAD_BYTES = 65_536  # enough for every preamble
_Range = tuple[float, float]


@dataclass(frozen=True)
class TraceFormat:
    """One kind of annotation files: its description, the test of a file's beginning, and the reader (path, axis, range)."""

    about: str
    recognise: Callable[[str], bool]
    read: Callable[[Path, str | None, _Range | None], tuple[Trace, ...]]


@cache
def kinds() -> Mapping[str, TraceFormat]:
    """All readers by name, in the order in which they are tried: by `PRIORITY`, lowest first.

    A reader is a module of `seqfer/traces/readers/` with

    - `ABOUT`, one line that says what it reads;
    - `PRIORITY`, from 0 (files with a mark of their own) to 99 (accepts what no other reader does);
    - `recognise(head)`, whether the beginning of a file is of this kind;
    - `read(path, axis, value_range)`, the traces of a file; raises InputError, with the line where there is one.

    To add a kind, add one file.
    """
    modules = registry.find_all(READERS)
    in_order = sorted(modules, key=lambda name: (modules[name].PRIORITY, name))
    formats = {name: TraceFormat(modules[name].ABOUT, modules[name].recognise, modules[name].read) for name in in_order}
    return MappingProxyType(formats)


def read_traces(
    path: Path | str, *, kind: str = AUTO, axis: str | None = None, value_range: _Range | None = None
) -> tuple[Trace, ...]:
    """The traces of a file, or of a folder of `seqfer annotate-video`; several where it has several faces, tiers or columns.

    `kind` is one of `kinds()`, or `auto`. `axis` names the axis, column or tier that is valence; kinds that have one axis only (CARMA,
    samples, run) ignore it. `value_range` is the range of the values in files that do not state one; without it they must
    be in [-1, 1].
    Raises SettingsError for an unknown kind, InputError for a file that cannot be used, with its line where there is one.
    """
    path = Path(path)
    if kind != AUTO and kind not in kinds():
        raise SettingsError(f"unknown kind of trace {kind!r}; allowed: {AUTO}, {', '.join(kinds())}")
    if value_range is not None:
        check_range("value range", *value_range)
    if path.is_dir() and kind not in (AUTO, RUN):
        raise InputError(f"{path}: is a folder, and {kind} is a file; give the file")
    name = kind if kind != AUTO else RUN if path.is_dir() else recognise(path)
    return kinds()[name].read(path, axis, value_range)


def recognise(path: Path) -> str:
    """The format of a file, one of `kinds()`. Raises InputError when it cannot be read or has none of them."""
    head = read_head(path, HEAD_BYTES)
    if not head.strip():
        raise InputError(f"{path}: empty; export the annotation again")
    if "\0" not in head:
        found = next((name for name, kind in kinds().items() if kind.recognise(head)), None)
        if found:
            return found
    known = "; ".join(f"{name}: {kind.about}" for name, kind in kinds().items())
    raise InputError(f"{path}: no annotation of a known kind, or its header is missing; known are {known}")
