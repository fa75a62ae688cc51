"""CMU Multi-PIE: 337 people in up to four sessions, 15 cameras, 20 lights, six expressions; more than 750,000 pictures.

Source: R. Gross, I. Matthews, J. Cohn, T. Kanade, S. Baker 2010, "Multi-PIE" (Image and Vision Computing 28); people per session and the
expression of each recording as there and in the distribution's documentation. Corpus page: http://www.multipie.org (licence for a fee).
Squint and scream are not emotions of the vocabulary: such pictures keep the word in the attribute `expression` and have no label, unless
`also` maps the word to an emotion. Only the frontal camera 05_1 is used unless `cameras` has more. The 20 pictures of a recording with
one camera are taken within a second, so they share one face box, found in the picture with frontal light.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from tqdm import tqdm

from seqfer.core.emotions import class_list
from seqfer.core.errors import InputError, SettingsError
from seqfer.core.records import Clip
from seqfer.corpus.manifest import Manifest, classes_of
from seqfer.corpus.published import published
from seqfer.datasets._boxes import Box
from seqfer.datasets._files import reference, verify_pictures
from seqfer.datasets._stills import box_note, face_box, named_pictures
from seqfer.video.images import read_image

TAKES = ("also",)  # options of `seqfer prepare` that only some corpora have
NAME = "multipie"
TITLE = "CMU Multi-PIE"
LICENCE = "research use under a licence agreement (fee); only the subjects listed there may be shown; redistribution is not allowed"
SOURCE = "http://www.multipie.org"
LAYOUT = (
    "multiview/SSS/session/EE/CC_C/SSS_session_EE_CCC_LL.png such as 001_01_02_051_07.png: "
    "subject, session, recording, camera, light"
)

# (session, recording) -> posed expression.
EXPRESSIONS = {
    ("01", "01"): "neutral",
    ("01", "02"): "smile",
    ("02", "01"): "neutral",
    ("02", "02"): "surprise",
    ("02", "03"): "squint",
    ("03", "01"): "neutral",
    ("03", "02"): "smile",
    ("03", "03"): "disgust",
    ("04", "01"): "neutral",
    ("04", "02"): "scream",
    ("04", "03"): "neutral",
}
# The paper's six expressions (khryashchev2018, table 2, in its order). Two are not emotions; in its six-class protocol their pictures get
# emotions that Multi-PIE does not have, which `also` gives and the manifest's notes state.
PAPER_WORDS = ("smile", "surprise", "disgust", "squint", "scream", "neutral")
PAPER_STAND_INS: Mapping[str, str] = MappingProxyType({"squint": "contempt", "scream": "fear"})
LABELS = {"neutral": "neutral", "smile": "happiness", "surprise": "surprise", "disgust": "disgust"}
FRONTAL = ("05_1",)
FRONT_LIGHT = "07"  # the flash beside the frontal camera
_NONE: Mapping[str, str] = MappingProxyType({})
_STEM = re.compile(r"([0-9]{3})_(0[0-9])_([0-9]{2})_([0-9]{2})([0-9])_([0-9]{2})")

_Picture = tuple[Path, re.Match[str]]
_Key = tuple[str, str, str, str]  # subject, session, recording, camera


def prepare(
    root: Path,
    out: Path,
    *,
    classes: str = "all",
    cameras: Sequence[str] = FRONTAL,
    also: Mapping[str, str] = _NONE,
) -> Manifest:
    """The pictures of a copy at `root` as clips of one frame with one face box.

    `classes` is the name of a class list; with "all", pictures without a label are kept. `cameras` are written as in the folders (05_1).
    `also` gives emotions for squint and scream ({"scream": "fear"}). Every picture used is opened. Raises InputError for another layout,
    an undocumented recording, or a damaged picture, SettingsError for a word in `also`; notes state what is missing in the copy.
    """
    stand_ins = _extra(also)
    labels = {**LABELS, **stand_ins}
    wanted = class_list(classes)
    everything, left_out = named_pictures(root, TITLE, LAYOUT, _STEM.fullmatch)
    there = sorted({_camera(match) for _, match in everything})
    taken = [(path, match) for path, match in everything if _camera(match) in cameras]
    kept = [(path, m) for path, m in taken if classes == "all" or labels.get(_expression(path, m)) in wanted]
    if not kept:
        raise InputError(
            f"{root}: no pictures of the cameras {', '.join(cameras)} and classes {', '.join(wanted)}; found cameras {', '.join(there)}"
        )
    verify_pictures(path for path, _ in kept)
    boxes, ways = _boxes(kept)
    clips = [_clip(path, match, labels.get(_expression(path, match)), boxes[_key(match)], out) for path, match in kept]
    stands = [f"{word} has the label {label}" for word, label in sorted(stand_ins.items())]
    notes = [
        *_people_notes(taken),
        *_unlabelled_notes(clips),
        *stands,
        box_note(ways) + " (one per recording and camera)",
    ]
    if len(taken) < len(everything):
        notes.append(f"{len(everything) - len(taken)} pictures of other cameras left out")
    return Manifest(NAME, classes_of(clips), tuple(clips), out.parent.resolve(), (*notes, *left_out))


def _extra(also: Mapping[str, str]) -> dict[str, str]:
    free = sorted(set(EXPRESSIONS.values()) - set(LABELS))
    for word, label in also.items():
        if word not in free or label not in class_list("all"):
            raise SettingsError(
                f"cannot take {word!r} as {label!r}; allowed: {' or '.join(free)} as one of {', '.join(class_list('all'))}"
            )
    return dict(also)


def _camera(match: re.Match[str]) -> str:
    return f"{match[4]}_{match[5]}"


def _key(match: re.Match[str]) -> _Key:
    return match[1], match[2], match[3], _camera(match)


def _expression(path: Path, match: re.Match[str]) -> str:
    session, recording = match[2], match[3]
    if (session, recording) not in EXPRESSIONS:
        known = ", ".join(f"{s}/{r} {word}" for (s, r), word in EXPRESSIONS.items())
        raise InputError(f"{path}: session {session} has no recording {recording}; allowed: {known}; remove it")
    return EXPRESSIONS[session, recording]


def _boxes(pictures: Sequence[_Picture]) -> tuple[dict[_Key, Box], Counter[str]]:
    """One box for each recording and camera."""
    chosen: dict[_Key, Path] = {}
    for path, match in pictures:
        if match[6] == FRONT_LIGHT:
            chosen[_key(match)] = path
        else:
            chosen.setdefault(_key(match), path)
    boxes, ways = {}, Counter[str]()
    for key, path in tqdm(chosen.items(), desc="face boxes", unit="recording", disable=None, leave=False):
        boxes[key], way = face_box(read_image(path))
        ways[way] += 1
    return boxes, ways


def _clip(path: Path, match: re.Match[str], label: str | None, box: Box, out: Path) -> Clip:
    words = {
        "session": match[2],
        "recording": match[3],
        "camera": _camera(match),
        "light": match[6],
        "expression": _expression(path, match),
    }
    frames = (reference(path, out),)
    return Clip(match[0], match[1], label, frames, NAME, boxes_xyxy_px=(box,), attributes=words)


def _people_notes(pictures: Sequence[_Picture]) -> list[str]:
    """Notes on differences from the published numbers of people, in total and in each session."""
    facts = published(NAME)
    found = {session: len({m[1] for _, m in pictures if m[2] == session}) for session in facts["people_by_session"]}
    wrong = [f"session {s} {found[s]} of {n}" for s, n in facts["people_by_session"].items() if found[s] != n]
    people = len({match[1] for _, match in pictures})
    if not wrong and people == facts["people"]:
        return []
    return [f"people: {people} of {facts['people']}" + "".join(f"; {words}" for words in wrong)]


def _unlabelled_notes(clips: Sequence[Clip]) -> list[str]:
    counts = Counter(clip.attributes["expression"] for clip in clips if clip.label is None)
    if not counts:
        return []
    words = ", ".join(f"{word} {count}" for word, count in sorted(counts.items()))
    return [f"no label in the vocabulary, kept with the attribute expression: {words}"]
