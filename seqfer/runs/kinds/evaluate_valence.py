"""`seqfer evaluate-valence`: what `evaluation.json` holds of the scores of one valence model on one split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from seqfer.runs.names import EVALUATION_JSON
from seqfer.runs.records import FORMAT_VERSION, JsonObject, Number, RunRecord, optional
from seqfer.runs.results import TraceMeasures

FILE = EVALUATION_JSON


@dataclass(frozen=True, kw_only=True)
class ValenceScores(TraceMeasures):
    """Measures over `n` images, NaN where undefined, and the 95 % interval of each; `sagr_of_signed` leaves out images whose true valence is 0."""

    sagr_of_signed: Number
    intervals: dict[str, tuple[Number, Number]]


@dataclass(frozen=True, kw_only=True)
class EvaluateValenceReport(RunRecord):
    """The model and its two baselines, `norms` and `constant`, on the images with enough votes."""

    kind: Literal["evaluate-valence"] = "evaluate-valence"
    format_version: int = FORMAT_VERSION
    model: str
    encoder: str
    model_checksum: str
    data: str
    split: str
    images: int
    left_out: int
    least_votes: int
    mirror: bool
    norms_of: str
    mean_of: str
    without_sign: int
    scores: dict[str, ValenceScores]
    seconds: float
    command: str
    created: str
    versions: JsonObject
    machine: JsonObject
    runtime: str | None = optional()


RECORD = EvaluateValenceReport


def recognise(values: Mapping[str, Any]) -> bool:
    """Whether a file of the version before is of this kind."""
    return {"norms_of", "without_sign", "scores"} <= values.keys()
