"""What the plans of cross-validations and of transfers share: the clips, where their faces are, and the files of finished units."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from seqfer.core.errors import InputError
from seqfer.core.files import without_nan, write_json
from seqfer.core.one_line import one_line
from seqfer.corpus.stills import ImageSet
from seqfer.runs.cache import open_array
from seqfer.runs.folder import run_of
from seqfer.runs.names import PARTS_FOLDER
from seqfer.runs.records import read_object

logger = logging.getLogger("seqfer")
CHECKSUM = "checksum"  # the key of a part's own checksum

Part = dict[
    str, Any
]  # what was predicted for the test clips of one fold: `clips` names them, `probabilities` are (clip class)


@dataclass(frozen=True, kw_only=True)
class ClipPlan:
    """What every unit of work needs to know of the clips, small enough to send to another process: arrays stay in files.

    `names` and `people` are those of the clips, `labels` (clip,) indices into `classes`, -1 without a label, `lengths` (clip,) their numbers
    of frames; `faces_file` has the faces of all frames in a row.
    """

    out: Path
    classes: tuple[str, ...]
    names: tuple[str, ...]
    people: tuple[str, ...]
    labels: np.ndarray
    lengths: np.ndarray
    faces_file: Path

    def frames_of(self, clips: np.ndarray, last: int | None = None) -> np.ndarray:
        """Indices (frame,) of the frames of these clips (clip,) in the stack of faces, or only of the `last` ones of each clip."""
        ends = np.cumsum(self.lengths)
        kept = self.lengths if last is None else np.minimum(self.lengths, last)
        frames = [np.arange(ends[c] - kept[c], ends[c]) for c in clips]
        return np.concatenate(frames) if frames else np.zeros(0, dtype=np.int64)

    def images_of(self, clips: np.ndarray, last: int | None = None) -> ImageSet:
        """The faces of these clips (clip,), each with its clip's label."""
        frames = self.frames_of(clips, last)
        faces = open_array(self.faces_file)
        return ImageSet(np.asarray(faces[frames]), np.repeat(self.labels, self.lengths)[frames])

    def clips_named(self, names: Sequence[str]) -> np.ndarray:
        """Indices (clip,) of the clips of these names."""
        index = {name: i for i, name in enumerate(self.names)}
        return np.array([index[name] for name in names], dtype=np.int64)

    def error_of(self, part: Mapping[str, Any]) -> float:
        """The share of a part's clips whose most probable class is not their label; NaN without clips."""
        if not part["clips"]:
            return float("nan")
        labels = self.labels[self.clips_named(part["clips"])]
        return float(np.mean(np.asarray(part["probabilities"]).argmax(1) != labels))

    def named_part_file(self, name: str) -> Path:
        """Where the part of this name is kept once it is finished; weights are kept beside it while they are needed."""
        return self.out / PARTS_FOLDER / f"{name}.json"


def write_part_file(file: Path, part: Mapping[str, Any]) -> None:
    """Write a finished part with a checksum of its content, its name and its run. Raises InputError when it cannot be written."""
    write_json(file, {**part, CHECKSUM: _checksum(file, part)})


def read_part_file(file: Path) -> Part:
    """A finished part. Raises InputError for a file that is missing, damaged or of another run."""
    part = read_object(file, "remove it and add --resume")
    if part.pop(CHECKSUM, None) != _checksum(file, part):
        raise InputError(f"{file}: damaged, or not of this run; remove it and add --resume")
    return part


def has_part_file(file: Path) -> bool:
    """Whether a part is finished. One that is damaged or of another run is said, and counts as missing: it is made again."""
    if not file.exists():
        return False
    try:
        read_part_file(file)
    except InputError:
        logger.warning(one_line(f"{file}: damaged, or not of this run; computed again"))
        return False
    return True


def _checksum(file: Path, part: Mapping[str, Any]) -> str:
    text = json.dumps([file.name, run_of(file), without_nan(part)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
