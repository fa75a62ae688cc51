"""A corpus of drawn stills with labels, votes and splits, that a small net learns in seconds."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from seqfer.core.records import Clip
from seqfer.corpus.manifest import Manifest, classes_of, write_manifest

LABELS = ("anger", "happiness", "surprise")


def write_stills(folder: Path) -> Path:
    """150 images of three classes, a third of them for testing, one test image marked as a copy."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 90, (150, 24, 24))
    clips = []
    for i, image in enumerate(images):
        kind = i % 3
        image[[slice(0, 12), slice(12, 24), slice(None)][kind], slice(8, 16) if kind == 2 else slice(None)] += 120
        votes = tuple(float(x) for x in np.eye(8)[[0, 4, 6][kind]] * 10)
        copy = {"duplicate": "exact"} if i == 2 else {}
        split = "PublicTest" if i < 50 else "Training"
        clips.append(
            Clip(
                f"row {i}",
                f"row {i}",
                LABELS[kind],
                (f"s.npy#{i}",),
                "drawn",
                split=split,
                votes=votes,
                attributes=copy,
            )
        )
    np.save(folder / "s.npy", images.astype(np.uint8))
    write_manifest(Manifest("drawn", classes_of(clips), tuple(clips), folder), folder / "drawn.jsonl")
    return folder / "drawn.jsonl"
