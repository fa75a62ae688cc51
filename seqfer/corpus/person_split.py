"""Splits a corpus by people into Training and Test, for corpora without official splits, and writes the splits into the manifest."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from seqfer.core.errors import InputError, SettingsError
from seqfer.corpus.folds import make_folds
from seqfer.corpus.manifest import Manifest

TRAINING, TEST = "Training", "Test"
FINEST = 20  # largest denominator of a share: 0.2 is 1/5, 0.15 is 3/20


def with_test_people(manifest: Manifest, share: float, seed: int) -> Manifest:
    """The manifest with the split Test for about this share of the clips, by whole people, with classes as even as possible; Training for the rest.

    Equal seeds give equal people. Raises SettingsError for a share outside 0.05 to 0.5 or too few people for it, InputError where the corpus
    has official splits.
    """
    official = sorted({clip.split for clip in manifest.clips if clip.split})
    if official:
        raise InputError(f"{manifest.corpus} has official splits ({', '.join(official)}); omit --test-share")
    if not 0.05 <= share <= 0.5:
        raise SettingsError(f"test share is {share}; allowed: 0.05 to 0.5")
    part = Fraction(share).limit_denominator(FINEST)
    if len(manifest.people) < part.denominator:
        raise SettingsError(
            f"{len(manifest.people)} people; a test share of {share} needs {part.denominator} or more: give another --test-share"
        )
    folds = make_folds(manifest.clips, part.denominator, seed, validation_share=0)
    tested = frozenset[str]().union(*(fold.test for fold in folds[: part.numerator]))
    clips = tuple(replace(clip, split=TEST if clip.person in tested else TRAINING) for clip in manifest.clips)
    count = sum(clip.split == TEST for clip in clips)
    note = f"split by people with seed {seed}: {TEST} {len(tested)} people, {count} clips ({count / len(clips):.1%})"
    return replace(manifest, clips=clips, notes=(*manifest.notes, note))
