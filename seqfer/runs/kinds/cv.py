"""`seqfer cv`: what `report.json` of a cross-validation on emotions holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from seqfer.core import registry
from seqfer.runs.names import REPORT_JSON
from seqfer.runs.ranking import Network, Protocol, Ranked, Row
from seqfer.runs.records import FORMAT_VERSION, JsonObject, Number, RunRecord
from seqfer.runs.results import ClassScores, Comparison, Confusion, Curve, FoldsProtocol, ReliabilityBin

FILE = REPORT_JSON


@dataclass(frozen=True, kw_only=True)
class CvHead:
    """One head or baseline. Shapes: `error_rates` [repeat][fold], `confusions` [repeat][fold][actual][predicted]; rates are fractions.

    `error_rate_sem` is the standard error of the mean over `error_rate_sem_over` (repeats, or the folds of one repeat). `parameters_stated` is
    the count in the paper; counts are None where there is nothing to count.
    """

    title: str
    error_rate_mean: Number
    error_rate_sem: Number
    error_rate_sem_over: str
    error_rates: tuple[tuple[Number, ...], ...]
    error_rate_per_repeat: tuple[Number, ...]
    parameters: int | None
    parameters_projection: int | None
    parameters_stated: int | None
    parameters_encoder: int | None
    confusion: Confusion
    confusions: tuple[tuple[Confusion, ...], ...]
    per_class: dict[str, ClassScores]
    macro_f1: Number
    undefined: int
    ece: Number
    reliability: tuple[ReliabilityBin, ...] | None
    curves: tuple[Curve, ...]
    seconds: Number


@dataclass(frozen=True, kw_only=True)
class CvReport(RunRecord):
    """A whole cross-validation: `comparison` is the one of the report's first sentence, `comparisons` are all others."""

    kind: Literal["cv"] = "cv"
    format_version: int = FORMAT_VERSION
    seqfer: str
    command: str
    created: str
    protocol: FoldsProtocol
    settings: JsonObject
    versions: JsonObject
    machine: JsonObject
    seconds: float
    heads: dict[str, CvHead]
    comparison: Comparison | None
    comparisons: tuple[Comparison, ...]


RECORD = CvReport


def recognise(values: Mapping[str, Any]) -> bool:
    """Whether a file of the version before is of this kind."""
    return "heads" in values and _task(values) != "valence"


def _task(values: Mapping[str, Any]) -> Any:
    protocol = values.get("protocol")
    return protocol.get("task") if isinstance(protocol, Mapping) else None


def ranked(folder: Path, report: CvReport) -> Ranked:
    """The protocol, and a row per head."""
    held = report.protocol
    how = f"{held.repeats} x {held.folds} folds"
    protocol = Protocol(
        "cross-validation", held.corpus, how, "folds", held.classes, held.data_checksum, held.folds_checksum
    )
    return protocol, [_row(folder, held, name, head) for name, head in report.heads.items()]


def _row(folder: Path, held: FoldsProtocol, name: str, head: CvHead) -> Row:
    baseline = name in registry.names("baselines")
    frames, classes = max(1, round(held.frames / max(held.clips, 1))), len(held.classes)
    network = Network(name, classes) if baseline else Network(held.encoder, classes, head=name, frames=frames)
    return Row(
        run=str(folder),
        model=head.title + ("" if baseline else f" on {held.encoder}"),
        clips=held.clips,
        error=head.error_rate_mean,
        standard_error=head.error_rate_sem,
        standard_error_over=head.error_rate_sem_over,
        macro_f1=head.macro_f1,
        ece=head.ece,
        networks=(network,),
    )
