"""`seqfer evaluate-trace`: what `evaluation.json` holds of predicted traces beside raters' traces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from seqfer.runs.names import EVALUATION_JSON
from seqfer.runs.records import FORMAT_VERSION, JsonObject, RunRecord

FILE = EVALUATION_JSON


@dataclass(frozen=True, kw_only=True)
class EvaluateTraceReport(RunRecord):
    """`films`: per video its raters, delays, agreement and figures; `summary`: over all videos; `failed`: videos without a result."""

    kind: Literal["evaluate-trace"] = "evaluate-trace"
    format_version: int = FORMAT_VERSION
    seqfer: str
    created: str
    command: str
    settings: JsonObject
    films: tuple[JsonObject, ...]
    summary: tuple[JsonObject, ...]
    failed: Any
    without_annotation: tuple[str, ...]
    without_prediction: tuple[str, ...]
    versions: JsonObject
    machine: JsonObject


RECORD = EvaluateTraceReport


def recognise(values: Mapping[str, Any]) -> bool:
    """Whether a file is of this kind; the command writes it without a `kind`."""
    return {"films", "summary", "without_annotation"} <= values.keys()
