"""The folder of a result: the one that is asked for, or one that exists only while the result is computed; folders of other commands."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from seqfer.core.errors import InputError, SettingsError
from seqfer.runs.lock import unlock_below


@contextmanager
def folder_of(out: str | os.PathLike[str] | None, resume: bool = False) -> Iterator[Path]:
    """The folder `out`; for None a folder that is removed at the end, also after an error. Raises SettingsError for `resume` without `out`.

    At the end the locks of runs in it are released: a program that imports seqfer goes on, and another one may use the folder.
    """
    if out is None and resume:
        raise SettingsError("resume=True continues what is in a folder; give the folder as out")
    with tempfile.TemporaryDirectory(prefix="seqfer-") if out is None else nullcontext() as passing:
        folder = Path(passing, "run") if passing is not None else Path(out or ".")
        try:
            yield folder
        finally:
            unlock_below(folder)


def check_folder(out: Path, own: str, *others: str) -> None:
    """Raises InputError where `out` is a file, or has one of `others` without `own`, which every run of this command writes."""
    if out.exists() and not out.is_dir():
        raise InputError(f"{out}: is a file, and --out is a folder; give another --out")
    if not (out / own).exists():
        for name in others:
            if (out / name).exists():
                raise InputError(f"{out} has a {name} of another command; give another --out")
