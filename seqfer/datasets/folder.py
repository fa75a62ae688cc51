"""People's own data: one folder per emotion, below it one per person, below that clips as folders of pictures or as video files.

No published corpus; the layout is seqfer's own. Pictures and videos that show more than the face get one box per clip from Haar's frontal
face on the first frame; where none is found, the whole picture counts as the face, and the notes say how often.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tqdm import tqdm

from seqfer import video
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
from seqfer.emotions import EMOTIONS, canonical, class_list
from seqfer.errors import InputError
from seqfer.images import SUFFIXES, read_image
from seqfer.manifest import Manifest, classes_of
from seqfer.records import Clip

NAME = "folder"
TITLE = "Your own clips in folders"
LICENCE = "yours: use only pictures of people who agreed to it"
SOURCE = "your own recordings"
LAYOUT = (
    "label/person/clip/frames.png (or .jpg) or label/person/clip.mp4, labels being emotions such as happiness or happy"
)

FACE_FILLS = 0.75  # of the shorter side: from here on a picture is a face crop already and is left as it is


def prepare(root: Path, out: Path, *, classes: str = "all") -> Manifest:
    """The clips below `root`; a video's frames are named `label/person/clip.mp4#3`.

    `classes` is the name of a class list. Every picture is opened and every video decoded once. Raises InputError for another layout, a
    folder whose name is no emotion, and a broken picture or video.
    """
    if not root.is_dir():
        raise wrong_layout(root, TITLE, LAYOUT)
    wanted = class_list(classes)
    odd: list[str] = []
    found = [(_label_of(folder, root), folder) for folder in entries(root) if folder.is_dir()]
    odd += [entry.name for entry in entries(root) if not entry.is_dir()]
    sources = [(label, source) for label, folder in found if label in wanted for source in _sources(folder, odd)]
    if not sources:
        what = f"{TITLE} with a clip of the classes {', '.join(wanted)}" if classes != "all" else TITLE
        raise wrong_layout(root, what, LAYOUT)
    verify_pictures(path for _, source in sources if source.is_dir() for path in _pictures(source))
    notes = odd_names_note(odd)
    clips, shortfalls = [], []
    for label, source in tqdm(sources, desc="clips", unit="clip", disable=None, leave=False):
        clip, lost = _clip(label, source, root, out)
        clips.append(clip)
        shortfalls += [clip.clip] if lost else []
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
    return Manifest(NAME, classes_of(clips), tuple(clips), out.parent.resolve(), tuple(notes))


def _label_of(folder: Path, root: Path) -> str:
    try:
        return canonical(folder.name)
    except InputError:
        raise InputError(
            f"{folder}: {folder.name!r} is not in the vocabulary ({', '.join(EMOTIONS)}); expected {LAYOUT}; "
            f"{root} holds {content_words(root)}"
        ) from None


def _sources(label_folder: Path, odd: list[str]) -> Iterator[Path]:
    """Every clip below a label: folders that hold pictures, and video files. Other things are added to `odd`."""
    for person in entries(label_folder):
        if not person.is_dir():
            odd.append(f"{label_folder.name}/{person.name}")
            continue
        for entry in entries(person):
            inside = [] if not entry.is_dir() else entries(entry)
            strange = [f for f in inside if not _is_picture(f)]
            odd += [f"{label_folder.name}/{person.name}/{entry.name}/{f.name}" for f in strange]
            if len(inside) > len(strange) or (entry.is_file() and entry.suffix.lower() in video.SUFFIXES):
                yield entry
            elif not strange:
                odd.append(f"{label_folder.name}/{person.name}/{entry.name}")


def _is_picture(path: Path) -> bool:
    return path.is_file() and path.suffix.lower() in SUFFIXES


def _pictures(folder: Path) -> list[Path]:
    return [path for path in entries(folder) if _is_picture(path)]


def _clip(label: str, source: Path, root: Path, out: Path) -> tuple[Clip, bool]:
    """The clip, and whether its video holds fewer frames than its header says."""
    name = source.relative_to(root).as_posix()
    if source.is_dir():
        paths = _pictures(source)
        frames, box, lost = tuple(reference(path, out) for path in paths), _box(read_image(paths[0])), False
    else:
        count, box = _decoded(source)
        frames = tuple(f"{reference(source, out)}#{index}" for index in range(count))
        lost = count < video.probe(source).frames
    boxes = None if box is None else (box,) * len(frames)
    return Clip(name, source.parent.name, label, frames, NAME, boxes_xyxy_px=boxes), lost


def _decoded(source: Path) -> tuple[int, Box | None]:
    """How many frames a video really yields, and the face box of its first one."""
    count, box = 0, None
    for index, _, picture in video.read_frames(source):
        box = _box(picture) if index == 0 else box
        count += 1
    return count, box


def _box(picture: np.ndarray) -> Box | None:
    """The face's box where a face is found that does not fill the picture already."""
    box = haar_box(picture)
    if box is None or box[2] - box[0] >= FACE_FILLS * min(picture.shape[:2]):
        return None
    return box
