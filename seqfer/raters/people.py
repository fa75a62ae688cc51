"""Who is in which video, from a table of the study: a person who is in several videos is never on both sides of a division."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath

from seqfer.core.errors import InputError
from seqfer.core.input_files import read_text

ADVICE = "give a CSV with the columns film,person"


def read_people(path: Path) -> dict[str, str]:
    """Video -> person, from a CSV with the columns film and person. A video is named by its stem, or by its folders and stem (`P01/video`).

    Raises InputError.
    """
    try:
        rows = list(csv.DictReader(read_text(path, ADVICE).splitlines()))
    except csv.Error as error:
        raise InputError(f"{path}: cannot be read ({error}); {ADVICE}") from None
    if not rows or not {"film", "person"} <= rows[0].keys():
        raise InputError(f"{path}: has no columns film and person; give a CSV with both")
    people = dict[str, str]()
    for row in rows:
        if row["film"] and row["person"]:
            film, person = PureWindowsPath(str(row["film"]).strip()), str(row["person"]).strip()
            people |= {film.stem: person, film.with_suffix("").as_posix(): person}
    return people


def people_of(stems: Sequence[str], file: str) -> list[str]:
    """The person of each video, from a CSV with the columns film and person; without one (file "") every video is a person of its own.

    A stem may have folders, `P01/video`; a row may name it without them where no other video has this name. Raises InputError for a file that cannot
    be read or does not name a video.
    """
    if not file:
        return list(stems)
    people = read_people(Path(file))
    names = Counter(PurePosixPath(stem).name for stem in stems)
    found = []
    for stem in stems:
        name = PurePosixPath(stem).name
        person = people.get(stem) or (people.get(name) if names[name] == 1 else None)
        if not person:
            raise InputError(
                f"{file}: does not name {stem}; add it, or the same person may be on both sides of a division"
            )
        found.append(person)
    return found
