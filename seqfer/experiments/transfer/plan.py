"""What decides a transfer: its settings, how people (or pictures) are divided, and what each unit of work needs to know."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from seqfer.core.emotions import class_list
from seqfer.core.errors import SettingsError
from seqfer.core.records import Clip, Fold
from seqfer.corpus.folds import make_folds
from seqfer.experiments.transfer.stages import Unfreezing
from seqfer.training.image_loop import ImageTraining

PROTOCOLS = {
    "person": "person-disjoint",
    "plain": "plain image split (savoiu2017): people recur in all parts",
}
TENTHS = 10  # 80-10-10: one tenth is tested, one validates
ZERO_SHOT, SCRATCH = "zero-shot", "scratch"
ROW_TITLES = {ZERO_SHOT: "as it came (zero-shot)", SCRATCH: "from scratch"}


@dataclass(frozen=True)
class TransferSettings:
    """`unfreeze` is the last step, `stages` are steps on the way; `protocols` of `PROTOCOLS`; `folds` 0 is one 80-10-10 division. Learning rates of
    `training` fall from the classifier to the input by `layer_decay` a stage."""

    model: str = "compact"
    data: str = ""
    classes: str = ""
    unfreeze: str = "last:2"
    stages: tuple[str, ...] = ()
    protocols: tuple[str, ...] = ("person",)
    folds: int = 0
    from_scratch: bool = False
    seed: int = 0
    half: bool = True
    head_training: ImageTraining = field(
        default_factory=lambda: ImageTraining(
            epochs=8, batch_size=32, optimizer="adamw", learning_rate=3e-3, warmup_epochs=0.5, cutout=0.3, augment=0.7
        )
    )
    training: ImageTraining = field(
        default_factory=lambda: ImageTraining(
            epochs=10,
            batch_size=32,
            optimizer="adamw",
            learning_rate=5e-4,
            weight_decay=0.01,
            warmup_epochs=0.5,
            cutout=0.3,
            augment=0.7,
            layer_decay=0.7,
        )
    )
    scratch_training: ImageTraining = field(default_factory=lambda: ImageTraining(epochs=30, batch_size=32))

    def __post_init__(self) -> None:
        if self.folds < 0 or self.folds == 1:
            raise SettingsError(f"folds = {self.folds}; allowed: 0 for one 80-10-10 division, or 2 and more")
        if self.seed < 0:
            raise SettingsError(f"seed = {self.seed}; allowed: 0 or more")
        if not self.protocols or len(set(self.protocols)) < len(self.protocols) or set(self.protocols) - set(PROTOCOLS):
            raise SettingsError(
                f"split protocol {','.join(self.protocols)!r}; allowed: {', '.join(PROTOCOLS)}, or both with a comma"
            )
        for name in ("head_training", "training", "scratch_training"):
            if getattr(self, name).freeze:
                raise SettingsError(f"{name}.freeze is decided by unfreeze and stages; leave it out")
        if self.classes:
            class_list(self.classes)


@dataclass(frozen=True)
class Plan:
    """What every unit needs, small enough to send to another process: arrays stay in files. `divisions` holds the folds of each protocol; parts
    of a plain split are sets of clip names in place of people. `trained_checksums` are, of one division by each protocol, those of the clips to
    train on."""

    settings: TransferSettings
    out: Path
    corpus: str
    encoder: str
    classes: tuple[str, ...]
    names: tuple[str, ...]
    people: tuple[str, ...]
    labels: np.ndarray
    lengths: np.ndarray
    faces_file: Path
    steps: tuple[Unfreezing, ...]
    divisions: dict[str, tuple[Fold, ...]]
    trained_checksums: dict[str, str] = field(default_factory=dict)

    @property
    def units(self) -> list[tuple[str, int]]:
        """(protocol, fold) of every unit of work."""
        return [(protocol, fold.index) for protocol, folds in self.divisions.items() for fold in folds]

    @property
    def rows(self) -> tuple[str, ...]:
        """What is scored in each unit, in the order of the table."""
        last = (SCRATCH,) if self.settings.from_scratch else ()
        return (ZERO_SHOT, *(step.name for step in self.steps), *last)

    def clips_of(self, protocol: str, part: frozenset[str]) -> np.ndarray:
        """Indices of the clips of a fold's part."""
        owners = self.people if protocol == "person" else self.names
        return np.array([i for i, owner in enumerate(owners) if owner in part], dtype=np.int64)

    def frames_of(self, clips: np.ndarray) -> np.ndarray:
        """Indices of the frames of these clips in the stack of faces."""
        ends = np.cumsum(self.lengths)
        return np.concatenate([np.arange(ends[c] - self.lengths[c], ends[c]) for c in clips])

    def part_file(self, protocol: str, fold: int, row: str) -> Path:
        """Where what a row said of a fold's test clips lies; the weights lie beside it while they are needed."""
        return self.out / "parts" / f"{protocol}-fold{fold}-{row}.json"

    def read_part(self, protocol: str, fold: int, row: str) -> dict[str, Any]:
        return json.loads(self.part_file(protocol, fold, row).read_text())


def divide(clips: Sequence[Clip], protocol: str, folds: int, seed: int) -> tuple[Fold, ...]:
    """Folds whose parts share no person, or under the plain protocol no clip: 80-10-10 once (`folds` 0), or `folds` that each test their share
    and validate on a tenth of everything. Classes are as even as they go."""
    if protocol == "plain":  # every clip stands for itself: the same division, blind to who is on it
        clips = [replace(clip, person=clip.clip) for clip in clips]
    people = len({clip.person for clip in clips})
    if not folds and people < TENTHS:
        raise SettingsError(
            f"80-10-10 needs {TENTHS} people or more, {people} are there; use --folds {max(2, people // 2)}"
        )
    parts = folds or TENTHS
    made = make_folds(clips, parts, seed, validation_share=1 / TENTHS / (1 - 1 / parts))
    return made if folds else made[:1]
