"""A manifest of tiny drawn clips that a small net can tell apart in a second: what the tests of training and protocol run on."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from seqfer.core.records import Clip
from seqfer.corpus.manifest import Manifest, classes_of, write_manifest

LABELS = ("anger", "happiness", "surprise")


def write_mock(folder: Path, people: int = 8, size: int = 24, seed: int = 0, labels: tuple[str, ...] = LABELS) -> Path:
    """Write `mock.jsonl` and its stack of faces; each label is a bar that moves its own way, each person a grey level."""
    rng = np.random.default_rng(seed)
    frames: list[np.ndarray] = []
    clips = []
    for person in range(people):
        for index, label in enumerate(labels):
            length = int(rng.integers(3, 7))
            first = len(frames)
            for t in range(length):
                picture = rng.normal(90 + 10 * (person % 4), 12, (size, size))
                row = int((t + 1) / length * (size - 6))
                if index % 3 == 0:
                    picture[row : row + 5] += 80
                elif index % 3 == 1:
                    picture[:, row : row + 5] += 80
                else:
                    picture[row : row + 5, row : row + 5] += 120
                frames.append(picture.clip(0, 255).astype(np.uint8))
            refs = tuple(f"mock.npy#{first + t}" for t in range(length))
            clips.append(Clip(f"p{person}_{label}", f"p{person}", label, refs, "mock"))
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "mock.npy", np.stack(frames))
    write_manifest(Manifest("mock", classes_of(clips), tuple(clips), folder), folder / "mock.jsonl")
    return folder / "mock.jsonl"
