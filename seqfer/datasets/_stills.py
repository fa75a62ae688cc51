"""Functions for corpora of portraits: find pictures by name, and one square face box per picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from seqfer.datasets._boxes import Box, central_box, haar_box
from seqfer.datasets._files import natural, wrong_layout
from seqfer.video.images import SUFFIXES


def pictures_below(root: Path, title: str, layout: str) -> list[Path]:
    """Every picture file at any depth, sorted with numbers by value; hidden files and macOS' `__MACOSX` are ignored.

    Raises InputError when the folder is missing or has none.
    """
    found = [
        path
        for path in root.rglob("*")
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and "__MACOSX" not in path.parts
    ]
    if not found:
        raise wrong_layout(root, title, layout)
    return sorted(found, key=lambda path: natural(path.relative_to(root).as_posix()))


def face_box(picture: np.ndarray) -> tuple[Box, str]:
    """The face in a portrait (height width) or (height width 3), and the method: Haar's detector or the central square."""
    box = haar_box(picture)
    return (box, "Haar detector") if box else (central_box(picture.shape[1], picture.shape[0]), "central square")


def box_note(ways: Mapping[str, int]) -> str:
    """The number of boxes by method."""
    return "face boxes: " + ", ".join(f"{way} {count}" for way, count in sorted(Counter(ways).items()) if count)
