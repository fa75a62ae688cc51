"""Loads clips of one frame, as in still-image corpora, as arrays to train and test on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from seqfer.core.emotions import EMOTIONS
from seqfer.core.errors import InputError, SettingsError
from seqfer.core.records import Clip
from seqfer.corpus.face_stack import frame_faces
from seqfer.corpus.manifest import Manifest
from seqfer.runs.cache import open_array


@dataclass(frozen=True)
class ImageSet:
    """Faces with their labels: `images` (image height width) or (image height width 3) uint8, `labels` (image,) int64,
    `votes` (image, category) rater votes as fractions, rows of zeros where an image has none, `teacher_logits` (image, class) for distillation,
    `class_probabilities` (image, class) what is learned in place of the labels where the truth is spread over several classes."""

    images: np.ndarray
    labels: np.ndarray
    votes: np.ndarray | None = None
    teacher_logits: np.ndarray | None = None
    class_probabilities: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.images)


def of_split(manifest: Manifest, split: str) -> Manifest:
    """Only the clips of an official split; an empty name keeps all. For an unknown split raises SettingsError that lists the splits."""
    if not split:
        return manifest
    kept = tuple(clip for clip in manifest.clips if clip.split == split)
    if not kept:
        found = ", ".join(sorted({clip.split or "none" for clip in manifest.clips}))
        raise SettingsError(f"{manifest.corpus} has no split {split!r}; it has: {found}")
    return replace(manifest, clips=kept)


def labels_of(clips: Sequence[Clip], classes: Sequence[str]) -> np.ndarray:
    """Class indices (clip,). Raises InputError for a clip whose label is not among the classes."""
    index = {name: i for i, name in enumerate(classes)}
    for clip in clips:
        if clip.label not in index:
            raise InputError(f"clip {clip.clip}: label {clip.label!r} is not among the classes {', '.join(classes)}")
    return np.array([index[str(clip.label)] for clip in clips], dtype=np.int64)


def people_of_frames(manifest: Manifest) -> list[str]:
    """The person of every frame of all clips, in the manifest's order: one name per image of `image_set`."""
    return [clip.person for clip in manifest.clips for _ in clip.frames]


def image_set(manifest: Manifest, classes: Sequence[str], size: int, channels: int = 1) -> ImageSet:
    """Every frame as an image with its clip's label; rater votes as fractions where the corpus has them."""
    file, lengths = frame_faces(manifest, size, channels, manifest.checksum())
    votes = None
    if any(clip.votes is not None for clip in manifest.clips):
        width = len(next(clip.votes for clip in manifest.clips if clip.votes is not None))
        votes = np.array([clip.votes or (0.0,) * width for clip in manifest.clips], dtype=np.float32)
        votes = np.repeat(votes / np.maximum(votes.sum(1, keepdims=True), 1), lengths, axis=0)
    faces = open_array(file)
    return ImageSet(faces, np.repeat(labels_of(manifest.clips, classes), lengths), votes)


def votes_of(manifest: Manifest) -> np.ndarray:
    """Votes (image, emotion), zeros without votes. Raises InputError where no still has a vote, or a clip is not a still."""
    moving = next((clip.clip for clip in manifest.clips if len(clip.frames) > 1), None)
    if moving:
        raise InputError(
            f"clip {moving} has several frames; valence from votes is for stills, for clips see cv --task valence"
        )
    votes = np.array([clip.votes or (0.0,) * len(EMOTIONS) for clip in manifest.clips])
    if not votes.any():
        raise InputError(
            f"{manifest.corpus}: no still has rater votes; put fer2013new.csv (FER+) into the corpus' folder and prepare it again"
        )
    return votes


USUAL_HELD_BACK = 0.05  # fraction of the people, where an encoder's file does not state what its training held out


def split_off(data: ImageSet, people: Sequence[str], share: float, seed: int) -> tuple[ImageSet, ImageSet]:
    """(the rest, about the fraction `share` drawn by `seed`): the second is held out for choosing epochs and fitting the temperature.

    `people` has one name per image. Whole people are drawn, together with everyone who has an identical picture: a corpus of web pictures
    has duplicates, and a duplicate in each part would make the held-out scores too good.
    """
    from scipy.sparse import coo_matrix  # imported here, because it is slow
    from scipy.sparse.csgraph import connected_components

    same_person = np.unique(np.asarray(people), return_inverse=True)[1]
    same_picture = np.unique(np.ascontiguousarray(data.images).reshape(len(data), -1), axis=0, return_inverse=True)[
        1
    ].ravel()
    count = len(data)
    nodes = count + np.concatenate([same_person, same_person.max() + 1 + same_picture])
    size = int(nodes.max()) + 1
    edges = coo_matrix((np.ones(2 * count), (np.tile(np.arange(count), 2), nodes)), shape=(size, size))
    group = connected_components(edges, directed=False)[1][:count]
    order = np.random.default_rng(seed).permutation(np.unique(group))
    sizes = np.bincount(group)[order]
    drawn = np.isin(group, order[np.cumsum(sizes) <= round(share * count)])
    return take(data, np.flatnonzero(~drawn)), take(data, np.flatnonzero(drawn))


def take(data: ImageSet, index: np.ndarray) -> ImageSet:
    """The images of these indices (image,)."""
    others = (
        None if rows is None else rows[index] for rows in (data.votes, data.teacher_logits, data.class_probabilities)
    )
    return ImageSet(data.images[index], data.labels[index], *others)
