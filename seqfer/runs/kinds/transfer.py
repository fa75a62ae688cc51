"""`seqfer transfer`: what `report.json` holds of a model that was retrained on another corpus."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from seqfer.runs.names import REPORT_JSON
from seqfer.runs.ranking import Network, Protocol, Ranked, Row, with_binomial_error
from seqfer.runs.records import FORMAT_VERSION, JsonObject, Number, RunRecord
from seqfer.runs.results import Difference, IntervalScores

FILE = REPORT_JSON


@dataclass(frozen=True, kw_only=True)
class _Named:
    name: str
    title: str


@dataclass(frozen=True, kw_only=True)
class TransferRow(IntervalScores, _Named):
    """The model as it came, after one step, or from scratch. `left_out` counts clips of classes that the model as it came does not know;
    `error_rates` are by fold, `trainable` counts parameters, validation scores are None where nothing was trained."""

    left_out: int
    error_rates: tuple[Number, ...]
    error_rate_mean: Number
    error_rate_sem: Number
    trainable: int
    epochs: float
    seconds: float
    validation_error: float | None
    validation_loss: float | None
    temperatures: tuple[float | None, ...]
    over_zero_shot: Difference | None
    over_scratch: Difference | None


@dataclass(frozen=True, kw_only=True)
class PartSizes:
    """Clips in each part, fold by fold, and how many of the test part's people are in the training part too."""

    train: tuple[int, ...]
    validation: tuple[int, ...]
    test: tuple[int, ...]
    people_in_both: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class TransferReport(RunRecord):
    """A whole transfer. `protocols`, `protocol_titles`, `sizes` and `folds_checksums` are by protocol (`person`, `plain`); `folds` 0 is one division;
    `chosen` is the step with the lowest validation loss."""

    kind: Literal["transfer"] = "transfer"
    format_version: int = FORMAT_VERSION
    model: str
    model_checksum: str
    encoder: str
    stages: tuple[str, ...]
    data: str
    corpus: str
    data_checksum: str
    folds_checksums: dict[str, str]
    input_size: int
    classes: tuple[str, ...]
    new_classes: tuple[str, ...]
    images: int
    people: int
    folds: int
    protocol_titles: dict[str, str]
    protocols: dict[str, tuple[TransferRow, ...]]
    sizes: dict[str, PartSizes]
    chosen: str
    settings: JsonObject
    seconds: float
    command: str
    created: str
    versions: JsonObject
    machine: JsonObject


RECORD = TransferReport


def ranked(folder: Path, report: TransferReport) -> Ranked:
    """The rows of the person-disjoint protocol, or of the only one; the model as it came only where it knows all classes."""
    name = "person" if "person" in report.protocols else next(iter(report.protocols))
    protocol = Protocol(
        "transfer",
        report.corpus,
        f"{report.folds} folds" if report.folds else report.protocol_titles[name],
        f"{name}, {report.folds} folds",
        report.classes,
        report.data_checksum,
        report.folds_checksums[name],
    )
    rows = [_row(folder, report, scores) for scores in report.protocols[name] if not scores.left_out]
    return protocol, rows if report.folds else [with_binomial_error(row) for row in rows]


def _row(folder: Path, report: TransferReport, scores: TransferRow) -> Row:
    return Row(
        run=str(folder),
        model=f"{report.encoder}, {scores.title}",
        clips=scores.count,
        error=scores.error_rate_mean,
        standard_error=scores.error_rate_sem,
        standard_error_over="folds",
        macro_f1=scores.macro_f1,
        ece=scores.ece,
        networks=(Network(report.encoder, len(report.classes), input_size=report.input_size),),
    )
