"""The plan of a transfer: its settings, the division of people (or pictures), and the data that each unit of work needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from seqfer.core.errors import SettingsError
from seqfer.core.records import Clip, Fold
from seqfer.corpus.folds import make_folds
from seqfer.experiments.clip_plan import ClipPlan, Part, read_part_file
from seqfer.experiments.transfer.settings import TransferSettings
from seqfer.experiments.transfer.stages import Unfreezing

PROTOCOLS = {
    "person": "person-disjoint",
    "plain": "plain image split (savoiu2017): people recur in all parts",
}
TENTHS = 10  # 80-10-10: one tenth for testing, one for validation
ZERO_SHOT, SCRATCH = "zero-shot", "scratch"
ROW_TITLES = {ZERO_SHOT: "as it came (zero-shot)", SCRATCH: "from scratch"}


@dataclass(frozen=True, kw_only=True)
class Plan(ClipPlan):
    """The clips with their divisions: the folds of each protocol, whose parts under the plain protocol are sets of clip names in place of people.
    `trained_checksums` are, of one division by each protocol, those of the clips to train on."""

    settings: TransferSettings
    corpus: str
    encoder: str
    steps: tuple[Unfreezing, ...]
    divisions: dict[str, tuple[Fold, ...]]
    trained_checksums: dict[str, str] = field(default_factory=dict)

    @property
    def units(self) -> list[tuple[str, int]]:
        """(protocol, fold) of every unit of work."""
        return [(protocol, fold.index) for protocol, folds in self.divisions.items() for fold in folds]

    @property
    def rows(self) -> tuple[str, ...]:
        """The rows scored in each unit, in the order of the table."""
        last = (SCRATCH,) if self.settings.from_scratch else ()
        return (ZERO_SHOT, *(step.name for step in self.steps), *last)

    def clips_of(self, protocol: str, part: frozenset[str]) -> np.ndarray:
        """Indices of the clips of a fold's part."""
        owners = self.people if protocol == "person" else self.names
        return np.array([i for i, owner in enumerate(owners) if owner in part], dtype=np.int64)

    def part_file(self, protocol: str, fold: int, row: str) -> Path:
        """File of a row's predictions for a fold's test clips; its weights are in the same folder while they are needed."""
        return self.named_part_file(f"{protocol}-fold{fold}-{row}")

    def read_part(self, protocol: str, fold: int, row: str) -> Part:
        """The predictions of a row for a fold's test clips."""
        return read_part_file(self.part_file(protocol, fold, row))


def divide(clips: Sequence[Clip], protocol: str, folds: int, seed: int) -> tuple[Fold, ...]:
    """Folds whose parts share no person, or under the plain protocol no clip: 80-10-10 once (`folds` 0), or `folds` that each test their share
    and validate on a tenth of everything. Classes are as even as possible."""
    if protocol == "plain":  # every clip counts as a person: the same division, ignoring people
        clips = [replace(clip, person=clip.clip) for clip in clips]
    people = len({clip.person for clip in clips})
    if not folds and people < TENTHS:
        raise SettingsError(
            f"80-10-10 needs {TENTHS} people or more, there are {people}; use --folds {max(2, people // 2)}"
        )
    parts = folds or TENTHS
    made = make_folds(clips, parts, seed, validation_share=1 / TENTHS / (1 - 1 / parts))
    return made if folds else made[:1]
