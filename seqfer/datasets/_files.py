"""Functions for all corpora of picture files: list folders, verify pictures, name frames, report files that do not fit the layout."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from tqdm import tqdm

from seqfer.core.errors import InputError
from seqfer.video.images import read_image

SHOWN = 3  # how many names a message lists before it only counts


def entries(folder: Path) -> list[Path]:
    """The entries of a folder, sorted with numbers by value (2 before 10), without hidden files such as .DS_Store. Raises InputError."""
    try:
        found = [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
    except OSError as error:
        raise InputError(f"{folder}: cannot be listed ({error.strerror}); give the corpus' folder") from None
    return sorted(found, key=lambda entry: natural(entry.name))


def natural(name: str) -> list[tuple[int, int, str]]:
    """A sort key that compares digits as numbers."""
    parts = re.split(r"([0-9]+)", name)
    return [(1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts]


def content_words(folder: Path) -> str:
    """The contents of a folder, for a message: the first few names and the number of others."""
    names = [entry.name + ("/" if entry.is_dir() else "") for entry in entries(folder)]
    return shortened(names) if names else "nothing"


def shortened(names: Sequence[str]) -> str:
    """The first few names, and the number of others."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def wrong_layout(root: Path, name: str, expected: str) -> InputError:
    """The error for a folder that is not such a corpus."""
    if not root.is_dir():
        what = "a file, not a folder" if root.is_file() else "no such folder"
        return InputError(f"{root}: {what}; {name} is expected as {expected}")
    return InputError(f"{root}: not {name}; expected {expected}; found {content_words(root)}")


def verify_pictures(paths: Iterable[Path]) -> None:
    """Opens every picture fully, with a progress bar on a terminal. Raises InputError that names the first broken ones."""
    broken, wanted = [], list(paths)
    for path in tqdm(wanted, desc="verifying pictures", unit="picture", disable=None, leave=False):
        try:
            read_image(path)
        except InputError as error:
            broken.append(str(error))
    if len(broken) == 1:
        raise InputError(broken[0])
    if broken:
        raise InputError(
            f"{len(broken)} of {len(wanted)} pictures are broken: {broken[0].partition(';')[0]}; also see {_others(broken)}"
        )


def _others(broken: Sequence[str]) -> str:
    return shortened([line.partition(": ")[0] for line in broken[1:]])


def reference(path: Path, out: Path) -> str:
    """The path of a frame in a manifest at `out`: relative for files below the manifest's folder, else absolute."""
    path, home = path.resolve(), out.parent.resolve()
    return path.relative_to(home).as_posix() if path.is_relative_to(home) else path.as_posix()


def odd_names_note(odd: Sequence[str]) -> list[str]:
    """The note about files whose names do not fit the layout; they are left out without an error."""
    return [f"{len(odd)} odd name{'s' if len(odd) > 1 else ''} left out: {shortened(odd)}"] if odd else []
