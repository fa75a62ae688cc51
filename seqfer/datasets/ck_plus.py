"""The extended Cohn-Kanade corpus, CK+ (Lucey et al. 2010, "The Extended Cohn-Kanade Dataset (CK+)", CVPR workshops; table 2 for the labels).

Corpus page: https://www.pitt.edu/~emotion/ck-spread.htm (signed agreement, research use). Every sequence runs from a neutral face to the
apex; only the 327 sequences with an emotion file are used, with all frames. Each clip gets one fixed square box: from the corpus' own
landmarks where available, else from Haar's frontal face on the first frame, else the central square; the notes count the three.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from seqfer.core.emotions import class_list
from seqfer.core.errors import InputError
from seqfer.core.numbers import decimal_number
from seqfer.core.records import Clip
from seqfer.corpus.manifest import Manifest, classes_of
from seqfer.corpus.published import compare, published
from seqfer.datasets._boxes import Box, box_from_points, central_box, haar_box
from seqfer.datasets._files import (
    entries,
    files_below,
    folders_named,
    odd_names_note,
    reference,
    shortened,
    verify_pictures,
    wrong_layout,
)
from seqfer.video.images import read_image

NAME = "ck+"
TITLE = "Extended Cohn-Kanade (CK+)"
LICENCE = "research use under a signed agreement; faces may not be shown except those the agreement lists; redistribution is not allowed"
SOURCE = "https://www.pitt.edu/~emotion/ck-spread.htm"
LAYOUT = (
    "cohn-kanade-images/S005/001/S005_001_00000001.png and Emotion/S005/001/S005_001_00000011_emotion.txt; "
    "Landmarks/ is used for the face box when present, FACS/ is ignored"
)

# Names of the folders of pictures, labels and landmarks: those of the corpus, and those of its archives.
_FOLDERS = (
    ("cohn-kanade-images", "extended-cohn-kanade-images"),
    ("Emotion", "Emotion_labels"),
    ("Landmarks",),
)
# The code in an emotion file, as the corpus' ReadMe lists them.
_CODES = dict(enumerate(("neutral", "anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise")))
_FRAME = re.compile(r"(S[0-9]{3}_[0-9]{3})_([0-9]{8})\.png", re.IGNORECASE)
_EMOTION = re.compile(r"(S[0-9]{3}_[0-9]{3})_([0-9]{8})_emotion\.txt", re.IGNORECASE)
_POINTS = 68


@dataclass(frozen=True)
class _Sequence:
    person: str
    name: str
    label: str
    frames: tuple[tuple[int, Path], ...]  # (frame number, picture), in time order

    @property
    def files(self) -> list[Path]:
        return [path for _, path in self.frames]


def prepare(root: Path, out: Path, *, classes: str = "all") -> Manifest:
    """The labelled sequences of a copy at `root` as clips of whole pictures with one face box per clip.

    `classes` is the name of a class list ("six" is the original Cohn-Kanade protocol). Every picture is opened once. Raises InputError for
    another layout, a damaged picture, an unknown label code; notes state what is missing in the copy.
    """
    places = [folders_named(root, names) if root.is_dir() else [] for names in _FOLDERS]
    images, emotion, landmarks = places
    if not images or not emotion:
        raise wrong_layout(root, TITLE, LAYOUT)
    wanted = class_list(classes)
    odd: list[str] = []
    labels = _labels(emotion, odd)
    sequences, notes = _sequences(images, labels, wanted, odd)
    if not sequences:
        raise wrong_layout(root, f"{TITLE} with a labelled sequence of the classes {', '.join(wanted)}", LAYOUT)
    verify_pictures(path for sequence in sequences for path in sequence.files)
    clips, ways = [], {"landmarks": 0, "Haar detector": 0, "central square": 0}
    points = {path.name.lower(): path for folder in landmarks for path in files_below(folder)}
    for sequence in tqdm(sequences, desc="face boxes", unit="clip", disable=None, leave=False):
        box, way = _box(sequence, points)
        ways[way] += 1
        frames = tuple(reference(path, out) for path in sequence.files)
        clips.append(
            Clip(sequence.name, sequence.person, sequence.label, frames, NAME, boxes_xyxy_px=(box,) * len(frames))
        )
    notes = compare(clips, published(NAME), wanted) + notes + odd_names_note(odd)
    notes.append("face boxes: " + ", ".join(f"{way} {count}" for way, count in ways.items() if count))
    found = classes_of(clips)
    return Manifest(NAME, found, tuple(clips), out.parent.resolve(), tuple(notes))


def _labels(emotion: Sequence[Path], odd: list[str]) -> dict[str, tuple[str, int]]:
    """Sequence name -> (label, number of the apex frame), from every emotion file below the folders; odd names are added to `odd`."""
    labels: dict[str, tuple[str, int]] = {}
    files = [(folder, file) for folder in emotion for file in files_below(folder)]
    for folder, file in files:
        if not file.name.lower().endswith("_emotion.txt"):
            continue
        match = _EMOTION.fullmatch(file.name)
        if not match:
            odd.append(f"{folder.name}/{file.relative_to(folder).as_posix()}")
            continue
        name, apex = match[1].upper(), int(match[2])
        label = _label(file)
        if labels.get(name, (label,))[0] != label:
            raise InputError(
                f"{file}: sequence {name} already has the label {labels[name][0]}, here it is {label}; keep one"
            )
        labels[name] = (label, apex)
    return labels


def _label(file: Path) -> str:
    try:
        code = decimal_number(file.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        code = None
    if code is None:
        raise InputError(
            f"{file}: not an emotion file; expected one number from 0 to 7, such as 3.0000000e+00"
        ) from None
    if code not in _CODES:
        known = ", ".join(f"{k} {v}" for k, v in _CODES.items())
        raise InputError(f"{file}: label code {code:g} is not in the vocabulary; allowed: {known}")
    return _CODES[int(code)]


def _sequences(
    images: Sequence[Path], labels: dict[str, tuple[str, int]], wanted: tuple[str, ...], odd: list[str]
) -> tuple[list[_Sequence], list[str]]:
    """All labelled sequences of the selected classes, and notes about what is missing; odd names are added to `odd`."""
    kept: list[_Sequence] = []
    seen: set[str] = set()
    gaps: list[str] = []
    unlabelled = 0
    people = [person for folder in images for person in entries(folder) if person.is_dir()]
    for folder in [take for person in people for take in entries(person) if take.is_dir()]:
        name = f"{folder.parent.name}_{folder.name}".upper()
        frames, strange = _frames(folder, name)
        odd += strange
        if not frames or name in seen:  # a second copy of the pictures in another folder
            continue
        if name not in labels:
            unlabelled += 1
            continue
        seen.add(name)
        label, apex = labels[name]
        if label not in wanted:
            continue
        numbers = [number for number, _ in frames]
        if numbers != list(range(1, len(numbers) + 1)) or apex > numbers[-1]:
            gaps.append(name)
        kept.append(_Sequence(folder.parent.name.upper(), name, label, tuple(frames)))
    lost = sorted(name for name, (label, _) in labels.items() if name not in seen and label in wanted)
    notes = [f"labelled but without pictures: {len(lost)} sequences, {shortened(lost)}"] if lost else []
    notes += [f"frames missing in {len(gaps)} sequences: {shortened(gaps)}"] if gaps else []
    notes += [f"{unlabelled} sequences without an emotion label left out"] if unlabelled else []
    return kept, notes


def _frames(folder: Path, name: str) -> tuple[list[tuple[int, Path]], list[str]]:
    frames, odd = [], []
    for path in entries(folder):
        match = _FRAME.fullmatch(path.name)
        if match and match[1].upper() == name and path.is_file():
            frames.append((int(match[2]), path))
        else:
            odd.append(f"{folder.parent.name}/{folder.name}/{path.name}")
    return sorted(frames), odd


def _box(sequence: _Sequence, landmarks: Mapping[str, Path]) -> tuple[Box, str]:
    first = read_image(sequence.files[0])
    height, width = first.shape[:2]
    points = [_points(landmarks.get(f"{path.stem}_landmarks.txt".lower())) for path in sequence.files]
    known = [p for p in points if p is not None]
    if known:
        return box_from_points(np.concatenate(known), width, height), "landmarks"
    box = haar_box(first)
    return (box, "Haar detector") if box else (central_box(width, height), "central square")


def _points(file: Path | None) -> np.ndarray | None:
    """(68 2) float64 in pixels, or None when the file is missing or not a landmark file: the box does not need it."""
    if file is None:
        return None
    try:
        rows = [
            [decimal_number(v) for v in line.split()]
            for line in file.read_text(encoding="ascii").splitlines()
            if line.strip()
        ]
    except (OSError, ValueError):
        return None
    if len(rows) != _POINTS or any(len(row) != 2 or None in row for row in rows):
        return None
    return np.array(rows, np.float64)
