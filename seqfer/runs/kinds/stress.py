"""`seqfer stress`: what `stress.json` holds of one model on faces that were changed, from a little to a lot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from seqfer.runs.names import STRESS_JSON
from seqfer.runs.records import FORMAT_VERSION, JsonObject, Number, RunRecord, optional

FILE = STRESS_JSON


@dataclass(frozen=True, kw_only=True)
class StressScores:
    """Scores of `count` clips; `low` and `high` are the 95 % interval of the accuracy. NaN without clips."""

    accuracy: Number
    low: Number
    high: Number
    macro_f1: Number
    ece: Number
    count: int


@dataclass(frozen=True, kw_only=True)
class _AtLevel:
    level: int
    strength: str


@dataclass(frozen=True, kw_only=True)
class LevelScores(StressScores, _AtLevel):
    """Scores under one corruption at one level; level 0 is the faces as they are."""


@dataclass(frozen=True, kw_only=True)
class Stressed:
    """One corruption at all its levels. `mean_drop` is level 0's accuracy less the mean of the others'; `mean_drop_se` is its standard error
    over clips."""

    name: str
    kind: str
    what: str
    levels: tuple[LevelScores, ...]
    mean_accuracy: Number
    mean_drop: Number
    mean_drop_se: Number


@dataclass(frozen=True, kw_only=True)
class StressedGroup:
    """The clips of one value of an attribute."""

    group: str
    clean: StressScores
    mean_accuracy: Number
    mean_drop: Number
    corruptions: tuple[Stressed, ...]


@dataclass(frozen=True, kw_only=True)
class StressReport(RunRecord):
    """A whole stress test, corruptions and groups worst first. `attribute` is what the groups differ in, empty without groups."""

    kind: Literal["stress"] = "stress"
    format_version: int = FORMAT_VERSION
    model: str
    data: str
    split: str
    classes: tuple[str, ...]
    images: int
    seed: int
    model_checksum: str
    data_checksum: str
    corruptions_checksum: str
    parameters: int
    input_size_px: int
    temperature: float
    clean: StressScores
    mean_accuracy: Number
    corruptions: tuple[Stressed, ...]
    attribute: str
    groups: tuple[StressedGroup, ...]
    in_no_group: int
    seconds: float
    command: str
    created: str
    versions: JsonObject
    machine: JsonObject
    runtime: str | None = optional()


RECORD = StressReport


def recognise(values: Mapping[str, Any]) -> bool:
    """Whether a file of the version before is of this kind: no other kind has a file of this name."""
    return True
