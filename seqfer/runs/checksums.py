"""The checksums of all files of a finished folder, in the format of `sha256sum`, so that `sha256sum -c checksums.sha256` verifies them too."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from seqfer.core.errors import InputError
from seqfer.core.files import file_checksum, write_atomically
from seqfer.runs.names import CHECKSUMS

_LINE = re.compile(r"([0-9a-f]{64})  ([^/\\\r\n]+)")


def write_checksums(folder: Path, names: Iterable[str]) -> None:
    """Write the checksums of those of these files that are there. Raises InputError when that fails."""
    lines = [f"{file_checksum(folder / name)}  {name}\n" for name in dict.fromkeys(names) if (folder / name).is_file()]
    write_atomically(folder / CHECKSUMS, "".join(lines))


def read_checksums(folder: Path) -> dict[str, str]:
    """Name -> checksum; lines that are damaged are left out. Empty where there is no such file."""
    try:
        text = (folder / CHECKSUMS).read_bytes().decode("ascii", "replace")
    except OSError:
        return {}
    return {match[2]: match[1] for line in text.splitlines() if (match := _LINE.fullmatch(line))}


def damaged_files(folder: Path, needed: Iterable[str] = ()) -> list[str]:
    """Those of the `needed` and of the recorded files that are missing or do not have their recorded checksum, in that order."""
    recorded = read_checksums(folder)
    return [name for name in dict.fromkeys((*needed, *recorded)) if not _is_whole(folder / name, recorded.get(name))]


def _is_whole(file: Path, checksum: str | None) -> bool:
    try:
        return checksum is not None and file_checksum(file) == checksum
    except InputError:
        return False
