"""KDEF, the Karolinska Directed Emotional Faces: 70 amateur actors, seven expressions, five angles, two sessions, 4,900 pictures.

Source: D. Lundqvist, A. Flykt, A. Oehman 1998, "The Karolinska Directed Emotional Faces" (CD-ROM, Karolinska Institutet);
https://www.kdef.se. The file name has all labels: `AF01ANS.JPG` = session A, female, identity 01, angry, straight. Two files of the
distribution are misnamed; they get the labels that follow from the files around them. Only straight views are used unless `angles` has more.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from seqfer.core.emotions import class_list
from seqfer.core.errors import InputError, SettingsError
from seqfer.core.records import Clip
from seqfer.corpus.manifest import Manifest, classes_of
from seqfer.corpus.published import compare, published
from seqfer.datasets._files import reference, shortened, verify_pictures
from seqfer.datasets._stills import box_note, face_box, named_pictures
from seqfer.video.images import read_image

NAME = "kdef"
TITLE = "Karolinska Directed Emotional Faces (KDEF)"
LICENCE = "non-commercial research use, on registration; only the stimuli listed there may be shown; redistribution is not allowed"
SOURCE = "https://www.kdef.se"
LAYOUT = "AF01/AF01ANS.JPG (or all in one folder): session A/B, sex F/M, identity 01-35, expression, angle"

ANGLES = {"FL": "full left", "HL": "half left", "S": "straight", "HR": "half right", "FR": "full right"}
_CODES = {
    "AF": "fear",
    "AN": "anger",
    "DI": "disgust",
    "HA": "happiness",
    "NE": "neutral",
    "SA": "sadness",
    "SU": "surprise",
}
_STEM = re.compile(rf"([AB])([FM])(0[1-9]|[12][0-9]|3[0-5])({'|'.join(_CODES)})({'|'.join(ANGLES)})", re.IGNORECASE)
_MISNAMED = {"AF31V": "AF31SAHL", "AM31H": "AM31SUHR"}  # as distributed


@dataclass(frozen=True)
class _Portrait:
    path: Path
    stem: str
    session: str
    sex: str
    identity: str
    label: str
    angle: str


def prepare(root: Path, out: Path, *, classes: str = "all", angles: Sequence[str] = ("S",)) -> Manifest:
    """The pictures of a copy at `root` as clips of one frame with one face box.

    `classes` is the name of a class list, `angles` are the views to use (FL HL S HR FR). Every picture used is opened. Raises InputError
    for another layout or a damaged picture, SettingsError for an unknown angle; notes state what is missing in the copy and which names do
    not fit, such as those of AKDEF's averaged faces. Files that are not pictures are ignored.
    """
    unknown = [angle for angle in angles if angle not in ANGLES]
    if unknown or not angles:
        raise SettingsError(f"angles {', '.join(unknown) or 'none'}; allowed: {', '.join(ANGLES)}")
    wanted = class_list(classes)
    named, left_out = named_pictures(root, TITLE, LAYOUT, _fit)
    everything = [_portrait(path, match) for path, match in named]
    kept = [portrait for portrait in everything if portrait.angle in angles and portrait.label in wanted]
    if not kept:
        found = ", ".join(sorted({portrait.angle for portrait in everything}))
        raise InputError(
            f"{root}: no picture of the angles {', '.join(angles)} and classes {', '.join(wanted)}; found angles {found}"
        )
    verify_pictures(portrait.path for portrait in kept)
    clips, ways = [], Counter[str]()
    for portrait in tqdm(kept, desc="face boxes", unit="picture", disable=None, leave=False):
        box, way = face_box(read_image(portrait.path))
        ways[way] += 1
        clips.append(
            Clip(
                clip=portrait.stem,
                person=portrait.sex + portrait.identity,
                label=portrait.label,
                frames=(reference(portrait.path, out),),
                corpus=NAME,
                boxes_xyxy_px=(box,),
                attributes={"session": portrait.session, "sex": portrait.sex, "angle": portrait.angle},
            )
        )
    notes = [*compare(clips, _expected(angles), wanted), box_note(ways)]
    renamed = [p.path.name for p in kept if p.path.stem.upper() in _MISNAMED]
    notes += [f"misnamed in the distribution, with corrected labels: {shortened(renamed)}"] if renamed else []
    left = len(everything) - len([portrait for portrait in everything if portrait.angle in angles])
    notes += [f"{left} pictures of other angles left out"] if left else []
    notes += left_out
    return Manifest(NAME, classes_of(clips), tuple(clips), out.parent.resolve(), tuple(notes))


def _fit(stem: str) -> re.Match[str] | None:
    return _STEM.fullmatch(_MISNAMED.get(stem, stem))


def _portrait(path: Path, match: re.Match[str]) -> _Portrait:
    session, sex, identity, code, angle = match.groups()
    return _Portrait(path, match[0], session, sex, identity, _CODES[code], angle)


def _expected(angles: Sequence[str]) -> dict[str, object]:
    """The published counts, which are per angle, for the angles taken."""
    facts = published(NAME)
    by_class = {label: count * len(set(angles)) for label, count in facts["clips_by_class"].items()}
    return {**facts, "clips_by_class": by_class}
