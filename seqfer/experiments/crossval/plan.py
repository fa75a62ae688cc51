"""The plan of a cross-validation: everything that its results depend on and that every fold needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from seqfer.core.records import Fold
from seqfer.experiments.clip_plan import ClipPlan, Part, read_part_file
from seqfer.experiments.crossval.settings import CvSettings


@dataclass(frozen=True, kw_only=True)
class Plan(ClipPlan):
    """The clips with the folds of every repeat. `features_files` are empty where the encoder is trained in each fold; `valence` (frame,) are the
    traces of all clips, concatenated, empty for emotion."""

    settings: CvSettings
    features_files: tuple[Path, ...]
    repeats: tuple[tuple[Fold, ...], ...]
    valence: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def clips_of(self, people: frozenset[str]) -> np.ndarray:
        """Indices of these people's clips."""
        return np.array([i for i, person in enumerate(self.people) if person in people], dtype=np.int64)

    def part_file(self, repeat: int, fold: int, head: str) -> Path:
        """Where the part of a head is kept that was trained on a fold."""
        return self.named_part_file(f"repeat{repeat}-fold{fold}-{head}")

    def read_part(self, repeat: int, fold: int, head: str) -> Part:
        """The predictions of one trained head for its fold's test people."""
        return read_part_file(self.part_file(repeat, fold, head))
