"""The folder of a result: the one that is asked for, or one that exists only while the result is computed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seqfer.core.errors import SettingsError


@contextmanager
def folder_of(out: str | os.PathLike[str] | None, resume: bool = False) -> Iterator[Path]:
    """The folder `out`; for None a folder that is removed at the end, also after an error. Raises SettingsError for `resume` without `out`."""
    if out is not None:
        yield Path(out)
        return
    if resume:
        raise SettingsError("resume=True continues what is in a folder; give the folder as out")
    with tempfile.TemporaryDirectory(prefix="seqfer-") as passing:
        yield Path(passing) / "run"
