"""`seqfer cv --task valence`: what `report.json` of a cross-validation on valence holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from seqfer.runs.names import REPORT_JSON
from seqfer.runs.records import FORMAT_VERSION, JsonObject, Number, RunRecord
from seqfer.runs.results import ComparedHeads, Curve, FoldsProtocol, PairedTest

FILE = REPORT_JSON


@dataclass(frozen=True, kw_only=True)
class ValenceProtocol(FoldsProtocol):
    """The protocol of every cross-validation, and what the true traces are like: frames at exactly 0, mean and standard deviation of all frames."""

    frames_at_zero: int
    valence_mean: Number
    valence_std: Number


@dataclass(frozen=True, kw_only=True)
class FoldScores:
    """One measure: its mean and standard error, the values `folds` [repeat][fold] and `per_repeat`; folds in which it is undefined are counted."""

    mean: Number
    sem: Number
    folds: tuple[tuple[Number, ...], ...]
    per_repeat: tuple[Number, ...]
    undefined: int


@dataclass(frozen=True, kw_only=True)
class ValenceHead:
    """One head, or the constant beside them (no encoder). `scores` are by measure, `density` counts frames [truth bin][predicted bin] in [-1, 1]."""

    title: str
    scores: dict[str, FoldScores]
    sem_over: str
    parameters: int | None
    parameters_projection: int | None
    parameters_encoder: int | None
    density: tuple[tuple[int, ...], ...]
    curves: tuple[Curve, ...]
    seconds: Number


@dataclass(frozen=True, kw_only=True)
class MeasuredHeads(ComparedHeads):
    """The heads and the measure by which they are compared."""

    measure: str
    higher_is_better: bool


@dataclass(frozen=True, kw_only=True)
class ValenceComparison(PairedTest, MeasuredHeads):
    """A test of the first head's score minus the second's. Everything is NaN where a fold is undefined."""


@dataclass(frozen=True, kw_only=True)
class Example:
    """One test clip of the first repeat: its rank among `of` clips by the error of `head`, its true trace and those of the heads (frame,)."""

    clip: str
    rank: int
    of: int
    head: str
    rmse: Number
    truth: tuple[Number, ...]
    heads: dict[str, tuple[Number, ...]]


@dataclass(frozen=True, kw_only=True)
class CvValenceReport(RunRecord):
    """A whole cross-validation of valence: `comparison` (by measure) is that of the report's first sentence, `comparisons` are all others."""

    kind: Literal["cv-valence"] = "cv-valence"
    format_version: int = FORMAT_VERSION
    seqfer: str
    command: str
    created: str
    protocol: ValenceProtocol
    settings: JsonObject
    versions: JsonObject
    machine: JsonObject
    seconds: float
    heads: dict[str, ValenceHead]
    comparison: dict[str, ValenceComparison] | None
    comparisons: dict[str, tuple[ValenceComparison, ...]]
    examples: tuple[Example, ...]


RECORD = CvValenceReport


def recognise(values: Mapping[str, Any]) -> bool:
    """Whether a file of the version before is of this kind."""
    protocol = values.get("protocol")
    return "heads" in values and isinstance(protocol, Mapping) and protocol.get("task") == "valence"
