"""`seqfer train-valence-head`: what `history.json` holds of the training of a temporal head on annotated videos."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from seqfer.runs.names import HISTORY_JSON
from seqfer.runs.records import FORMAT_VERSION, Number, RunRecord
from seqfer.runs.results import TraceMeasures

FILE = HISTORY_JSON


@dataclass(frozen=True, kw_only=True)
class TrainValenceHeadHistory(RunRecord):
    """Losses and errors by epoch, clips trained on and held back, and the scores on the frames of the latter."""

    kind: Literal["train-valence-head"] = "train-valence-head"
    format_version: int = FORMAT_VERSION
    train_loss: tuple[Number, ...]
    validation_loss: tuple[Number, ...]
    validation_error: tuple[Number, ...]
    clips: int
    held_back: int
    scores: TraceMeasures
    sha256: str
    seconds: float


RECORD = TrainValenceHeadHistory


def recognise(values: Mapping[str, Any]) -> bool:
    """Whether a file of the version before is of this kind."""
    return "scores" in values and "clips" in values
