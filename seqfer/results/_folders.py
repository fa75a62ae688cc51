"""The folder of a result: the one that is asked for, or one that exists only while the result is computed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from seqfer.core.errors import SettingsError
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
