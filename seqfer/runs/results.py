"""Parts that the records of several kinds of run have in common: scores of classes, learning curves, comparisons, the protocol of folds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from seqfer.runs.records import Number, optional

Confusion = tuple[tuple[int, ...], ...]
"""Counts [actual][predicted]."""


@dataclass(frozen=True, kw_only=True)
class ClassScores:
    """Scores of one class: rates are fractions; `support` is how many there are, `predicted` how many were taken for it."""

    precision: Number
    recall: Number
    f1: Number
    support: int
    predicted: int | None = optional()


@dataclass(frozen=True, kw_only=True)
class ReliabilityBin:
    """One bin of a reliability diagram: mean confidence and accuracy of its `count` samples, NaN without any."""

    confidence: Number
    accuracy: Number
    count: int


@dataclass(frozen=True, kw_only=True)
class Curve:
    """What the training of one fold reports of each epoch."""

    repeat: int
    fold: int
    train_loss: tuple[Number, ...] = ()
    validation_loss: tuple[Number, ...] = ()
    validation_error: tuple[Number, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ComparedHeads:
    """The two heads of a comparison."""

    heads: tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class PairedTest:
    """A test of the first minus the second, paired by repeat and fold; numbers are NaN where undefined."""

    test: str
    difference: Number
    standard_error: Number
    t: Number
    df: Number
    p_value: Number
    n: int


@dataclass(frozen=True, kw_only=True)
class Comparison(PairedTest, ComparedHeads):
    """A test of the first head's error minus the second's. In a file `heads` come first: a dataclass begins with the fields of its last base."""


class HeadsTest(Protocol):
    """A test of the difference between two heads, whatever was measured."""

    @property
    def heads(self) -> tuple[str, str]: ...
    @property
    def test(self) -> str: ...
    @property
    def difference(self) -> float: ...
    @property
    def standard_error(self) -> float: ...
    @property
    def df(self) -> float: ...
    @property
    def p_value(self) -> float: ...


@dataclass(frozen=True, kw_only=True)
class FoldsProtocol:
    """What a cross-validation was run on: the clips, their people, how they were divided, and what made the features."""

    task: str
    corpus: str
    folds: int
    repeats: int
    clips: int
    people: int
    frames: int
    classes: tuple[str, ...]
    person_disjoint: bool
    validation_share: float
    seed: int
    encoder: str
    encoder_weights: str
    train_encoder: bool
    data_checksum: str
    encoder_checksum: str
    folds_checksum: str
    notes: tuple[str, ...] = ()


def number(value: float | None) -> float:
    """The number, or NaN for None."""
    return math.nan if value is None else value


def counts(confusion: NDArray[np.int64]) -> Confusion:
    """A confusion matrix (actual, predicted) as plain numbers."""
    return tuple(tuple(map(int, row)) for row in confusion)


def class_scores(per_class: Mapping[str, Mapping[str, Any]]) -> dict[str, ClassScores]:
    """Scores by class from what `metrics.classification_report` says of each."""
    return {name: _class_scores(row) for name, row in per_class.items()}


def _class_scores(row: Mapping[str, Any]) -> ClassScores:
    rates = {key: number(row[key]) for key in ("precision", "recall", "f1")}
    return ClassScores(**rates, support=row["support"], predicted=row["predicted"])


def reliability_bins(rows: Iterable[Mapping[str, Any]]) -> tuple[ReliabilityBin, ...]:
    """Bins from the rows of `metrics.reliability`."""
    return tuple(ReliabilityBin(**row) for row in rows)


@dataclass(frozen=True, kw_only=True)
class IntervalScores:
    """Scores of labelled clips with 95 % intervals (low, high) of accuracy, macro_f1 and ece; rates are fractions, NaN where undefined."""

    count: int
    people: int
    accuracy: Number
    macro_f1: Number
    ece: Number
    intervals: dict[str, tuple[Number, Number]]
    per_class: dict[str, ClassScores]
    undefined: int
    confusion: Confusion
    reliability: tuple[ReliabilityBin, ...]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A difference of accuracies on the same clips, with its 95 % interval."""

    value: Number
    low: Number
    high: Number


def interval_fields(scores: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of `IntervalScores` from what `metrics.interval_scores` says."""
    return {
        **scores,
        **{name: number(scores[name]) for name in ("accuracy", "macro_f1", "ece")},
        "per_class": class_scores(scores["per_class"]),
        "confusion": tuple(map(tuple, scores["confusion"])),
        "reliability": reliability_bins(scores["reliability"]),
    }


@dataclass(frozen=True, kw_only=True)
class TraceMeasures:
    """Agreement of a predicted with a true trace over `n` pairs, as `metrics.trace_scores` has it; NaN where undefined."""

    n: int
    rmse: Number
    ccc: Number
    pcc: Number
    sagr: Number
    mae: Number


@dataclass(frozen=True, kw_only=True)
class MeanAndSd:
    """Mean and standard deviation (n - 1) of `count` values, NaN where undefined."""

    mean: Number
    sd: Number
    count: int
