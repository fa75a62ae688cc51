"""Metrics of classification: confusion matrix, error rate, precision, recall, F1, standard errors, calibration.

Sources: the F-score and its undefined case follow scikit-learn's
`f1_score`, only that an undefined value is NaN here and counted, never 0. Expected calibration error: Guo et al., "On
Calibration of Modern Neural Networks", ICML 2017, section 2, equations 1-3 (bins of equal width, open on the left,
closed on the right, 15 of them in their experiments).

Every confusion matrix has rows actual, columns predicted; a paper that prints predicted rows must be transposed first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqfer.core.errors import InputError

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class ClassScores:
    """Per-class scores, each (class,), NaN where undefined.

    Precision is undefined for a class never predicted, recall for one that never occurs, F1 only for one that does
    neither: a class that occurs and is never predicted has a defined F1 of 0.
    """

    precision: Floats
    recall: Floats
    f1: Floats

    @property
    def undefined(self) -> dict[str, int]:
        """How many values of each score are NaN."""
        return {name: int(np.isnan(getattr(self, name)).sum()) for name in ("precision", "recall", "f1")}


@dataclass(frozen=True)
class Reliability:
    """A reliability diagram: `edges` (bin + 1,), the others (bin,). Confidence and accuracy of an empty bin are NaN."""

    edges: Floats
    counts: Counts
    confidence: Floats
    accuracy: Floats
    expected_calibration_error: float

    def rows(self) -> list[dict[str, Any]]:
        """One {"confidence", "accuracy", "count"} per bin, for JSON."""
        columns = zip(self.confidence, self.accuracy, self.counts, strict=True)
        return [{"confidence": float(c), "accuracy": float(a), "count": int(n)} for c, a, n in columns]

    @property
    def empty(self) -> int:
        """How many bins hold no sample."""
        return int((self.counts == 0).sum())


def confusion_matrix(actual: ArrayLike, predicted: ArrayLike, classes: int) -> Counts:
    """Counts (class, class), rows actual, columns predicted, from two (sample,) arrays of indices in [0, classes).

    Raises InputError when the lengths differ or an index is out of range.
    """
    a, p = np.asarray(actual), np.asarray(predicted)
    if a.ndim != 1 or a.shape != p.shape:
        raise InputError(
            f"labels of shape {a.shape} against predictions of shape {p.shape}; give two lists of one length"
        )
    for name, values in (("labels", a), ("predictions", p)):
        if values.size and (values.dtype.kind not in "iu" or values.min() < 0 or values.max() >= classes):
            raise InputError(
                f"{name} must be whole numbers from 0 to {classes - 1}; got {values.min()} to {values.max()}"
            )
    cells = np.bincount(a.astype(np.int64) * classes + p.astype(np.int64), minlength=classes * classes)
    return cells.reshape(classes, classes).astype(np.int64)


def accuracy(confusion: ArrayLike) -> float:
    """Share of samples on the diagonal of a (class, class) confusion matrix, in [0, 1]; NaN without samples."""
    c = _checked(confusion)
    return float(np.trace(c) / c.sum()) if c.sum() else math.nan


def error_rate(confusion: ArrayLike) -> float:
    """1 - accuracy, in [0, 1]; NaN without samples."""
    return 1.0 - accuracy(confusion)


def class_scores(confusion: ArrayLike) -> ClassScores:
    """Precision, recall and F1 per class from a (class, class) confusion matrix, rows actual."""
    c = _checked(confusion)
    hits, actual, predicted = np.diag(c), c.sum(axis=1), c.sum(axis=0)
    return ClassScores(_ratio(hits, predicted), _ratio(hits, actual), _ratio(2 * hits, actual + predicted))


def macro_f1(confusion: ArrayLike) -> tuple[float, int]:
    """Mean F1 over the classes where it is defined, and how many those are; (NaN, 0) when there is none."""
    f1 = class_scores(confusion).f1
    defined = f1[~np.isnan(f1)]
    return (float(defined.mean()), defined.size) if defined.size else (math.nan, 0)


def mean_and_standard_error(values: ArrayLike) -> tuple[float, float]:
    """Mean of (n,) values and its standard error s / sqrt(n), s with n - 1. No values: both NaN; one: the error is NaN.

    A NaN among the values makes both NaN: leave it out and count it before.
    """
    v = np.asarray(values, np.float64).ravel()
    mean = float(v.mean()) if v.size else math.nan
    return mean, float(v.std(ddof=1) / math.sqrt(v.size)) if v.size > 1 else math.nan


def reliability(probabilities: ArrayLike, labels: ArrayLike, bins: int = 15) -> Reliability:
    """Reliability bins and expected calibration error of (sample, class) probabilities against (sample,) class indices.

    The confidence of a sample is its greatest probability. Without samples the error is NaN. Raises InputError for
    values that are not probabilities, labels out of range, or fewer than one bin.
    """
    p, y = np.asarray(probabilities, np.float64), np.asarray(labels)
    if p.ndim != 2 or p.shape[1] < 1 or y.shape != p.shape[:1]:
        raise InputError(
            f"probabilities of shape {p.shape} for labels of shape {y.shape}; give (sample, class) and (sample,)"
        )
    if bins < 1:
        raise InputError(f"{bins} reliability bins; give 1 or more")
    if p.size and not (
        p.min() >= 0 and np.all(np.abs(p.sum(axis=1) - 1) <= 1e-3)
    ):  # the rounding error of a sum in half precision
        raise InputError("probabilities must be >= 0 and sum to 1 in each row; apply softmax to logits first")
    if y.size and (y.dtype.kind not in "iu" or y.min() < 0 or y.max() >= p.shape[1]):
        raise InputError(f"labels must be whole numbers from 0 to {p.shape[1] - 1}; got {y.min()} to {y.max()}")
    edges = np.linspace(0.0, 1.0, bins + 1)
    confidence = p.max(axis=1)
    index = np.digitize(confidence, edges[1:-1], right=True)
    counts = np.bincount(index, minlength=bins)
    mean_confidence = _ratio(np.bincount(index, confidence, bins), counts)
    mean_accuracy = _ratio(np.bincount(index, p.argmax(axis=1) == y, bins), counts)
    gaps = counts * np.abs(mean_confidence - mean_accuracy)
    error = float(np.nansum(gaps) / len(y)) if len(y) else math.nan
    return Reliability(edges, counts.astype(np.int64), mean_confidence, mean_accuracy, error)


def classification_report(confusion: ArrayLike, classes: Sequence[str]) -> dict[str, Any]:
    """All scores of a (class, class) confusion matrix as plain values for JSON; undefined is None (JSON has no NaN),
    and counted.

    Raises InputError when the names do not fit the matrix.
    """
    c = _checked(confusion)
    if len(classes) != len(c):
        raise InputError(
            f"{len(classes)} class names for a confusion matrix of {len(c)} classes; give one name per class"
        )
    scores, (mean_f1, defined) = class_scores(c), macro_f1(c)
    return {
        "samples": int(c.sum()),
        "accuracy": _plain(accuracy(c)),
        "error_rate": _plain(error_rate(c)),
        "macro_f1": _plain(mean_f1),
        "macro_f1_classes": defined,
        "undefined": scores.undefined,
        "classes": list(classes),
        "per_class": {
            name: {
                "precision": _plain(scores.precision[i]),
                "recall": _plain(scores.recall[i]),
                "f1": _plain(scores.f1[i]),
                "support": int(c[i].sum()),
                "predicted": int(c[:, i].sum()),
            }
            for i, name in enumerate(classes)
        },
        "confusion": c.tolist(),
        "confusion_layout": "rows actual, columns predicted",
    }


def _checked(confusion: ArrayLike) -> Counts:
    c = np.asarray(confusion)
    if c.ndim != 2 or c.shape[0] != c.shape[1] or c.dtype.kind not in "iu" or (c.size and c.min() < 0):
        raise InputError(
            f"a {c.dtype} array of shape {c.shape} is not a confusion matrix; give whole counts >= 0, (class, class)"
        )
    return c.astype(np.int64)


def _ratio(numerator: NDArray[Any], denominator: NDArray[Any]) -> Floats:
    out = np.full(denominator.shape, np.nan)
    np.divide(numerator, denominator, out=out, where=denominator > 0)
    return out


def _plain(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def wilson_interval(right: int, count: int) -> tuple[float, float]:
    """Wilson's 95 % score interval (Wilson 1927) of a proportion of `count` independent trials; NaN, NaN without any."""
    if count <= 0:
        return float("nan"), float("nan")
    z = NormalDist().inv_cdf(0.975)
    middle = (right + z * z / 2) / (count + z * z)
    half = z * math.sqrt(right * (count - right) / count + z * z / 4) / (count + z * z)
    return (middle - half if right else 0.0), (middle + half if right < count else 1.0)
