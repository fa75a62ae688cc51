"""`seqfer train`: what `history.json` holds of the training of an encoder or a baseline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from seqfer.core.emotions import class_list
from seqfer.runs.names import HISTORY_JSON, SETTINGS_JSON
from seqfer.runs.ranking import Network, Protocol, Ranked, Row, with_binomial_error
from seqfer.runs.records import FORMAT_VERSION, Number, RunRecord, optional, read_record

FILE = HISTORY_JSON


@dataclass(frozen=True, kw_only=True)
class TrainHistory(RunRecord):
    """One training: losses and errors by epoch, or for a baseline by penalty; then the scores on the people held back, on whom the temperature was
    fitted. Scores are NaN where undefined."""

    kind: Literal["train"] = "train"
    format_version: int = FORMAT_VERSION
    train_loss: tuple[Number, ...] | None = optional()
    validation_loss: tuple[Number, ...] | None = optional()
    penalties: tuple[float, ...] | None = optional()
    validation_error: tuple[Number, ...]
    penalty: float | None = optional()
    corpus: str
    images: int
    held_back: int
    held_back_error: float
    held_back_macro_f1: Number
    held_back_ece: Number
    temperature: float
    sha256: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class _TrainedWith:
    """What the leaderboard needs of the settings of a training."""

    encoder: str
    classes: str
    split: str
    held_back: float
    seed: int
    data_checksum: str
    input_size: int = 0


RECORD = TrainHistory


def recognise(values: Mapping[str, Any]) -> bool:
    """Whether a file of the version before is of this kind."""
    return "held_back_error" in values


def ranked(folder: Path, history: TrainHistory) -> Ranked:
    """The protocol, which is the people held back, and one row."""
    settings = read_record(_TrainedWith, folder / SETTINGS_JSON)
    classes, count = class_list(settings.classes), history.held_back
    held_back = f"{100 * settings.held_back:g} % of the people of {settings.split or 'all splits'}"
    protocol = Protocol(
        "held back",
        history.corpus,
        f"{held_back} held back from training (seed {settings.seed})",
        settings.split,
        classes,
        settings.data_checksum,
        drawn=f"{settings.held_back} {settings.seed} {count}",
    )
    row = Row(
        run=str(folder),
        model=settings.encoder,
        clips=count,
        error=history.held_back_error,
        standard_error=0.0,
        standard_error_over="clips",
        macro_f1=history.held_back_macro_f1,
        ece=history.held_back_ece,
        networks=(Network(settings.encoder, len(classes), input_size=settings.input_size),),
    )
    return protocol, [with_binomial_error(row)]
