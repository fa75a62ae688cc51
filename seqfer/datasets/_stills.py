"""Functions for corpora of portraits: find pictures by name, and one square face box per picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from re import Match

import numpy as np

from seqfer.datasets._boxes import Box, central_box, haar_box
from seqfer.datasets._files import copies_note, files_below, odd_names_note, wrong_layout
from seqfer.video.images import SUFFIXES


def pictures_below(root: Path, title: str, layout: str) -> list[Path]:
    """Every picture file at any depth, sorted with numbers by value; hidden files and litter are ignored.

    Raises InputError when the folder is missing or has none.
    """
    found = [path for path in files_below(root) if path.suffix.lower() in SUFFIXES]
    if not found:
        raise wrong_layout(root, title, layout)
    return found


def named_pictures(
    root: Path, title: str, layout: str, fit: Callable[[str], Match[str] | None]
) -> tuple[list[tuple[Path, Match[str]]], list[str]]:
    """The pictures below `root` whose name fits the corpus, and the notes about the others, which are left out.

    `fit` gets the name in capitals without suffix. Of pictures of one name in several folders, as in an archive unzipped twice, the first is
    used. Raises InputError when no name fits.
    """
    found: dict[str, tuple[Path, Match[str]]] = {}
    odd, copies = [], []
    for path in pictures_below(root, title, layout):
        match = fit(path.stem.strip().upper())
        if match is None:
            odd.append(path.relative_to(root).as_posix())
        elif match[0] in found:
            copies.append(path.relative_to(root).as_posix())
        else:
            found[match[0]] = path, match
    if not found:
        raise wrong_layout(root, title, layout)
    return list(found.values()), [*copies_note(copies), *odd_names_note(odd)]


def face_box(picture: np.ndarray) -> tuple[Box, str]:
    """The face in a portrait (height width) or (height width 3), and the method: Haar's detector or the central square."""
    box = haar_box(picture)
    return (box, "Haar detector") if box else (central_box(picture.shape[1], picture.shape[0]), "central square")


def box_note(ways: Mapping[str, int]) -> str:
    """The number of boxes by method."""
    return "face boxes: " + ", ".join(f"{way} {count}" for way, count in sorted(Counter(ways).items()) if count)
