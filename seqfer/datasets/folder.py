"""The user's own data: one folder per emotion, below it one per person, below that stills, or clips as folders of pictures or as video files.

Not a published corpus. Folders of people may be missing, as in many collections of stills, and the top folders may be splits. Pictures and
videos that show more than the face get one box per clip from Haar's frontal face on the first frame; where none is found, the whole picture
is used as the face, and the notes count these clips.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from seqfer import video
from seqfer.core.emotions import EMOTIONS, canonical, class_list
from seqfer.core.errors import InputError
from seqfer.core.records import Clip
from seqfer.corpus.manifest import Manifest, classes_of
from seqfer.datasets._boxes import Box, haar_box
from seqfer.datasets._files import (
    content_words,
    entries,
    odd_names_note,
    reference,
    shortened,
    verify_pictures,
    wrong_layout,
)
from seqfer.video.images import SUFFIXES, read_image

NAME = "folder"
TITLE = "Your own clips in folders"
LICENCE = "yours: use only pictures of people who agreed to it"
SOURCE = "your own recordings"
LAYOUT = (
    "label/person/clip/frames.png (or .jpg), label/person/clip.mp4, or stills as label/person/still.png or label/still.png, labels being "
    "emotions such as happiness or happy; folders train, test, ... may stand above the labels"
)
# Usual names of a split -> its name in a manifest.
SPLITS = {
    **dict.fromkeys(("train", "training"), "Training"),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "Validation"),
    **dict.fromkeys(("test", "testing"), "Test"),
    **{name.lower(): name for name in ("PublicTest", "PrivateTest")},
}

FACE_FILLS = 0.75  # of the shorter side: from this size of face on, a picture is a face crop already and gets no box


@dataclass(frozen=True)
class _Source:
    """A still, a video, or a folder of pictures; `person` is None where no folder names one."""

    path: Path
    label: str
    split: str | None
    person: str | None


def prepare(root: Path, out: Path, *, classes: str = "all") -> Manifest:
    """The clips below `root`, a still being a clip of one frame; a video's frames are named `label/person/clip.mp4#3`.

    `classes` is the name of a class list. Every picture is opened and every video decoded once. Raises InputError for another layout, a
    folder whose name is not an emotion, and a damaged picture or video.
    """
    if not root.is_dir():
        raise wrong_layout(root, TITLE, LAYOUT)
    wanted = class_list(classes)
    odd: list[str] = []
    found = [(split, _label_of(folder), folder) for split, folder in _label_folders(root, odd)]
    sources = [
        source
        for split, label, folder in found
        if label in wanted
        for source in _sources(folder, label, split, root, odd)
    ]
    if not sources:
        what = f"{TITLE} with a clip of the classes {', '.join(wanted)}" if classes != "all" else TITLE
        raise wrong_layout(root, what, LAYOUT)
    verify_pictures(path for source in sources for path in _pictures(source.path))
    notes = odd_names_note(odd)
    clips, shortfalls, turned = [], [], []
    for source in tqdm(sources, desc="clips", unit="clip", disable=None, leave=False):
        clip, lost, is_turned = _clip(source, root, out)
        clips.append(clip)
        shortfalls += [clip.clip] if lost else []
        turned += [clip.clip] if is_turned else []
    notes += _people_notes(sources)
    whole = [clip.clip for clip in clips if clip.boxes_xyxy_px is None]
    notes += (
        [f"the whole picture is taken as the face in {len(whole)} of {len(clips)} clips: {shortened(whole)}"]
        if whole
        else []
    )
    notes += (
        [f"fewer frames than the header says in {len(shortfalls)} videos: {shortened(shortfalls)}"]
        if shortfalls
        else []
    )
    if turned:
        notes.append(
            f"the face is upright only in a turned picture in {len(turned)} of the videos; store them upright: {shortened(turned)}"
        )
    return Manifest(NAME, classes_of(clips), tuple(clips), out.parent.resolve(), tuple(notes))


def _label_folders(root: Path, odd: list[str]) -> Iterator[tuple[str | None, Path]]:
    """(split, folder) of every label. Folders of `root` are splits where one has the name of a split."""
    has_splits = any(folder.is_dir() and folder.name.lower() in SPLITS for folder in entries(root))
    for entry in entries(root):
        if not entry.is_dir():
            odd.append(entry.name)
        elif not has_splits:
            yield None, entry
        elif entry.name.lower() not in SPLITS:
            raise InputError(
                f"{entry}: beside folders of splits, but not the name of a split ({', '.join(SPLITS)}); rename or move it"
            )
        else:
            for inner in entries(entry):
                if inner.is_dir():
                    yield SPLITS[entry.name.lower()], inner
                else:
                    odd.append(f"{entry.name}/{inner.name}")


def _label_of(folder: Path) -> str:
    try:
        return canonical(folder.name)
    except InputError:
        raise InputError(
            f"{folder}: {folder.name!r} is not in the vocabulary ({', '.join(EMOTIONS)}); expected {LAYOUT}; "
            f"{folder.parent} holds {content_words(folder.parent)}"
        ) from None


def _sources(label_folder: Path, label: str, split: str | None, root: Path, odd: list[str]) -> Iterator[_Source]:
    """Every clip below a label: stills, videos, and folders of pictures below a person's. Other files are added to `odd`."""

    def leave_out(*paths: Path) -> None:
        odd.extend(path.relative_to(root).as_posix() for path in paths)

    for entry in entries(label_folder):
        if not entry.is_dir():
            if _is_clip(entry):
                yield _Source(entry, label, split, None)
            else:
                leave_out(entry)
            continue
        for inner in entries(entry):
            inside = entries(inner) if inner.is_dir() else []
            strange = [file for file in inside if not _is_picture(file)]
            leave_out(*strange)
            if _is_clip(inner) or len(inside) > len(strange):
                yield _Source(inner, label, split, entry.name)
            elif not strange:
                leave_out(inner)


