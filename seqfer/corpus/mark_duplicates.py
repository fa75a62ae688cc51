"""Marks duplicate still images in a corpus' manifest; `seqfer prepare` does so for every corpus of still images."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from tqdm import tqdm

from seqfer.corpus.duplicates import NEAR, copied_from_training, duplicate_notes, find_duplicates
from seqfer.corpus.faces import load_clip_faces
from seqfer.corpus.manifest import Manifest

SIZE_PX = 48  # of the faces that are compared


def mark_duplicates(manifest: Manifest) -> Manifest:
    """The manifest with notes on the number of duplicates, and the attribute `duplicate` on images outside Training with a copy there.

    Unchanged for clips of several frames, whose neighbouring frames are similar, and where the corpus' own reader has marked them already.
    """
    clips = manifest.clips
    if manifest.duplicates_marked or any(len(clip.frames) != 1 for clip in clips):
        return manifest
    pictures = tqdm(clips, desc="copies", unit="picture", disable=None, leave=False)
    faces = np.stack([load_clip_faces(manifest, clip, SIZE_PX)[0] for clip in pictures])
    duplicates, splits = find_duplicates(faces), [clip.split for clip in clips]
    notes = duplicate_notes(duplicates, splits, [clip.label for clip in clips], NEAR)
    marked = tuple(
        replace(clip, attributes={**clip.attributes, "duplicate": mark}) if mark else clip
        for clip, mark in zip(clips, copied_from_training(duplicates, splits), strict=True)
    )
    return replace(manifest, clips=marked, notes=(*manifest.notes, *notes), duplicates_marked=True)
