"""Chooses one of a file's axes by its name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from seqfer.core.errors import InputError

VALENCE = "valence"


def choose_axis(path: Path, axis: str | None, labels: Sequence[str]) -> int:
    """The index of the axis called `axis`, ignoring case; without a name, of the axis called valence, or of the only one.

    Raises InputError, listing the axes, where none has that name or the choice is ambiguous.
    """
    named = [label.lower() for label in labels]
    if axis is None and len(labels) == 1:
        return 0
    wanted = VALENCE if axis is None else axis.strip().lower()
    if wanted in named:
        return named.index(wanted)
    there = ", ".join(labels) or "none"
    if axis is None:
        raise InputError(f"{path}: no axis is called valence; choose one of {there}")
    raise InputError(f"{path}: no axis {axis!r}; it has {there}")