def _people_notes(sources: list[_Source]) -> list[str]:
    """Notes on how people are identified."""
    notes, nobody = [], [source for source in sources if source.person is None]
    if nobody:
        notes.append(
            f"no folder names the person in {len(nobody)} of {len(sources)} clips: each is its own person, so folds may separate clips of one person"
        )
    stills = [source for source in sources if source.person is not None and _is_picture(source.path)]
    if stills:
        people = list(dict.fromkeys(str(source.person) for source in stills))
        notes.append(
            f"{len(stills)} pictures are stills of {len(people)} people, by their folders: {shortened(people)}"
        )
    splits: dict[str, set[str | None]] = {}
    for source in sources:
        if source.person is not None:
            splits.setdefault(source.person, set()).add(source.split)
    torn = [person for person, seen in splits.items() if len(seen) > 1]
    if torn:
        who = "1 person is" if len(torn) == 1 else f"{len(torn)} people are"
        notes.append(f"{who} in more than one split: {shortened(torn)}")
    return notes


def _is_clip(path: Path) -> bool:
    """Whether a file is a still or a video."""
    return _is_picture(path) or (path.is_file() and path.suffix.lower() in video.SUFFIXES)


def _is_picture(path: Path) -> bool:
    return path.is_file() and path.suffix.lower() in SUFFIXES


def _pictures(source: Path) -> list[Path]:
    """The pictures of a clip or a still; a video has none."""
    return [path for path in (entries(source) if source.is_dir() else [source]) if _is_picture(path)]


def _clip(source: _Source, root: Path, out: Path) -> tuple[Clip, bool, bool]:
    """The clip, whether its video has fewer frames than its header states, and whether it seems to be stored sideways or upside down."""
    path, name = source.path, source.path.relative_to(root).as_posix()
    if pictures := _pictures(path):
        frames, box = tuple(reference(p, out) for p in pictures), _box(read_image(pictures[0]))
        lost = turned = False
    else:
        count, box, turned = _decoded(path)
        frames = tuple(f"{reference(path, out)}#{index}" for index in range(count))
        lost = count < video.probe(path).frames
    boxes = None if box is None else (box,) * len(frames)
    clip = Clip(name, source.person or name, source.label, frames, NAME, split=source.split, boxes_xyxy_px=boxes)
    return clip, lost, turned


def _decoded(source: Path) -> tuple[int, Box | None, bool]:
    """The number of frames that can be decoded from a video, the face box of its first one, and whether a face is found only in turns of that one."""
    count, box, turned = 0, None, False
    for index, _, picture in video.read_frames(source):
        if index == 0:
            box = _box(picture)
            turned = haar_box(picture) is None and any(
                haar_box(np.ascontiguousarray(np.rot90(picture, quarters))) is not None for quarters in (1, 2, 3)
            )
        count += 1
    return count, box, turned


def _box(picture: np.ndarray) -> Box | None:
    """The box of the face, or None where none is found or it fills the picture already."""
    box = haar_box(picture)
    if box is None or box[2] - box[0] >= FACE_FILLS * min(picture.shape[:2]):
        return None
    return box
