"""`seqfer ensemble`: what `ensemble.json` holds of trained models and their combinations on the same clips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from seqfer.runs.names import ENSEMBLE_JSON
from seqfer.runs.ranking import Network, Ranked, Row, on_test_set, with_binomial_error
from seqfer.runs.records import FORMAT_VERSION, JsonObject, Number, RunRecord, optional
from seqfer.runs.results import Difference, IntervalScores

FILE = ENSEMBLE_JSON


@dataclass(frozen=True, kw_only=True)
class EnsembleMember:
    """One of the models: `features` is how many it gives before its classifier, `trained_on` its corpus, split and seed as far as it says them."""

    name: str
    encoder: str
    input_size: int
    checksum: str
    parameters: int
    features: int
    trained_on: JsonObject
    runtime: str | None = optional()


@dataclass(frozen=True, kw_only=True)
class _Named:
    name: str
    title: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class EnsembleRow(IntervalScores, _Named):
    """A member or a combination (`kind`). `strength` is the penalty C of a logistic regression, and whether it was chosen by cross-validation."""

    over_best_member: Difference
    accuracy_without_copies: Number
    strength: float | None = optional()
    strength_chosen: bool | None = optional()
    converged: bool | None = optional()


@dataclass(frozen=True, kw_only=True)
class EnsembleReport(RunRecord):
    """A whole ensemble. `checksum` is that of the file that was written, `loaded` the file that was read in its place."""

    kind: Literal["ensemble"] = "ensemble"
    format_version: int = FORMAT_VERSION
    members: tuple[EnsembleMember, ...]
    data: str
    corpus: str
    data_checksum: str
    split: str
    classes: tuple[str, ...]
    images: int
    people: int
    fitted_on: JsonObject
    weights: tuple[float, ...]
    mirror: bool
    features: int
    best_member: str
    rows: tuple[EnsembleRow, ...]
    notes: tuple[str, ...]
    seconds: float
    created: str
    versions: JsonObject
    machine: JsonObject
    checksum: str | None = optional()
    loaded: str | None = optional()
    command: str = ""


RECORD = EnsembleReport


def recognise(values: Mapping[str, Any]) -> bool:
    """Whether a file of the version before is of this kind: no other kind has a file of this name."""
    return True


def ranked(folder: Path, report: EnsembleReport) -> Ranked:
    """The protocol, and a row for each member and each combination."""
    protocol = on_test_set(report.corpus, report.split, report.classes, report.data_checksum)
    return protocol, [_row(folder, report, scores) for scores in report.rows]


def _row(folder: Path, report: EnsembleReport, scores: EnsembleRow) -> Row:
    combined = scores.kind == "combination"
    own = [member for member in report.members if combined or member.name == scores.name]
    encoders = ", ".join(member.encoder for member in own)
    title = f"{scores.title} of {encoders}" if combined else encoders
    row = Row(
        run=str(folder),
        model=title + (" with mirror image" if report.mirror else ""),
        clips=scores.count,
        error=1 - scores.accuracy,
        standard_error=0.0,
        standard_error_over="clips",
        macro_f1=scores.macro_f1,
        ece=scores.ece,
        networks=tuple(
            Network(m.encoder, len(report.classes), mirror=report.mirror, input_size=m.input_size) for m in own
        ),
        parameters=sum(member.parameters for member in own),
    )
    return with_binomial_error(row)
