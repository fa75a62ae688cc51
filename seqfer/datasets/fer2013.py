"""FER2013: 35,887 grey faces of 48x48 from the web, seven emotions, three official splits; with FER+ votes where their file is in the same folder.

Sources: I. Goodfellow et al. 2013, "Challenges in Representation Learning: A report on three machine learning contests" (the counts per
class and split are those of the challenge's file); E. Barsoum et al. 2016, "Training deep networks for facial expression recognition with
crowd-sourced label distribution" (FER+, https://github.com/microsoft/FERPlus, labels MIT). Read are the CSV file, plain or gzipped, and
the folders of picture files into which it is often unpacked. The people in the pictures are unknown: each picture counts as a person of its own.
Pictures outside Training of which Training has a copy get the attribute `duplicate` ("exact" or "near"), for scores with and without them.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from seqfer.core.emotions import canonical, class_list
from seqfer.core.errors import InputError
from seqfer.core.files import write_atomically
from seqfer.core.numbers import is_count
from seqfer.core.records import Clip
from seqfer.corpus.duplicates import copied_from_training, duplicate_notes, find_duplicates
from seqfer.corpus.manifest import Manifest, classes_of
from seqfer.corpus.published import compare, published
from seqfer.datasets._fer_csv import ROWS, SIDE_PX, SPLITS, VOTES, Table, Votes, read_table, read_votes
from seqfer.datasets._fer_plus import FOLDERS, LABELS, read_rated
from seqfer.datasets._files import files_below, odd_names_note, wrong_layout
from seqfer.datasets._stills import pictures_below
from seqfer.video.images import read_image, with_channels

NAME = "fer2013"
TITLE = "FER2013"
LICENCE = "research use (challenge data; the pictures belong to those who put them on the web); FER+ votes: MIT"
SOURCE = "https://www.kaggle.com/c/challenges-in-representation-learning-facial-expression-recognition-challenge"
LAYOUT = (
    "fer2013.csv (emotion,pixels,Usage), also gzipped or in a tar or zip archive, optionally with fer2013new.csv (FER+) beside it; "
    "Kaggle's train.csv and test.csv; FER2013Train/label.csv with its pictures (FER+); "
    "<folder>/<emotion>/Training_3908.jpg, the file name giving the split; or train/<emotion>/1.png"
)

# Normalised correlation from which two pictures count as near copies. Measured on the pairs of Training and PublicTest: the two labels agree
# in 75 to 85 % for every step of 0.01 from 0.91 up to 1 and in fewer below (63 % at 0.88, 37 % at 0.85); of pairs drawn from 0.92 to 0.93,
# all ten were one photo, mostly with another agency's watermark.
NEAR = 0.93

# In the order in which they are used; those of the challenge and, last, archives.
_TABLES = ("fer2013.csv", "fer2013.csv.gz", "icml_face_data.csv", "fer2013.tar.gz", "fer2013.tar", "fer2013.zip")
_KAGGLE = ("train.csv", "test.csv")
_FOLDER_SPLITS = {
    **dict.fromkeys(("train", "training"), "Training"),
    **dict.fromkeys(("val", "valid", "validation"), "Validation"),
    "test": "Test",
    **{split.lower(): split for split in SPLITS},
}
_FILE = re.compile(rf"({'|'.join(SPLITS)})_.+", re.IGNORECASE)
_LABELS = class_list("fer2013")


@dataclass(frozen=True)
class _Images:
    """faces (image height width) uint8, and one entry per image in everything else; `votes` is empty where there are none."""

    faces: np.ndarray
    names: tuple[str, ...]
    people: tuple[str, ...]
    labels: tuple[str | None, ...]
    splits: tuple[str, ...]
    votes: tuple[Votes, ...]
    notes: tuple[str, ...]


def prepare(root: Path, out: Path, *, classes: str = "all") -> Manifest:
    """One clip per image; `root` is the CSV file, its folder, or a folder of picture files. `classes` is the name of a class list.

    The pixels of every image go to `<out stem>.faces.npy` beside `out`, uint8 (image, 48, 48), in the corpus' order. Raises InputError,
    with file and line, for an invalid table or votes that do not fit it; notes state what is missing in the copy and how many
    images are duplicates.
    """
    wanted = class_list(classes)
    images = _read(root)
    chosen = [
        index for index, label in enumerate(images.labels) if label in wanted or (label is None and classes == "all")
    ]
    if not chosen:
        found = ", ".join(sorted({label or "no label" for label in images.labels}))
        raise InputError(f"{root}: no images of the classes {', '.join(wanted)}; found {found}")
    duplicates = find_duplicates(images.faces, threshold=NEAR)
    copied = copied_from_training(duplicates, images.splits)
    stack = f"{out.stem}.faces.npy"
    clips = [_clip(images, index, f"{stack}#{index}", copied) for index in chosen]
    facts = published(NAME)
    notes = compare(clips, facts, wanted) + _split_notes(images.splits, facts["clips_by_split"]) + list(images.notes)
    notes += duplicate_notes(duplicates, images.splits, images.labels, NEAR)
    notes.append(
        "FER2013 does not say who is in the pictures: each image is its own person, folds by person are by image"
    )
    root = out.parent.resolve()
    manifest = Manifest(NAME, classes_of(clips), tuple(clips), root, tuple(notes), duplicates_marked=True)
    file = io.BytesIO()
    np.save(file, images.faces)
    write_atomically(out.parent / stack, file.getvalue())
    return manifest


def _read(root: Path) -> _Images:
    """The images of a file, or of what lies in a folder at any depth."""
    if root.is_file():
        return _from_tables([root], root.parent / VOTES)
    named: dict[str, Path] = {}
    files = sorted(files_below(root), key=lambda path: len(path.parts)) if root.is_dir() else []
    for path in files:
        named.setdefault(path.name.lower(), path)
    votes = named.get(VOTES, root / VOTES)
    for name in _TABLES:
        if name in named:
            return _from_tables([named[name]], votes)
    rated = [path for path in files if path.name.lower() == LABELS and path.parent.name.lower() in FOLDERS]
    if rated:
        return _from_rated(rated)
    kaggle = [named[name] for name in _KAGGLE if name in named]
    return _from_tables(kaggle, votes) if kaggle else _from_folders(root)


def _from_rated(files: Sequence[Path]) -> _Images:
    """FER+'s own folders: the label of a picture is the emotion with the most votes."""
    found, notes = read_rated(files)
    if not found:
        raise InputError(f"{files[0]}: none of the pictures it names is beside it; copy the whole folder again")
    names = tuple(f"{picture.path.parent.name}/{picture.path.stem}" for picture in found)
    return _Images(
        np.stack([_face(picture.path) for picture in found]),
        names,
        names,
        tuple(picture.label for picture in found),
        tuple(picture.split for picture in found),
        tuple(picture.votes for picture in found),
        ("labels are the emotions with the most FER+ votes", *notes),
    )


