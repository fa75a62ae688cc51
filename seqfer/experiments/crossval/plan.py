"""What decides the numbers of a cross-validation, and what every fold of it needs to know."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from seqfer.core import registry
from seqfer.core.emotions import CLASS_LISTS
from seqfer.core.errors import SettingsError
from seqfer.core.records import Fold
from seqfer.models.features import Encoding
from seqfer.training.image_loop import ImageTraining
from seqfer.training.sequence_loop import HeadTraining

TASKS = ("emotion", "valence")
CONSTANT = "constant"  # the row of the valence task that says the training people's mean, whatever is seen
EVERY_CLIP = "any"  # the class list of valence: traces count, labels do not


@dataclass(frozen=True)
class CvSettings:
    """Everything that decides the numbers of a run. `heads` are compared in the order given; `mean` is always run beside them.

    `task` is `emotion` (a label per clip) or `valence` (a value per frame). `classes` chooses the clips by their label and, left empty,
    becomes `six` for emotion and `any` for valence: every clip, labelled or not.
    """

    data: str = "posed"
    folds: int = 5
    repeats: int = 1
    heads: tuple[str, ...] = ("lstm", "bilstm")
    encoder: str = "mobilenet"
    encoder_weights: str = "shipped"
    train_encoder: bool = False
    classes: str = ""
    seed: int = 0
    validation_share: float = 0.15
    folds_file: str = ""
    encoder_training: ImageTraining = field(
        default_factory=lambda: ImageTraining(epochs=16, batch_size=64, patience=0, label_smoothing=0.1, ema=0.98)
    )
    head_training: HeadTraining = field(default_factory=HeadTraining)
    task: str = "emotion"

    def __post_init__(self) -> None:
        if self.folds < 2 or self.repeats < 1:
            raise SettingsError(f"folds = {self.folds}, repeats = {self.repeats}; allowed: folds >= 2, repeats >= 1")
        if self.seed < 0:
            raise SettingsError(f"seed = {self.seed}; allowed: 0 or more")
        if not 0 < self.validation_share < 0.5:
            raise SettingsError(f"validation_share = {self.validation_share}; allowed: between 0 and 0.5")
        if self.task not in TASKS:
            raise SettingsError(f"task = {self.task!r}; allowed: {', '.join(TASKS)}")
        if not self.classes:  # written back, so that a run folder says what was used
            object.__setattr__(self, "classes", "six" if self.task == "emotion" else EVERY_CLIP)
        allowed = (*CLASS_LISTS, EVERY_CLIP) if self.task == "valence" else tuple(CLASS_LISTS)
        if self.classes not in allowed:
            raise SettingsError(f"classes = {self.classes!r}; allowed: {', '.join(allowed)}")
        if not self.heads or len(set(self.heads)) < len(self.heads):
            raise SettingsError(f"heads = {','.join(self.heads)!r}; name each head once, at least one")
        if self.encoder in registry.names("baselines") and not self.encoder_weights.endswith(".safetensors"):
            raise SettingsError(
                f"encoder = {self.encoder!r} is a baseline: name it among the heads, as in --heads lstm,{self.encoder}; "
                "its features need encoder_weights, a file that `seqfer train` fitted"
            )
        for name in self.heads:
            if part_of(name)[0] == "baselines" and self.task == "valence":
                raise SettingsError(
                    f"{name!r} tells classes of still images apart; heads of task valence: {', '.join(registry.names('heads'))}"
                )

    @property
    def encoding(self) -> Encoding:
        """How features are made."""
        return Encoding(self.encoder, self.encoder_weights, self.train_encoder)

    @property
    def all_heads(self) -> tuple[str, ...]:
        """The heads to run: those asked for, and `mean`; for valence also the constant, which is no head."""
        heads = self.heads if "mean" in self.heads else (*self.heads, "mean")
        return (*heads, CONSTANT) if self.task == "valence" else heads


def part_of(name: str) -> tuple[str, Any]:
    """A head or a baseline by name, as ("heads" or "baselines", module)."""
    if name in registry.names("baselines"):
        return "baselines", registry.find("baselines", name)
    try:
        return "heads", registry.find("heads", name)
    except SettingsError:
        if "." in name:  # an outsider's module: its own reason says more
            raise
        allowed = ", ".join(registry.names("heads") + registry.names("baselines"))
        raise SettingsError(f"unknown head {name!r}; allowed: {allowed}, or a dotted path of your own module") from None


@dataclass(frozen=True)
class Plan:
    """What every unit needs, small enough to send to another process: arrays stay in files.

    `labels` (clip,) are indices into `classes`, -1 without a label; `valence` (frame,) are the traces of all clips in a row, empty for emotion.
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
        """What one trained head said about its fold's test people."""
        return json.loads(self.part_file(repeat, fold, head).read_text())
