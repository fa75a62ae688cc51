"""Functions for all corpora of picture files: list folders, verify pictures, name frames, report files that do not fit the layout."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from tqdm import tqdm

from seqfer.core.errors import InputError
from seqfer.video.images import read_image

# What file managers and archivers leave beside the files of a corpus; hidden files (a name that begins with a dot) are left out too.
_LITTER = frozenset({"__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini"})
SHOWN = 3  # how many names a message lists before it only counts


def entries(folder: Path) -> list[Path]:
    """The entries of a folder, sorted with numbers by value (2 before 10), without hidden files and litter such as Thumbs.db. Raises InputError."""
    try:
        found = [entry for entry in folder.iterdir() if not _is_litter(entry.name)]
    except OSError as error:
        raise InputError(f"{folder}: cannot be listed ({error.strerror}); give the corpus' folder") from None
    return sorted(found, key=lambda entry: natural(entry.name))


def _is_litter(name: str) -> bool:
    return name.startswith(".") or name.lower() in _LITTER


def files_below(root: Path) -> list[Path]:
    """Every file at any depth, sorted with numbers by value, without hidden files and litter, and without what lies in such folders."""
    found = [
        path
        for path in root.rglob("*")
        if not any(_is_litter(part) for part in path.relative_to(root).parts) and path.is_file()
    ]
    return sorted(found, key=lambda path: natural(path.relative_to(root).as_posix()))


def folders_named(root: Path, names: Iterable[str], depth: int = 3) -> list[Path]:
    """The folders below `root` with one of the names, in any case, at most `depth` levels down.

    Of folders of these names inside each other, as archives unzipped into folders of their own make them, only the innermost.
    """
    wanted, level, found = {name.lower() for name in names}, [root], list[Path]()
    for _ in range(depth):
        level = [entry for folder in level for entry in entries(folder) if entry.is_dir()]
        found += [folder for folder in level if folder.name.lower() in wanted]
    return [folder for folder in found if not any(folder in other.parents for other in found)]


def natural(name: str) -> list[tuple[int, int, str]]:
    """A sort key that compares digits as numbers."""
    parts = re.split(r"([0-9]+)", name)
    return [(1, int(part), "") if part.isascii() and part.isdecimal() else (0, 0, part) for part in parts]


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


def copies_note(copies: Sequence[str]) -> list[str]:
    """The note about files with a name that another folder of the copy has too, as folders unzipped twice make them."""
    files = "file" if len(copies) == 1 else "files"
    return (
        [f"{len(copies)} {files} left out whose name is in another folder too: {shortened(copies)}"] if copies else []
    )


def odd_names_note(odd: Sequence[str]) -> list[str]:
    """The note about files whose names do not fit the layout; they are left out without an error."""
    return [f"{len(odd)} odd name{'s' if len(odd) > 1 else ''} left out: {shortened(odd)}"] if odd else []
