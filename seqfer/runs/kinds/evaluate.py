"""`seqfer evaluate`: what `evaluate.json` holds of one encoder on one corpus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from seqfer.runs.names import EVALUATE_JSON
from seqfer.runs.ranking import Network, Ranked, Row, on_test_set, with_binomial_error
from seqfer.runs.records import FORMAT_VERSION, JsonObject, Number, RunRecord, optional
from seqfer.runs.results import ClassScores, Confusion, ReliabilityBin

FILE = EVALUATE_JSON


@dataclass(frozen=True, kw_only=True)
class EvaluationScores:
    """Scores of `count` labelled clips; rates are fractions, `undefined` counts those that are not defined."""

    accuracy: Number
    macro_f1: Number
    per_class: dict[str, ClassScores]
    undefined: int
    confusion: Confusion
    ece: Number
    reliability: tuple[ReliabilityBin, ...] | None
    count: int


@dataclass(frozen=True, kw_only=True)
class EvaluateReport(RunRecord):
    """One evaluation. `with_training_prior` is None where `prior` is `training`; `without_crossing_duplicates` is None where no clip is known to have
    a copy in the training split."""

    kind: Literal["evaluate"] = "evaluate"
    format_version: int = FORMAT_VERSION
    model: str
    model_checksum: str
    encoder: str
    input_size: int
    parameters: int
    data: str
    corpus: str
    data_checksum: str
    split: str
    classes: tuple[str, ...]
    images: int
    mirror: bool
    temperature: float
    prior: str
    as_given: EvaluationScores
    with_training_prior: EvaluationScores | None
    without_crossing_duplicates: EvaluationScores | None
    seconds: float
    command: str
    created: str
    versions: JsonObject
    machine: JsonObject
    runtime: str | None = optional()


RECORD = EvaluateReport


def recognise(values: Mapping[str, Any]) -> bool:
    """Whether a file of the version before is of this kind: no other kind has a file of this name."""
    return True


def ranked(folder: Path, report: EvaluateReport) -> Ranked:
    """The protocol, and one row: the scores of all clips as given."""
    protocol = on_test_set(report.corpus, report.split, report.classes, report.data_checksum)
    title = report.encoder + (" with mirror image" if report.mirror else "")
    title += ", classes taken as equally frequent" if report.prior == "equal" else ""
    network = Network(report.encoder, len(report.classes), mirror=report.mirror, input_size=report.input_size)
    scores = report.as_given
    row = Row(
        run=str(folder),
        model=title,
        clips=scores.count,
        error=1 - scores.accuracy,
        standard_error=0.0,
        standard_error_over="clips",
        macro_f1=scores.macro_f1,
        ece=scores.ece,
        networks=(network,),
        parameters=report.parameters,
    )
    return protocol, [with_binomial_error(row)]
