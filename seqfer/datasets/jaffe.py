"""JAFFE, the Japanese Female Facial Expression pictures: 213 grey portraits of ten women, seven posed expressions.

Source: M. Lyons, S. Akamatsu, M. Kamachi, J. Gyoba 1998, "Coding facial expressions with Gabor wavelets" (FG 1998);
https://zenodo.org/records/3451524. The label is the expression that was posed (`KA.AN1.39.tiff`: person KA, angry, first take, picture 39);
the raters' mean scores of the distribution are not read.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from tqdm import tqdm

from seqfer.core.emotions import class_list
from seqfer.core.errors import InputError
from seqfer.core.records import Clip
from seqfer.corpus.manifest import Manifest, classes_of
from seqfer.corpus.published import compare, published
from seqfer.datasets._files import reference, verify_pictures
from seqfer.datasets._stills import box_note, face_box, named_pictures
from seqfer.video.images import read_image

NAME = "jaffe"
TITLE = "Japanese Female Facial Expression (JAFFE)"
LICENCE = "non-commercial research use, on request; redistribution is not allowed; few pictures may be shown, as its terms say"
SOURCE = "https://zenodo.org/records/3451524"
LAYOUT = "KA.AN1.39.tiff: person, expression and take, number of the picture, all in one folder"

_CODES = {
    "AN": "anger",
    "DI": "disgust",
    "FE": "fear",
    "HA": "happiness",
    "NE": "neutral",
    "SA": "sadness",
    "SU": "surprise",
}
_STEM = re.compile(rf"([A-Z]{{2}})\.({'|'.join(_CODES)})([0-9])\.([0-9]{{1,3}})")


def prepare(root: Path, out: Path, *, classes: str = "all") -> Manifest:
    """The pictures of a copy at `root` as clips of one frame with one face box.

    `classes` is the name of a class list. Every picture taken is opened. Raises InputError for another layout or a damaged picture; notes
    state what is missing in the copy and which names do not fit.
    """
    wanted = class_list(classes)
    fits, left_out = named_pictures(root, TITLE, LAYOUT, _STEM.fullmatch)
    kept = [(path, match) for path, match in fits if _CODES[match[2]] in wanted]
    if not kept:
        raise InputError(
            f"{root}: no pictures of the classes {', '.join(wanted)}; JAFFE has {', '.join(_CODES.values())}"
        )
    verify_pictures(path for path, _ in kept)
    clips, ways = [], Counter[str]()
    for path, match in tqdm(kept, desc="face boxes", unit="picture", disable=None, leave=False):
        box, way = face_box(read_image(path))
        ways[way] += 1
        frames = (reference(path, out),)
        clips.append(Clip(match[0], match[1], _CODES[match[2]], frames, NAME, boxes_xyxy_px=(box,)))
    notes = [*compare(clips, published(NAME), wanted), box_note(ways), *left_out]
    return Manifest(NAME, classes_of(clips), tuple(clips), out.parent.resolve(), tuple(notes))