def _from_tables(files: Sequence[Path], beside: Path) -> _Images:
    """The images of a table, or of Kaggle's two, with the votes beside it."""
    tables = [read_table(file) for file in files]
    table, file = tables[0], files[0]
    if len(tables) > 1:
        codes, splits = sum((t.codes for t in tables), ()), sum((t.splits for t in tables), ())
        table = Table(np.concatenate([t.faces for t in tables]), codes, splits)
    votes: list[Votes] = []
    if "Test" in table.splits:
        note = f"no FER+ votes: {files[-1].name} does not say which rows of {VOTES} its images are"
    elif beside.is_file():
        votes = read_votes(beside, table, file)
        note = f"FER+ votes joined by row: {sum(v.emotions is not None for v in votes)} of {len(votes)} images have a vote for an emotion"
    else:
        note = f"no FER+ votes: {VOTES} is not beside {file.name}"
    count = len(table.codes)
    return _Images(
        table.faces,
        tuple(f"fer{row:07d}" for row in range(count)),  # as FER+ names them
        tuple(f"row {row}" for row in range(count)),
        tuple(None if code is None else _LABELS[code] for code in table.codes),
        table.splits,
        tuple(votes),
        (note,),
    )


def _from_folders(root: Path) -> _Images:
    """Pictures `<anything>/<emotion>/<Split>_<number>.jpg`, or `<split>/<emotion>/<anything>.jpg` where no name has the split.

    Their numbers are not rows of the table, so votes cannot be joined.
    """
    fits, odd = [], []
    pictures = pictures_below(root, TITLE, LAYOUT)
    for path in pictures:
        match = _FILE.fullmatch(path.stem)
        if match:
            fits.append((path, next(split for split in SPLITS if split.lower() == match[1].lower())))
        else:
            odd.append(path.relative_to(root).as_posix())
    if not fits:
        folders = [(path, _FOLDER_SPLITS.get(path.parent.parent.name.lower())) for path in pictures]
        fits = [(path, split) for path, split in folders if split is not None]
        odd = [path.relative_to(root).as_posix() for path, split in folders if split is None]
    if not fits:
        raise wrong_layout(root, TITLE, LAYOUT)
    progress = tqdm(fits, desc="pictures", unit="picture", disable=None, leave=False)
    names = tuple(path.relative_to(root).with_suffix("").as_posix() for path, _ in fits)
    labels = tuple(_folder_label(path.parent) for path, _ in fits)
    return _Images(
        np.stack([_face(path) for path, _ in progress]),
        names,
        names,
        labels,
        tuple(split for _, split in fits),
        (),
        (f"no FER+ votes: the pictures' numbers are not rows of {VOTES}", *odd_names_note(odd)),
    )


def _folder_label(folder: Path) -> str:
    if is_count(folder.name) and int(folder.name) < len(_LABELS):
        return _LABELS[int(folder.name)]
    try:
        return canonical(folder.name)
    except InputError as error:
        codes = f"or a code from 0 ({_LABELS[0]}) to {len(_LABELS) - 1} ({_LABELS[-1]})"
        raise InputError(f"{folder}: {error}, {codes}; rename or remove the folder") from None


def _face(path: Path) -> np.ndarray:
    picture = with_channels(read_image(path), 1)
    if picture.shape != (SIDE_PX, SIDE_PX):
        height, width = picture.shape
        raise InputError(f"{path}: {width}x{height} pixels; FER2013's pictures are {SIDE_PX}x{SIDE_PX}, copy it again")
    return picture


def _clip(images: _Images, index: int, frame: str, copied: Sequence[str]) -> Clip:
    votes = images.votes[index] if images.votes else Votes(None, 0, 0)
    words = {"duplicate": copied[index], "unknown": votes.unknown or "", "no_face": votes.no_face or ""}
    return Clip(
        clip=images.names[index],
        person=images.people[index],
        label=images.labels[index],
        frames=(frame,),
        corpus=NAME,
        split=images.splits[index],
        votes=votes.emotions,
        attributes={name: str(word) for name, word in words.items() if word},
    )


def _split_notes(splits: Sequence[str], expected: dict[str, int]) -> list[str]:
    found = Counter(splits)
    if all(found[split] == count for split, count in expected.items()):
        return []
    others = [f"{split} {count}" for split, count in sorted(found.items()) if split not in expected]
    words = [*(f"{k} {found[k]} of {v}" for k, v in expected.items()), *others]
    return [f"splits of the {ROWS} images: " + ", ".join(words)]
