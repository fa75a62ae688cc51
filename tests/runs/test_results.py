"""Parts of records from what the metrics say of a confusion matrix and of probabilities."""

from __future__ import annotations

import math

import numpy as np
import pytest

from seqfer.metrics.classification import classification_report, reliability
from seqfer.metrics.interval_scores import interval_scores
from seqfer.runs.results import class_scores, counts, interval_fields, number, reliability_bins


def test_what_is_undefined_is_nan() -> None:
    assert math.isnan(number(None))
    assert number(0.0) == 0.0


def test_scores_by_class() -> None:
    confusion = np.array([[3, 1, 0], [2, 4, 0], [0, 0, 0]])
    found = class_scores(classification_report(confusion, ("anger", "fear", "neutral"))["per_class"])
    anger = found["anger"]
    assert (anger.precision, anger.recall, anger.support, anger.predicted) == (0.6, 0.75, 4, 5)
    assert anger.f1 == pytest.approx(2 * 3 / (5 + 4))
    assert math.isnan(found["neutral"].recall)
    assert found["neutral"].support == 0
    assert counts(confusion) == ((3, 1, 0), (2, 4, 0), (0, 0, 0))


def test_bins_hold_every_clip_once_in_the_bin_of_its_confidence() -> None:
    shares = np.array([[0.95, 0.05], [0.95, 0.05], [0.6, 0.4]])
    bins = reliability_bins(reliability(shares, np.array([0, 1, 0]), 10).rows())
    filled = [one for one in bins if one.count]
    assert [(one.count, one.accuracy) for one in filled] == [(1, 1.0), (2, 0.5)]
    assert [one.confidence for one in filled] == pytest.approx([0.6, 0.95])


def test_fields_of_scores_with_intervals() -> None:
    shares, labels = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]]), np.array([0, 1, 1])
    found = interval_fields(interval_scores(shares, labels, ["a", "b", "c"], ("anger", "fear")))
    assert found["accuracy"] == pytest.approx(2 / 3)
    assert found["confusion"] == ((1, 0), (1, 1))
    assert found["per_class"]["fear"].recall == 0.5
    assert sum(one.count for one in found["reliability"]) == 3
