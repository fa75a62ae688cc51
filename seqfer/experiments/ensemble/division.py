"""Divides people into those an ensemble is fitted on and those it is scored on, and rejects test data used in fitting or training.

The part it is fitted on is held out from training: a split by name, or the people `seqfer train` held out, which are drawn again here from the
same seed and share (a smaller share is part of a larger one).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from seqfer.core.errors import InputError, SettingsError
from seqfer.corpus.face_stack import frame_faces
from seqfer.corpus.manifest import Manifest
from seqfer.corpus.same_data import is_recorded_as
from seqfer.corpus.stills import USUAL_HELD_BACK, ImageSet, of_split, split_off
from seqfer.experiments.ensemble.settings import FitSplit
from seqfer.models.single_face import SingleFaceModel
from seqfer.runs.cache import open_array


@dataclass(frozen=True)
class PersonSplit:
    """Two person-disjoint parts of one manifest, and a description of the first one."""

    fit: Manifest
    test: Manifest
    words: str


@dataclass(frozen=True)
class Fingerprints:
    """The contents of a part as sorted int64 hashes: names of its clips, its people, and the pixels of its pictures. Stored with a fitted ensemble,
    so that its fitting data can be recognised."""

    clips: np.ndarray
    people: np.ndarray
    pictures: np.ndarray


def divide(manifest: Manifest, members: Sequence[SingleFaceModel], part: FitSplit, split: str) -> PersonSplit:
    """The part to fit on and the part to test on. Raises SettingsError or InputError where they would share people, or where a member was
    trained on either."""
    if not part.fit_share:
        known = [m.meta.get("held_back") for m in members if m.meta.get("corpus") == manifest.corpus]
        part = replace(part, fit_share=min((share for share in known if share), default=USUAL_HELD_BACK))
    has_splits = any(clip.split for clip in manifest.clips)
    source = part.fit_split or (part.train_split if has_splits else "")
    if source and split in (source, ""):
        raise SettingsError(
            f"an ensemble fitted on people of {source} cannot be scored on {split or 'all clips'}: that is its own test set; "
            "give another --split or --fit-split"
        )
    if part.fit_split:
        fit, words = of_split(manifest, part.fit_split), f"split {part.fit_split}"
    else:
        fit = _kept_back(of_split(manifest, source), members[0], part)
        where = f"split {source}" if source else "all people"
        words = f"{part.fit_share:.0%} of {where}, drawn by people with seed {part.seed}"
    if source or split:
        test = of_split(manifest, split)
    else:  # a corpus without official splits is tested on everybody else
        inside = {clip.clip for clip in fit.clips}
        test = replace(manifest, clips=tuple(clip for clip in manifest.clips if clip.clip not in inside))
    _check_members(manifest, members, part, source, split)
    shared = sorted({clip.person for clip in fit.clips} & {clip.person for clip in test.clips})
    if shared:
        raise InputError(
            f"{len(shared)} people are fitted on and tested on (first: {shared[0]}); give a --fit-split of other people"
        )
    return PersonSplit(fit, test, words)


def _kept_back(trained: Manifest, member: SingleFaceModel, part: FitSplit) -> Manifest:
    """The clips of the people that `seqfer train` holds out, drawn by the same function."""
    file, lengths = frame_faces(trained, member.input_size, member.channels, trained.checksum())
    clip_of = np.repeat(np.arange(len(lengths)), lengths)
    people = [trained.clips[c].person for c in clip_of]
    _, kept = split_off(ImageSet(open_array(file), clip_of), people, part.fit_share, part.seed)
    chosen = set(kept.labels.tolist())
    if not chosen:
        raise InputError(f"no person can be held out from {len(set(people))} people; increase --fit-share")
    return replace(trained, clips=tuple(clip for c, clip in enumerate(trained.clips) if c in chosen))


def _check_members(
    manifest: Manifest, members: Sequence[SingleFaceModel], part: FitSplit, source: str, split: str
) -> None:
    """Checks the training data stated in each member's file; without it no check is possible. `source` is the split to fit on, or to draw from."""
    corpus = manifest.corpus
    for member in (m for m in members if m.meta.get("corpus") == corpus and m.meta.get("split") is not None):
        trained = member.meta["split"]
        own = f"{member.name} was trained on {trained or 'all'} of {corpus}"
        if "transferred" in member.meta and not is_recorded_as(
            of_split(manifest, trained), member.meta.get("data_checksum")
        ):
            raise SettingsError(f"{own} as `seqfer transfer` divided it; give the split.jsonl of that run as --data")
        if trained in (split, ""):  # without official splits both are empty, and the member was trained on all people
            raise SettingsError(f"{own}; score people not in its training: another --split or --data")
        if part.fit_split and trained == part.fit_split:
            raise SettingsError(f"{own}; fit on people not in its training: another --fit-split")
        if not part.fit_split and trained == source:
            _check_kept_back(own, member, part, of_split(manifest, source))


def _check_kept_back(own: str, member: SingleFaceModel, part: FitSplit, trained: Manifest) -> None:
    """Raises where the people drawn here are not those that the member's training held out."""
    seed, share, checksum = (member.meta.get(key) for key in ("seed", "held_back", "data_checksum"))
    if seed is not None and seed != part.seed:
        raise SettingsError(
            f"{own} with seed {seed}, including people that seed {part.seed} holds out; give --seed {seed} or a --fit-split"
        )
    if share is not None and share < part.fit_share:
        raise SettingsError(
            f"{own} and held out {share:.0%}, less than the {part.fit_share:.0%} to fit on; give a --fit-split or a lower --fit-share"
        )
    if checksum is not None and not is_recorded_as(trained, checksum):
        raise SettingsError(
            f"{own} in another version, so that its held-out people are unknown; give that version, or a --fit-split"
        )


def fingerprints(manifest: Manifest, faces: np.ndarray) -> Fingerprints:
    """The fingerprints of a manifest and its faces (frame height width)."""
    corpus = manifest.corpus
    names = [f"{corpus}\0{clip.clip}".encode() for clip in manifest.clips]
    people = [f"{corpus}\0{clip.person}".encode() for clip in manifest.clips]
    return Fingerprints(_hashes(names), _hashes(people), np.unique(picture_hashes(faces)))


def picture_hashes(faces: np.ndarray) -> np.ndarray:
    """(frame,) int64, equal for equal pictures."""
    return np.array([_hash(np.ascontiguousarray(face).tobytes()) for face in faces], np.int64)


def _hashes(texts: Sequence[bytes]) -> np.ndarray:
    return np.unique(np.array([_hash(text) for text in texts], np.int64))


def _hash(content: bytes) -> int:
    return int.from_bytes(hashlib.sha256(content).digest()[:8], "big", signed=True)


def clips_without_duplicates(
    manifest: Manifest, lengths: np.ndarray, faces: np.ndarray, others: np.ndarray
) -> np.ndarray:
    """(clip,) bool: clips without a picture (frame height width) among the hashes `others`."""
    copied = np.isin(picture_hashes(faces), others)
    found = np.zeros(len(lengths), dtype=bool)
    np.logical_or.at(found, np.repeat(np.arange(len(lengths)), lengths), copied)
    return ~found
