"""Reads the folders that FER+'s generate_training_data.py makes: FER2013Train, FER2013Valid and FER2013Test, each with its pictures and label.csv.

A line of label.csv has the name of a picture, its box, and the votes for eight emotions, for unknown and for no face
(https://github.com/microsoft/FERPlus, MIT; Barsoum et al. 2016, "Training deep networks for facial expression recognition with crowd-sourced
label distribution").
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from seqfer.core.emotions import EMOTIONS
from seqfer.core.errors import InputError
from seqfer.datasets._fer_csv import Votes, parse_votes

FOLDERS = {"fer2013train": "Training", "fer2013valid": "PublicTest", "fer2013test": "PrivateTest"}
LABELS = "label.csv"
_FIELDS = 12  # name, box, ten counts of votes


@dataclass(frozen=True)
class RatedPicture:
    """A picture, its split, its votes, and the emotion with the most votes; None where unknown, no face or two emotions have the most."""

    path: Path
    split: str
    label: str | None
    votes: Votes


def read_rated(files: Sequence[Path]) -> tuple[list[RatedPicture], list[str]]:
    """The pictures of the label files, and a note about those without a label. Raises InputError with file and line for an invalid line."""
    found = [picture for file in files for picture in _read(file) if picture.path.is_file()]
    none = sum(picture.label is None for picture in found)
    return found, [f"{none} images without a label: no emotion has the most FER+ votes"] if none else []


def _read(file: Path) -> Iterator[RatedPicture]:
    try:
        rows = list(csv.reader(file.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{file}: cannot be read as CSV ({error}); make it again") from None
    for line, row in enumerate(rows, 1):
        if not row:
            continue
        if len(row) != _FIELDS:
            raise InputError(
                f"{file}:{line}: {len(row)} fields; expected {_FIELDS}: picture, box and ten counts of votes"
            )
        votes = parse_votes([word.strip() for word in row[2:]], f"{file}:{line}")
        yield RatedPicture(file.parent / Path(row[0]).name, FOLDERS[file.parent.name.lower()], _majority(votes), votes)


def _majority(votes: Votes) -> str | None:
    if votes.emotions is None:
        return None
    counts = [*votes.emotions, votes.unknown, votes.no_face]
    most = [place for place, count in enumerate(counts) if count == max(counts)]
    return EMOTIONS[most[0]] if len(most) == 1 and most[0] < len(EMOTIONS) else None
