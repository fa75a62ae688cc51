"""Marks the stills of a corpus that occur twice, in its manifest: what `seqfer prepare` does for every corpus of stills."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from tqdm import tqdm

from seqfer.corpus.duplicates import NEAR, copied_from_training, duplicate_notes, find_duplicates
from seqfer.corpus.faces import load_clip_faces
from seqfer.corpus.manifest import Manifest

SIZE_PX = 48  # of the faces that are compared


def mark_duplicates(manifest: Manifest) -> Manifest:
    """With notes of how many stills occur twice, and the attribute `duplicate` on those outside Training that have a copy there.

    As it is for clips of several frames, whose neighbours are alike by nature, and where its own reader has looked already.
    """
    clips = manifest.clips
    if any(len(clip.frames) != 1 for clip in clips) or any(note.startswith("duplicates") for note in manifest.notes):
        return manifest
    pictures = tqdm(clips, desc="copies", unit="picture", disable=None, leave=False)
    faces = np.stack([load_clip_faces(manifest, clip, SIZE_PX)[0] for clip in pictures])
    duplicates, splits = find_duplicates(faces), [clip.split for clip in clips]
    notes = duplicate_notes(duplicates, splits, [clip.label for clip in clips], NEAR)
    marked = tuple(
        replace(clip, attributes={**clip.attributes, "duplicate": mark}) if mark else clip
        for clip, mark in zip(clips, copied_from_training(duplicates, splits), strict=True)
    )
    return replace(manifest, clips=marked, notes=(*manifest.notes, *notes))
