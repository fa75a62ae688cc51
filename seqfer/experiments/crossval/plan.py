"""The plan of a cross-validation: everything that its results depend on and that every fold needs."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from seqfer.core.records import Fold
from seqfer.experiments.crossval.settings import CvSettings


@dataclass(frozen=True)
class Plan:
    """The data of every unit, small enough to send to another process: arrays are in files.

    `labels` (clip,) are indices into `classes`, -1 without a label; `valence` (frame,) are the traces of all clips, concatenated, empty for emotion.
    """

    settings: CvSettings
    out: Path
    classes: tuple[str, ...]
    names: tuple[str, ...]
    people: tuple[str, ...]
    labels: np.ndarray
    lengths: np.ndarray
    faces_file: Path
    features_files: tuple[Path, ...]
    repeats: tuple[tuple[Fold, ...], ...]
    valence: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def clips_of(self, people: frozenset[str]) -> np.ndarray:
        """Indices of these people's clips."""
        return np.array([i for i, person in enumerate(self.people) if person in people], dtype=np.int64)

    def frames_of(self, clips: np.ndarray, last: int | None = None) -> np.ndarray:
        """Indices of the frames of these clips in the stack, or only the `last` ones of each clip."""
        ends = np.cumsum(self.lengths)
        kept = self.lengths if last is None else np.minimum(self.lengths, last)
        return (
            np.concatenate([np.arange(ends[c] - kept[c], ends[c]) for c in clips])
            if len(clips)
            else np.zeros(0, dtype=np.int64)
        )

    def part_file(self, repeat: int, fold: int, head: str) -> Path:
        return self.out / "parts" / f"repeat{repeat}-fold{fold}-{head}.json"

    def read_part(self, repeat: int, fold: int, head: str) -> dict[str, Any]:
        """The predictions of one trained head for its fold's test people."""
        return json.loads(self.part_file(repeat, fold, head).read_text())
