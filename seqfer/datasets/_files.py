"""Small steps that every corpus of picture files takes: look for folders, verify pictures, name frames, count what is odd."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from tqdm import tqdm

from seqfer.core.errors import InputError
from seqfer.video.images import read_image

SHOWN = 3  # how many names a message spells out before it only counts


def entries(folder: Path) -> list[Path]:
    """What a folder holds, sorted as people count (2 before 10), without hidden files such as .DS_Store. Raises InputError."""
    try:
        found = [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
    except OSError as error:
        raise InputError(f"{folder}: cannot be listed ({error.strerror}); give the corpus' folder") from None
    return sorted(found, key=lambda entry: natural(entry.name))


def natural(name: str) -> list[tuple[int, int, str]]:
    """A sort key that takes runs of digits as numbers."""
    parts = re.split(r"([0-9]+)", name)
    return [(1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts]


def content_words(folder: Path) -> str:
    """What lies in a folder, for a message: the first few names and how many more."""
    names = [entry.name + ("/" if entry.is_dir() else "") for entry in entries(folder)]
    return shortened(names) if names else "nothing"


def shortened(names: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def wrong_layout(root: Path, name: str, expected: str) -> InputError:
    """The one line for a folder that is no such corpus."""
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
    """How a manifest at `out` names a frame: relative where the file lies below the manifest's folder, absolute elsewhere."""
    path, home = path.resolve(), out.parent.resolve()
    return path.relative_to(home).as_posix() if path.is_relative_to(home) else path.as_posix()


def odd_names_note(odd: Sequence[str]) -> list[str]:
    """The note about files whose names do not fit the layout: reported and left out, never fatal."""
    return [f"{len(odd)} odd name{'s' if len(odd) > 1 else ''} left out: {shortened(odd)}"] if odd else []
