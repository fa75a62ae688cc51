"""`seqfer train-valence`: what `history.json` holds of the training of a valence model on rated stills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from seqfer.runs.names import HISTORY_JSON
from seqfer.runs.records import FORMAT_VERSION, Number, RunRecord, optional

FILE = HISTORY_JSON


@dataclass(frozen=True, kw_only=True)
class TrainValenceHistory(RunRecord):
    """RMSE and CCC on the people kept back. A network that was trained whole has losses by epoch, a last layer its weight decay."""

    kind: Literal["train-valence"] = "train-valence"
    format_version: int = FORMAT_VERSION
    images: int
    held_back: int
    sha256: str
    weight_decay: float | None = optional()
    train_loss: tuple[Number, ...] | None = optional()
    validation_loss: tuple[Number, ...] | None = optional()
    validation_error: tuple[Number, ...] | None = optional()
    held_back_rmse: Number
    held_back_ccc: Number
    seconds: float


RECORD = TrainValenceHistory


def recognise(values: Mapping[str, Any]) -> bool:
    """Whether a file of the version before is of this kind."""
    return "held_back_rmse" in values
