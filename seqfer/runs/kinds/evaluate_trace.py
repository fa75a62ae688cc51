"""`seqfer evaluate-trace`: what `evaluation.json` holds of predicted traces beside raters' traces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from seqfer.runs.names import EVALUATION_JSON
from seqfer.runs.records import FORMAT_VERSION, JsonObject, Number, RunRecord, optional
from seqfer.runs.results import TraceMeasures

FILE = EVALUATION_JSON


@dataclass(frozen=True, kw_only=True)
class TraceFigure:
    """The measures of one comparison. `side` is as_rated or lag_corrected; `every_s` is None where all bins are compared; `smooth_s` is the standard
    deviation of the Gaussian that the prediction was smoothed with, left out where it was not. NaN where undefined."""

    side: str
    every_s: Number | None
    smooth_s: Number | None = optional()
    n: int
    rmse: Number
    ccc: Number
    pcc: Number
    sagr: Number
    mae: Number
    intervals: dict[str, tuple[Number, Number]]
    block_s: Number
    undefined: tuple[str, ...]

    @property
    def kind(self) -> tuple[str, float | None, bool]:
        """Figures of one kind are comparable over videos: side, `every_s`, and whether the prediction was smoothed."""
        return self.side, self.every_s, self.smooth_s is not None


@dataclass(frozen=True, kw_only=True)
class TraceRater:
    """One rater: rated seconds, missing fraction, weight in the fusion, estimated delay and removed `shift_s`, measures against the other raters."""

    name: str
    source: str
    film: str
    rated_s: Number
    missing: Number
    weight: Number
    lag_s: Number
    lag_correlation: Number
    lag_at_edge: bool
    shift_s: Number
    against_others: TraceMeasures | None


@dataclass(frozen=True, kw_only=True)
class TracePrediction:
    """The compared prediction, its file, and the names of all faces there."""

    name: str
    source: str
    faces: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TraceLag:
    """How the delay of the raters was estimated (`per` rater or pooled, at `grid_hz`), its mean, and whether it was removed."""

    per: str
    grid_hz: Number
    mean_s: Number
    applied: bool


@dataclass(frozen=True, kw_only=True)
class RaterAgreement:
    """Agreement of raters, NaN where undefined; `complete` is the number of bins that all of them rated."""

    icc2k: Number
    icc3k: Number
    alpha: Number
    complete: int
    raters: int


@dataclass(frozen=True, kw_only=True)
class TraceCoverage:
    """Seconds with prediction, with annotation, with both, and the fractions of each that have the other."""

    predicted_s: Number
    annotated_s: Number
    both_s: Number
    of_annotated: Number
    of_predicted: Number


@dataclass(frozen=True, kw_only=True)
class ComparedFilm:
    """One video. `agreement` is by side; `checksums` are sha256 of the files by path."""

    film: str
    prediction: TracePrediction
    raters: tuple[TraceRater, ...]
    lag: TraceLag
    agreement: dict[str, RaterAgreement]
    figures: tuple[TraceFigure, ...]
    coverage: TraceCoverage
    warnings: tuple[str, ...]
    checksums: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TraceSummary:
    """One kind of figure over videos, by measure: `mean` and `sd` over `count` videos with equal weights, and `pooled`, the measures of the compared
    values of all videos joined; `smoothed` is left out where the prediction was not smoothed."""

    side: str
    every_s: Number | None
    smoothed: bool | None = optional()
    films: int
    mean: dict[str, Number]
    sd: dict[str, Number]
    count: dict[str, int]
    pooled: TraceMeasures | None = optional()

    @property
    def kind(self) -> tuple[str, float | None, bool]:
        """As of `TraceFigure`."""
        return self.side, self.every_s, bool(self.smoothed)


@dataclass(frozen=True, kw_only=True)
class ChosenSmoothing:
    """`--smooth auto`: the standard deviations in seconds that were tried, the one chosen for each video on the other videos, and on all videos."""

    grid_s: tuple[Number, ...]
    films: dict[str, Number]
    on_all_films_s: Number


@dataclass(frozen=True, kw_only=True)
class EvaluateTraceReport(RunRecord):
    """`films`: per video its raters, delays, agreement and figures; `summary`: over all videos; `failed`: videos without a result."""

    kind: Literal["evaluate-trace"] = "evaluate-trace"
    format_version: int = FORMAT_VERSION
    seqfer: str
    created: str
    command: str
    settings: JsonObject
    films: tuple[ComparedFilm, ...]
    summary: tuple[TraceSummary, ...]
    smoothing: ChosenSmoothing | None = optional()
    failed: tuple[dict[str, str], ...]
    without_annotation: tuple[str, ...]
    without_prediction: tuple[str, ...]
    versions: JsonObject
    machine: JsonObject


RECORD = EvaluateTraceReport


def recognise(values: Mapping[str, Any]) -> bool:
    """Whether a file of the version before is of this kind."""
    return {"films", "summary", "without_annotation"} <= values.keys()
