"""Reads labels of action units: those of DISFA and BP4D as their authors give them, and a CSV for any other corpus.

Sources: DISFA (Mavadati et al., IEEE Transactions on Affective Computing 4, 2013), folder `ActionUnit_Labels`: a file per person and action unit,
`SN001/SN001_au12.txt`, with lines `frame,intensity`, intensities from 0 to 5. BP4D (Zhang et al., Image and Vision Computing 32, 2014), folder
`AU_OCC`: a file per person and task, `F001_T1.csv`; the first row has the numbers of the action units, the first column those of the frames; 1 means
that the unit occurs, 0 that it does not, 9 that it could not be coded. The CSV: columns `video`, `frame`, `AU01`, `AU12`, ..., and `person` where
one is in several videos; an empty cell is not coded.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqfer.core.csv_text import csv_rows
from seqfer.core.errors import InputError
from seqfer.core.input_files import read_text
from seqfer.core.numbers import decimal_number, is_count, whole_number

DISFA, BP4D, TABLE = "disfa", "bp4d", "csv"
HIGHEST = 5.0  # the intensities A to E of FACS are 1 to 5
NOT_CODED = 9
_DISFA_NAME = re.compile(r"(?P<video>.+)_au(?P<unit>\d{1,2})\.txt", re.IGNORECASE)
_UNIT = re.compile(r"AU ?(\d{1,2})", re.IGNORECASE)
_ADVICE = "give the folder ActionUnit_Labels of DISFA, AU_OCC of BP4D, or a CSV with the columns video, frame, AU01, AU12, ..."


@dataclass(frozen=True)
class LabelledVideo:
    """The labels of one video: its name and person, the numbers of its frames in order (frame,), the action units, and the labels (frame, unit), NaN
    where not coded."""

    name: str
    person: str
    frames: NDArray[np.int64]
    units: tuple[int, ...]
    values: NDArray[np.float64]


@dataclass(frozen=True)
class AuLabels:
    """The labels of a corpus: their form (`disfa`, `bp4d` or `csv`), whether they are intensities or only say what occurs, and the videos."""

    kind: str
    intensities: bool
    videos: tuple[LabelledVideo, ...]

    @property
    def units(self) -> tuple[int, ...]:
        """All action units that are coded, in order."""
        return tuple(sorted({unit for video in self.videos for unit in video.units}))


def read_labels(path: Path, kind: str = "auto") -> AuLabels:
    """The labels in a file, or in a folder and its subfolders. Raises InputError, which names the file and the line, for what is none.

    Intensities are told from occurrences by the form, and in a CSV by whether a label is other than 0 and 1.
    """
    files = _files(path)
    kind = _kind(path, files) if kind == "auto" else kind
    videos = {DISFA: _disfa, BP4D: _bp4d, TABLE: _tables}[kind](path, files)
    values = np.concatenate([video.values.ravel() for video in videos])
    if np.isnan(values).all():
        raise InputError(f"{path}: has no line with labels; {_ADVICE}")
    intensities = kind == DISFA or (kind == TABLE and bool(np.any((values > 0) & (values != 1))))
    return AuLabels(kind, intensities, tuple(videos))


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise InputError(f"{path}: does not exist; {_ADVICE}")
    if not path.is_dir():
        return [path]
    found = (one for one in path.rglob("*") if one.suffix.lower() in (".txt", ".csv") and not one.name.startswith("."))
    return sorted(one for one in found if one.is_file())


def _kind(path: Path, files: Sequence[Path]) -> str:
    if any(_DISFA_NAME.fullmatch(file.name) for file in files):
        return DISFA
    for file in files:
        if file.suffix.lower() == ".csv" or len(files) == 1:
            lines = read_text(file, _ADVICE).splitlines()
            first = [cell.strip().lower() for cell in lines[0].split(",")] if lines else []
            if {"video", "frame"} <= set(first):
                return TABLE
            if len(first) > 1 and all(is_count(cell) for cell in first[1:]):
                return BP4D
    raise InputError(f"{path}: no labels of action units; {_ADVICE}")


def _disfa(path: Path, files: Sequence[Path]) -> list[LabelledVideo]:
    coded: dict[str, dict[int, dict[int, float]]] = {}
    for file in files:
        if not (name := _DISFA_NAME.fullmatch(file.name)):
            continue
        units = coded.setdefault(name["video"], {})
        if int(name["unit"]) in units:
            raise InputError(f"{file}: AU {name['unit']} of {name['video']} is in two files; remove one of them")
        units[int(name["unit"])] = labels = dict[int, float]()
        for line, row in _rows(file):
            frame, label = _as_wide(file, line, row, ("frame", "intensity"))
            _add(labels, file, line, frame, _intensity(file, line, label))
    if not coded:
        raise InputError(f"{path}: no files of DISFA (SN001_au12.txt); {_ADVICE}")
    return [_video(name, name, units) for name, units in coded.items()]


def _bp4d(path: Path, files: Sequence[Path]) -> list[LabelledVideo]:
    videos = {}
    for file in files:
        if file.suffix.lower() != ".csv":
            continue
        (_, head), *rows = _rows(file) or [(1, [])]
        if len(head) < 2 or not all(map(is_count, head[1:])) or len({*head[1:]}) < len(head[1:]):
            raise InputError(f"{file}: line 1: not the numbers of action units, each once; {_ADVICE}")
        if file.stem in videos:
            raise InputError(f"{file}: {file.stem} is in two files; remove one of them")
        units = {int(cell): dict[int, float]() for cell in head[1:]}
        for line, row in rows:
            frame, *cells = _as_wide(file, line, row, head)
            for labels, cell in zip(units.values(), cells, strict=True):
                _add(labels, file, line, frame, _occurrence(file, line, cell))
        coded = {unit: labels for unit, labels in units.items() if not np.isnan(list(labels.values())).all()}
        videos[file.stem] = _video(file.stem, file.stem.split("_")[0], coded)
    if not videos:
        raise InputError(f"{path}: no files of BP4D (F001_T1.csv); {_ADVICE}")
    return list(videos.values())


def _tables(path: Path, files: Sequence[Path]) -> list[LabelledVideo]:
    coded: dict[str, dict[int, dict[int, float]]] = {}
    people: dict[str, str] = {}
    for file in files:
        (_, head), *rows = _rows(file) or [(1, [])]
        places = {cell.lower(): k for k, cell in enumerate(head)}
        units = {int(found[1]): k for k, cell in enumerate(head) if (found := _UNIT.fullmatch(cell))}
        if not {"video", "frame"} <= places.keys() or not units:
            raise InputError(f"{file}: line 1: no columns video, frame and AU01, AU12, ...; {_ADVICE}")
        for line, row in rows:
            row = _as_wide(file, line, row, head)
            video, frame = row[places["video"]], row[places["frame"]]
            person = row[places["person"]] if "person" in places else video
            if not video or not person or people.setdefault(video, person) != person:
                raise InputError(f"{file}: line {line}: a video needs a name and one person in all its lines")
            for unit, k in units.items():
                labels = coded.setdefault(video, {}).setdefault(unit, {})
                _add(labels, file, line, frame, _intensity(file, line, row[k]) if row[k] else np.nan)
    if not coded:
        return [_video(path.name, path.name, {})]
    return [_video(name, people[name], units) for name, units in coded.items()]


def _rows(file: Path) -> list[tuple[int, list[str]]]:
    """(line number, cells without spaces around them) of all lines that are not empty."""
    try:
        rows = [[cell.strip() for cell in row] for row in csv_rows(read_text(file, _ADVICE))]
    except csv.Error as error:
        raise InputError(f"{file}: cannot be read as CSV ({error}); {_ADVICE}") from None
    return [(line, row) for line, row in enumerate(rows, 1) if any(row)]


def _as_wide(file: Path, line: int, row: list[str], head: Sequence[str]) -> list[str]:
    if len(row) != len(head):
        raise InputError(f"{file}: line {line}: {len(row)} cells under {len(head)} columns; give each column one")
    return row


def _add(labels: dict[int, float], file: Path, line: int, frame: str, value: float) -> None:
    number = whole_number(frame)
    if number is None or number < 0:
        raise InputError(f"{file}: line {line}: frame {frame!r}; allowed is a whole number from 0 on")
    if number in labels:
        raise InputError(f"{file}: line {line}: frame {number} a second time; give each frame one line")
    labels[number] = value


def _intensity(file: Path, line: int, cell: str) -> float:
    value = decimal_number(cell)
    if value is None or not 0 <= value <= HIGHEST:
        raise InputError(f"{file}: line {line}: label {cell!r}; allowed is an intensity from 0 to {HIGHEST:g}")
    return value


def _occurrence(file: Path, line: int, cell: str) -> float:
    if cell not in ("0", "1", str(NOT_CODED)):
        raise InputError(f"{file}: line {line}: label {cell!r}; allowed are 0, 1 and {NOT_CODED} (not coded)")
    return np.nan if cell == str(NOT_CODED) else float(cell)


def _video(name: str, person: str, coded: Mapping[int, Mapping[int, float]]) -> LabelledVideo:
    frames = sorted({frame for labels in coded.values() for frame in labels})
    units = tuple(sorted(coded))
    values = [[coded[unit].get(frame, np.nan) for unit in units] for frame in frames]
    return LabelledVideo(
        name, person, np.array(frames, np.int64), units, np.array(values, np.float64).reshape(len(frames), len(units))
    )
