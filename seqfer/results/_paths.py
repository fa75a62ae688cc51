"""Arguments that are one path or several."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

AnyPath = str | os.PathLike[str]


def paths_of(given: AnyPath | Iterable[AnyPath]) -> list[Path]:
    """One path, or several, as a list."""
    return [Path(given)] if isinstance(given, str | os.PathLike) else [Path(one) for one in given]
