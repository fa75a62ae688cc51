"""CK+48: cropped faces of the Cohn-Kanade sequences, 48x48 grey, one folder per emotion.

This common derivative of CK+ (Lucey et al. 2010) has the last three frames of each of the 327 labelled sequences, 981 pictures.
It has no page of its own; the terms of CK+ apply (https://www.pitt.edu/~emotion/ck-spread.htm). The pictures of a sequence become
one clip. Other selections of frames in the same layout (such as the neutral first frame and the apex) are accepted; notes state it.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from seqfer.core.emotions import canonical, class_list
from seqfer.core.errors import InputError
from seqfer.core.records import Clip
from seqfer.corpus.manifest import Manifest, classes_of
from seqfer.corpus.published import compare, published
from seqfer.datasets._files import (
    entries,
    files_below,
    odd_names_note,
    reference,
    shortened,
    verify_pictures,
    wrong_layout,
)

NAME = "ck48"
TITLE = "CK+48 (cropped faces of CK+)"
LICENCE = (
    "derived from CK+: research use under the CK+ agreement; faces may not be shown; redistribution is not allowed"
)
SOURCE = "https://www.pitt.edu/~emotion/ck-spread.htm (the agreement of CK+, from which it is derived)"
LAYOUT = "<emotion>/S010_004_00000017.png: one folder per emotion, files named subject_sequence_frame"

_FRAME = re.compile(r"(S[0-9]{3})_([0-9]{3})_([0-9]{8})\.png", re.IGNORECASE)
_Frames = dict[tuple[str, str], dict[int, Path]]  # (person, sequence) -> frame number -> picture


def prepare(root: Path, out: Path, *, classes: str = "all") -> Manifest:
    """The sequences of a copy at `root` as clips whose pictures are the face itself.

    `classes` is the name of a class list. Every picture is opened once. Raises InputError for another layout, a folder whose name is not an
    emotion, a sequence under two emotions, or a damaged picture; notes state what is missing in the copy.
    """
    if not root.is_dir():
        raise wrong_layout(root, TITLE, LAYOUT)
    wanted = class_list(classes)
    labels: dict[tuple[str, str], str] = {}
    sequences: _Frames = {}
    odd: list[str] = []
    folders = dict.fromkeys(path.parent for path in files_below(root) if path.parent != root)
    named = {folder: found for folder in folders if (found := _frames(folder, odd))}
    if not named:
        raise wrong_layout(root, TITLE, LAYOUT)
    for folder, found in named.items():
        label = _label_of(folder)
        for key, frames in found.items():
            if labels.setdefault(key, label) != label:
                raise InputError(
                    f"{folder}: sequence {'_'.join(key)} is also in the folder of {labels[key]}; keep it in one"
                )
            if label in wanted:
                sequences.setdefault(key, {}).update(frames)
    if not sequences:
        raise InputError(
            f"{root}: no pictures of the classes {', '.join(wanted)}; found {', '.join(sorted(set(labels.values())))}"
        )
    verify_pictures(path for frames in sequences.values() for path in frames.values())
    clips = [_clip(key, labels[key], frames, out) for key, frames in sorted(sequences.items())]
    facts = published(NAME)
    notes = compare(clips, facts, wanted) + _frame_notes(sequences, facts["frames_per_clip"]) + odd_names_note(odd)
    return Manifest(NAME, classes_of(clips), tuple(clips), out.parent.resolve(), tuple(notes))


def _frames(folder: Path, odd: list[str]) -> _Frames:
    """The pictures of one emotion's folder by sequence and frame number; names that do not fit are added to `odd`."""
    found: _Frames = {}
    for path in (entry for entry in entries(folder) if entry.is_file()):
        match = _FRAME.fullmatch(path.name)
        if match:
            found.setdefault((match[1].upper(), match[2]), {})[int(match[3])] = path
        else:
            odd.append(f"{folder.name}/{path.name}")
    return found


def _label_of(folder: Path) -> str:
    try:
        return canonical(folder.name)
    except InputError as error:
        raise InputError(f"{folder}: {error}; rename or remove the folder") from None


def _clip(key: tuple[str, str], label: str, frames: dict[int, Path], out: Path) -> Clip:
    ordered = tuple(reference(frames[number], out) for number in sorted(frames))
    return Clip("_".join(key), key[0], label, ordered, NAME)


def _frame_notes(sequences: _Frames, published_frames: int) -> list[str]:
    """Notes on clips that do not have the published three frames, and on clips with missing frames between."""
    notes = []
    lengths = Counter(len(frames) for frames in sequences.values())
    if set(lengths) != {published_frames}:
        words = ", ".join(f"{length} in {count}" for length, count in sorted(lengths.items()))
        notes.append(f"frames per clip: {words} sequences (published: {published_frames})")
    jumps = ["_".join(key) for key, frames in sorted(sequences.items()) if max(frames) - min(frames) >= len(frames)]
    if jumps:
        notes.append(f"frames are not consecutive in {len(jumps)} clips ({shortened(jumps)}): time steps are uneven")
    return notes
