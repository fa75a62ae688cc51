"""`seqfer evaluate-aus`: what `evaluation.json` holds of estimates of action units beside a coder's labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from seqfer.runs.names import EVALUATION_JSON
from seqfer.runs.records import FORMAT_VERSION, JsonObject, Number, RunRecord

FILE = EVALUATION_JSON


@dataclass(frozen=True, kw_only=True)
class EvaluatedUnit:
    """One action unit: its labelled frames with an estimate, how many of them are active, and of how many people; the measures, NaN where undefined,
    with the ends of their intervals. ICC(3,1) and MAE are of intensities only."""

    action_unit: int
    frames: int
    active: int
    people: int
    pcc: Number
    icc31: Number
    mae: Number
    f1: Number
    auc: Number
    intervals: dict[str, tuple[Number, Number]]


@dataclass(frozen=True, kw_only=True)
class LabelledVideoFacts:
    """One labelled video: its name in the labels, the person, its prediction, how many frames are labelled, and how many of them have an estimate."""

    video: str
    person: str
    prediction: str
    labelled: int
    matched: int


@dataclass(frozen=True, kw_only=True)
class EvaluateAusReport(RunRecord):
    """`units`: the measures per action unit; `mean`: of each measure over the units in which it is defined. `intensities`: whether the labels are
    intensities from 0 to 5 or only say whether an action unit occurs."""

    kind: Literal["evaluate-aus"] = "evaluate-aus"
    format_version: int = FORMAT_VERSION
    seqfer: str
    created: str
    command: str
    settings: JsonObject
    labels: str
    labels_kind: str
    intensities: bool
    units: tuple[EvaluatedUnit, ...]
    mean: dict[str, Number]
    videos: tuple[LabelledVideoFacts, ...]
    without_estimate: tuple[int, ...]
    without_labels: tuple[str, ...]
    without_prediction: tuple[str, ...]
    seconds: float
    versions: JsonObject
    machine: JsonObject


RECORD = EvaluateAusReport
