"""Corrections of an annotated video: what a person who watched it says of its faces, kept in `corrections.json` beside the tables and never in them.

They apply in their order: the numbers of faces in one are those after the ones before it. `seqfer.film.corrected_run` makes corrected tables.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from seqfer.core.errors import InputError
from seqfer.core.files import write_json
from seqfer.core.input_files import read_json
from seqfer.core.records import FaceRow
from seqfer.runs.names import CORRECTIONS_JSON

FORMAT_VERSION = 1
LONGEST_TEXT = 2000


@dataclass(frozen=True)
class Merge:
    """Two faces are one person, who gets the number `face`; `other` is no more."""

    face: int
    other: int

    def face_at(self, time_s: float, face: int) -> int | None:
        """The face that a row of this time and face has after the correction, None where it has none."""
        return self.face if face == self.other else face


@dataclass(frozen=True)
class Split:
    """From `at_s` on a face is another person, who gets the number `new_face`."""

    face: int
    at_s: float
    new_face: int

    def face_at(self, time_s: float, face: int) -> int | None:
        """As `Merge.face_at`."""
        return self.new_face if face == self.face and time_s >= self.at_s else face


@dataclass(frozen=True)
class Exclude:
    """Rows from `from_s` on and before `to_s` are wrong or not to be used: those of one face, or of all where `face` is None."""

    from_s: float
    to_s: float
    face: int | None = None
    text: str = ""

    def face_at(self, time_s: float, face: int) -> int | None:
        """As `Merge.face_at`."""
        return None if self.from_s <= time_s < self.to_s and self.face in (face, None) else face


@dataclass(frozen=True)
class Name:
    """The name of a face's person."""

    face: int
    text: str

    def face_at(self, time_s: float, face: int) -> int | None:
        """As `Merge.face_at`."""
        return face


@dataclass(frozen=True)
class Note:
    """A note at a time of the video."""

    at_s: float
    text: str

    def face_at(self, time_s: float, face: int) -> int | None:
        """As `Merge.face_at`."""
        return face


Correction = Merge | Split | Exclude | Name | Note
KINDS: dict[str, type[Correction]] = {
    "merge": Merge,
    "split": Split,
    "exclude": Exclude,
    "name": Name,
    "note": Note,
}
_FACES, _TIMES = ("face", "other", "new_face"), ("at_s", "from_s", "to_s")


def as_correction(value: Any, what: str) -> Correction:
    """A correction from its JSON object, such as {"action": "merge", "face": 1, "other": 3}; `what` begins messages.

    Raises InputError for an unknown action, missing or unknown keys, and values that cannot be.
    """
    action = value.get("action") if isinstance(value, dict) else None
    if action not in KINDS:
        raise InputError(f"{what}: {str(value)[:80]} is no correction; its action must be one of {', '.join(KINDS)}")
    given = {key: one for key, one in value.items() if key != "action"}
    for key, one in given.items():
        if not _fits(key, one):
            raise InputError(f"{what}: {action} cannot have {key} = {str(one)[:60]!r}; {_ALLOWED}")
    try:
        made = KINDS[action](**given)
    except TypeError:
        names = ", ".join(KINDS[action].__dataclass_fields__)
        raise InputError(f"{what}: {action} has {', '.join(given) or 'no keys'}; allowed are {names}") from None
    if isinstance(made, Exclude) and made.from_s >= made.to_s:
        raise InputError(f"{what}: exclude ends at {made.to_s:g} s, not after {made.from_s:g} s")
    if isinstance(made, Merge) and made.face == made.other:
        raise InputError(f"{what}: merge needs two different faces, not {made.face} twice")
    return made


_ALLOWED = f"faces are whole numbers from 1, times are seconds from 0, texts have at most {LONGEST_TEXT} characters"


def _fits(key: str, value: Any) -> bool:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if key in _FACES:
        return (whole and 0 < value < 2**31) or (key == "face" and value is None)
    if key in _TIMES:
        return (whole or isinstance(value, float)) and math.isfinite(value) and value >= 0
    return isinstance(value, str) and len(value) <= LONGEST_TEXT


def as_object(correction: Correction) -> dict[str, Any]:
    """The JSON object of a correction."""
    action = next(name for name, kind in KINDS.items() if isinstance(correction, kind))
    return {"action": action, **asdict(correction)}


def read_corrections(run: Path) -> tuple[Correction, ...]:
    """The corrections of a run folder, oldest first; none where there is no file. Raises InputError for a damaged file."""
    path = run / CORRECTIONS_JSON
    if not path.exists():
        return ()
    found = read_json(path, "mend or remove it")
    if (
        not isinstance(found, dict)
        or found.get("format_version") != FORMAT_VERSION
        or not isinstance(found.get("actions"), list)
    ):
        raise InputError(f"{path}: is no file of corrections of format_version {FORMAT_VERSION}; mend or remove it")
    return tuple(as_correction(one, f"{path}: action {n}") for n, one in enumerate(found["actions"], 1))


def write_corrections(run: Path, corrections: Sequence[Correction]) -> None:
    """Write the corrections of a run folder, whole or not at all. Raises InputError where the disk refuses."""
    actions = [as_object(one) for one in corrections]
    write_json(run / CORRECTIONS_JSON, {"format_version": FORMAT_VERSION, "actions": actions})


def corrected_face(corrections: Sequence[Correction], time_s: float, face: int) -> int | None:
    """The face that a row has after all corrections, None where it is excluded.

    >>> corrected_face([Split(1, 2.0, 5), Merge(3, 5)], 2.5, 1)
    3
    """
    found: int | None = face
    for correction in corrections:
        if found is None:
            return None
        found = correction.face_at(time_s, found)
    return found


def corrected_rows(rows: Iterable[FaceRow], corrections: Sequence[Correction]) -> Iterator[FaceRow]:
    """The rows after the corrections; a frame all of whose rows are excluded has one without a face.

    Raises InputError where a person would be in two places on one frame.
    """
    for _, group in groupby(rows, key=lambda row: row.frame):
        frame = list(group)
        kept: dict[int, FaceRow] = {}
        for row in frame:
            face = None if row.face is None else corrected_face(corrections, row.time_s, row.face)
            if face in kept:
                raise InputError(
                    f"after the corrections face {face} is in two places at {row.time_s:.3f} s; exclude one there, or do not merge them"
                )
            if face is not None:
                kept[face] = replace(row, face=face)
        yield from (kept[face] for face in sorted(kept))
        if not kept:
            yield FaceRow(frame[0].frame, frame[0].time_s, frame[0].shot)


def names_of(corrections: Sequence[Correction]) -> dict[int, str]:
    """Face -> the name of its person, after all corrections."""
    names: dict[int, str] = {}
    for correction in corrections:
        if isinstance(correction, Name):
            names[correction.face] = correction.text
        elif isinstance(correction, Merge) and correction.other in names:
            other = names.pop(correction.other)
            names.setdefault(correction.face, other)
    return names
