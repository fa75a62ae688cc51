"""`seqfer train-head`: what `history.json` holds of the training of a temporal head on moving stills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from seqfer.runs.names import HISTORY_JSON
from seqfer.runs.records import FORMAT_VERSION, Number, RunRecord, optional

FILE = HISTORY_JSON


@dataclass(frozen=True, kw_only=True)
class TrainHeadHistory(RunRecord):
    """Losses and errors by epoch; error and calibration on `frames` kept back, and those of the encoder alone on the same frames, and of its logits
    averaged over the moments at which the face looks the same."""

    kind: Literal["train-head"] = "train-head"
    format_version: int = FORMAT_VERSION
    train_loss: tuple[Number, ...]
    validation_loss: tuple[Number, ...]
    validation_error: tuple[Number, ...]
    frames: int
    temperature: float
    error: Number
    calibration_error: Number
    encoder_temperature: float
    encoder_error: Number
    encoder_calibration_error: Number
    average_temperature: float | None = optional()
    average_error: Number | None = optional()
    average_calibration_error: Number | None = optional()
    sha256: str


RECORD = TrainHeadHistory


def recognise(values: Mapping[str, Any]) -> bool:
    """Whether a file of the version before is of this kind."""
    return "encoder_calibration_error" in values
