"""A first study file for a folder of videos, with participants and stimuli guessed from the names of the files."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from seqfer.core.errors import InputError
from seqfer.study.plan import LONGEST_NAME
from seqfer.study.study_file import STUDY_TOML
from seqfer.video.suffixes import SUFFIXES
from seqfer.video.transcoding import ENDING

_PARTS = re.compile(r"([^\W_]+)[-_ ]+(.+)")
_NOT_IN_NAMES = re.compile(r"[^\w.-]+")
_HEAD = """\
# A study of seqfer: who watched what, and who rates the recordings. Check the names below, which were guessed from the files' names
# (P01_comedy.mp4, or P01/comedy.mp4: participant P01 watched the stimulus comedy). Paths start at the folder of this file. Then:
#   seqfer study status     what is rated and annotated
#   seqfer study rate       opens the pages on which the raters rate
#   seqfer study run        annotates the recordings that are not annotated
#   seqfer study report     compares model, raters and participants
title = {title}
raters = ["rater1", "rater2"]     # each gets a link of their own; [] lets anybody enter a name
ratings = "ratings"               # folder of the ratings
results = "results"               # folder of the annotated recordings

[rating]                          # settings of `seqfer rate`
axes = ["valence"]
order = "random"
# instructions = "instructions.md"
# practice = "practice.mp4"

[annotation]                      # settings of `seqfer annotate-video`
model = "compact"
faces_kept = "largest"
"""


def guessed_names(video: Path, folder: Path) -> tuple[str, str]:
    """(participant, stimulus) of a video in `folder`, by its file's name, or the names of its folder and its file.

    >>> guessed_names(Path("videos/P01_sad clip.mp4"), Path("videos")), guessed_names(Path("videos/P02/comedy.mp4"), Path("videos"))
    (('P01', 'sad-clip'), ('P02', 'comedy'))
    """
    inner = video.relative_to(folder).parts
    if len(inner) > 1:
        return _as_name(inner[-2]), _as_name(video.stem)
    parts = _PARTS.fullmatch(video.stem)
    return (_as_name(parts[1]), _as_name(parts[2])) if parts else (_as_name(video.stem), "stimulus")


def study_text(folder: Path) -> str:
    """The text of a study file for the videos in `folder` and its subfolders. Raises InputError where there is none, and where two videos seem to be
    of one participant and stimulus."""
    videos = _videos_in(folder)
    guessed = {video: guessed_names(video, folder) for video in videos}
    people, stimuli = (list(dict.fromkeys(names[side] for names in guessed.values())) for side in (0, 1))
    parts = [_HEAD.format(title=_quoted(folder.resolve().name))]
    parts += [f"[[stimulus]]\nname = {_quoted(name)}\n" for name in stimuli]
    parts += [f'[[participant]]\nname = {_quoted(name)}\n# group = "patients"\n' for name in people]
    seen = dict[tuple[str, str], Path]()
    for video, names in guessed.items():
        if names in seen:
            raise InputError(
                f"{seen[names]} and {video} both seem to be of participant {names[0]} and stimulus {names[1]}; rename one of them"
            )
        seen[names] = video
        parts.append(
            f"[[recording]]\nparticipant = {_quoted(names[0])}\nstimulus = {_quoted(names[1])}\n"
            f"video = {_quoted(video.relative_to(folder).as_posix())}\n"
            "offset_s = 0.0                    # the second of the recording at which the stimulus begins\n"
        )
    return "\n".join(parts)


def _videos_in(folder: Path) -> Sequence[Path]:
    if not folder.is_dir():
        raise InputError(f"{folder}: is not a folder; give the folder of the recordings")
    found = [
        p
        for p in sorted(folder.rglob("*"))
        if p.suffix.lower() in SUFFIXES and p.is_file() and not p.name.startswith(".")
    ]
    copies = {p.name for p in found if p.name.endswith(ENDING)}
    found = [p for p in found if p.stem + ENDING not in copies]  # a copy for browsers stands for its video
    if not found:
        raise InputError(
            f"{folder}: has no videos; put the recordings there, named PARTICIPANT_STIMULUS.mp4, then write {STUDY_TOML}"
        )
    return found


def _as_name(text: str) -> str:
    name = _NOT_IN_NAMES.sub("-", text.removesuffix(Path(ENDING).stem)).strip("-_.")[:LONGEST_NAME].rstrip(".-_")
    return name or "unnamed"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # a basic string of TOML has the same escapes
