"""Reads any annotation file, recognised by its content and not by its name, as traces in [-1, 1]."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from seqfer.core.errors import InputError, SettingsError
from seqfer.traces import carma, darma, elan, facereader, plain_csv, raw_log, run_folder, sewa
from seqfer.traces.cells import decode
from seqfer.traces.scaling import check_range
from seqfer.traces.trace import Trace

AUTO = "auto"
HEAD_BYTES = 65_536  # enough for every preamble
_Range = tuple[float, float]


@dataclass(frozen=True)
class TraceFormat:
    """One format of annotation files: its description, the test of a file's beginning, and the reader (path, axis, range)."""

    about: str
    recognise: Callable[[str], bool]
    read: Callable[[Path, str | None, _Range | None], tuple[Trace, ...]]


# In the order in which they are tried: the plain table matches files without the marks of any tool.
KINDS: Mapping[str, TraceFormat] = MappingProxyType(
    {
        "elan": TraceFormat("ELAN document", elan.recognise, elan.read),
        "run": TraceFormat("folder of annotate-video", run_folder.recognise, run_folder.read),
        "darma": TraceFormat("DARMA export", darma.recognise, darma.read),
        "carma": TraceFormat("CARMA export", carma.recognise, carma.read),
        "facereader": TraceFormat("FaceReader detailed log", facereader.recognise, facereader.read),
        "sewa": TraceFormat("SEWA or AVEC gold standard", sewa.recognise, sewa.read),
        "csv": TraceFormat("table with a column time_s", plain_csv.recognise, plain_csv.read),
        "samples": TraceFormat("headerless log of time and value", raw_log.recognise, raw_log.read),
    }
)


def read_traces(
    path: Path | str, *, kind: str = AUTO, axis: str | None = None, value_range: _Range | None = None
) -> tuple[Trace, ...]:
    """The traces of a file, or of a folder of `seqfer annotate-video`; several where it has several faces, tiers or columns.

    `kind` is one of `KINDS`, or `auto`. `axis` names the axis, column or tier that is valence; kinds that have one axis only (CARMA,
    samples, run) ignore it. `value_range` is the range of the values in files that do not state one; without it they must
    be in [-1, 1].
    Raises SettingsError for an unknown kind, InputError for a file that cannot be used, with its line where there is one.
    """
    path = Path(path)
    if kind != AUTO and kind not in KINDS:
        raise SettingsError(f"unknown kind of trace {kind!r}; allowed: {AUTO}, {', '.join(KINDS)}")
    if value_range is not None:
        check_range("value range", *value_range)
    if path.is_dir() and kind not in (AUTO, "run"):
        raise InputError(f"{path}: is a folder, and {kind} is a file; give the file")
    name = kind if kind != AUTO else "run" if path.is_dir() else recognise(path)
    return KINDS[name].read(path, axis, value_range)


def recognise(path: Path) -> str:
    """The format of a file, one of `KINDS`. Raises InputError when it cannot be read or has none of them."""
    try:
        with open(path, "rb") as file:
            head = decode(file.read(HEAD_BYTES))
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); check the path and that the copy is whole"
        ) from None
    if not head.strip():
        raise InputError(f"{path}: empty; export the annotation again")
    if "\0" not in head:
        found = next((name for name, kind in KINDS.items() if kind.recognise(head)), None)
        if found:
            return found
    known = "; ".join(f"{name}: {kind.about}" for name, kind in KINDS.items())
    raise InputError(f"{path}: no annotation of a known kind, or its header is missing; known are {known}")
