"""`seqfer calibrate-valence`: what `calibration.json` holds of a map from predicted to rated valence and of its evaluation on other videos."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from seqfer.runs.names import CALIBRATION_JSON
from seqfer.runs.records import FORMAT_VERSION, JsonObject, Number, RunRecord, optional
from seqfer.runs.results import MeanAndSd

FILE = CALIBRATION_JSON


@dataclass(frozen=True, kw_only=True)
class CalibrationScores:
    """RMSE and CCC of one video, NaN where undefined."""

    rmse: Number
    ccc: Number


@dataclass(frozen=True, kw_only=True)
class SmoothedScores:
    """The same with the prediction smoothed by a Gaussian of SD `smooth_s`, which was given or, like the map, comes from the videos of the other
    folds."""

    smooth_s: Number
    before: CalibrationScores
    after: CalibrationScores
    map: JsonObject


@dataclass(frozen=True, kw_only=True)
class CalibratedFilm:
    """One video: figures of `n` bins before and after the `map` that was fitted on the videos of the other folds."""

    film: str
    fold: int
    n: int
    before: CalibrationScores
    after: CalibrationScores
    map: JsonObject
    smoothed: SmoothedScores | None = optional()


@dataclass(frozen=True, kw_only=True)
class SmoothedMap:
    """The smoothing for all videos, `chosen_from` these SDs in seconds (empty where it was given), and the map of predictions smoothed by it."""

    smooth_s: Number
    chosen_from: tuple[Number, ...]
    map: JsonObject


@dataclass(frozen=True, kw_only=True)
class CalibrateValenceReport(RunRecord):
    """`map` is fitted on all videos, on predictions that are not smoothed; `summary` has mean and standard deviation over videos by measure, before
    and after, and of smoothed predictions `before_smoothed` and `after_smoothed`."""

    kind: Literal["calibrate-valence"] = "calibrate-valence"
    format_version: int = FORMAT_VERSION
    seqfer: str
    created: str
    command: str
    settings: JsonObject
    map: JsonObject
    smoothed: SmoothedMap | None = optional()
    films: tuple[CalibratedFilm, ...]
    summary: dict[str, dict[str, MeanAndSd]]
    shifts_s: dict[str, tuple[Number, ...]]
    warnings: dict[str, tuple[str, ...]]
    checksums: dict[str, dict[str, str]]
    versions: JsonObject
    machine: JsonObject
    failed: tuple[dict[str, str], ...] = ()
    without_annotation: tuple[str, ...] = ()


RECORD = CalibrateValenceReport


def recognise(values: Mapping[str, Any]) -> bool:
    """Whether a file of the version before is of this kind."""
    return {"map", "films", "shifts_s"} <= values.keys()
