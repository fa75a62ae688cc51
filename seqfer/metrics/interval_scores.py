"""Accuracy, macro-F1 and calibration error of labelled clips, each with an interval.

The interval is a percentile bootstrap over people (Efron & Tibshirani 1993, chapter 13; whole clusters are drawn, as Davison & Hinkley 1997,
section 3.8, do): the errors of one person's images are correlated, and drawing single images makes every interval too narrow. Where each image is a
person of its own, as in corpora of web pictures, it is the ordinary bootstrap.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqfer.metrics.classification import classification_report, confusion_matrix, reliability

BINS = 15
LEVEL = 0.95
_CHUNK = 100  # draws at a time: all of them at once would not fit into memory for a large corpus

Floats = NDArray[np.float64]
Interval = tuple[float, float]


def interval_scores(
    shares: Floats,
    labels: NDArray[np.int64],
    people: Sequence[str],
    classes: Sequence[str],
    *,
    samples: int = 1000,
    seed: int = 0,
) -> dict[str, Any]:
    """Scores of probabilities (clip class) against class indices (clip,); `people` has one name per clip.

    `intervals` holds 95 % intervals of accuracy, macro_f1 and ece; with fewer than two people, or without samples, they are NaN.
    """
    predicted = shares.argmax(1) if len(shares) else labels
    confusion = confusion_matrix(labels, predicted, len(classes))
    report = classification_report(confusion, classes)
    bins = reliability(shares, labels, BINS)
    return {
        "count": len(labels),
        "people": len(set(people)),
        "accuracy": report["accuracy"],
        "macro_f1": report["macro_f1"],
        "ece": bins.expected_calibration_error,
        "intervals": _intervals(shares, labels, people, len(classes), samples, seed),
        "per_class": report["per_class"],
        "undefined": sum(report["undefined"].values()),
        "confusion": confusion.tolist(),
        "reliability": bins.rows(),
    }


def accuracy_difference(
    first: Floats,
    second: Floats,
    labels: NDArray[np.int64],
    people: Sequence[str],
    *,
    samples: int = 1000,
    seed: int = 0,
) -> dict[str, float]:
    """Accuracy of `second` minus that of `first`, probabilities (clip class) of the same clips, with the interval of the paired difference."""
    if not len(labels):
        return {"value": math.nan, "low": math.nan, "high": math.nan}
    gained = (second.argmax(1) == labels).astype(float) - (first.argmax(1) == labels)
    table = _by_person(np.column_stack([gained, np.ones(len(gained))]), people)
    drawn = np.concatenate([d[:, 0] / d[:, 1] for d in _draws(table, samples, seed)])
    low, high = _percentiles(drawn, len(table))
    return {"value": float(gained.mean()), "low": low, "high": high}


def _intervals(
    shares: Floats, labels: NDArray[np.int64], people: Sequence[str], classes: int, samples: int, seed: int
) -> dict[str, Interval]:
    names = ("accuracy", "macro_f1", "ece")
    if not len(labels):
        return dict.fromkeys(names, (math.nan, math.nan))
    predicted, confidence = shares.argmax(1), shares.max(1)
    pair = np.eye(classes * classes, dtype=np.float32)[labels * classes + predicted]
    bins = np.eye(BINS, dtype=np.float32)[np.digitize(confidence, np.linspace(0, 1, BINS + 1)[1:-1], right=True)]
    # Confidence minus correctness of each sample: the terms of a bin's calibration gap.
    gap = bins * (confidence - (predicted == labels))[:, None]
    table = _by_person(np.hstack([pair, gap]), people)
    drawn = [_measures(d, classes) for d in _draws(table, samples, seed)]
    return {name: _percentiles(np.concatenate([d[k] for d in drawn]), len(table)) for k, name in enumerate(names)}


def _measures(sums: Floats, classes: int) -> tuple[Floats, Floats, Floats]:
    """(draw, class x class + bin) -> accuracy, macro-F1 and calibration error (draw,)."""
    confusion = sums[:, : classes * classes].reshape(-1, classes, classes)
    total = confusion.sum((1, 2))
    hits = np.diagonal(confusion, axis1=1, axis2=2)
    both = confusion.sum(1) + confusion.sum(2)
    f1 = np.divide(2 * hits, both, out=np.full(both.shape, np.nan), where=both > 0)
    gaps = np.abs(sums[:, classes * classes :]).sum(1)
    return hits.sum(1) / total, np.nanmean(f1, axis=1), gaps / total


def _by_person(rows: NDArray[Any], people: Sequence[str]) -> Floats:
    """Rows (clip, column) added up over each person's clips: (person, column)."""
    owner = np.unique(np.asarray(people), return_inverse=True)[1].ravel()
    table = np.zeros((int(owner.max()) + 1, rows.shape[1]))
    np.add.at(table, owner, rows)
    return table


def _draws(table: Floats, samples: int, seed: int) -> list[Floats]:
    """Column sums (draw, column) of people drawn with replacement, in chunks."""
    rng, people = np.random.default_rng(seed), len(table)
    sizes = [min(_CHUNK, samples - start) for start in range(0, samples, _CHUNK)] or [0]  # without samples: no rows
    return [rng.multinomial(people, np.full(people, 1 / people), size=size) @ table for size in sizes]


def _percentiles(values: Floats, people: int) -> Interval:
    if people < 2 or not values.size:
        return math.nan, math.nan
    low, high = np.nanpercentile(values, [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
    return float(low), float(high)
