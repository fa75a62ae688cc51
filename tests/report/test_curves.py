"""Learning curves and reliability diagrams: medians, thinning, bins at their place."""

from __future__ import annotations

import math
import re

import pytest

from seqfer.report.curves import MOST_POINTS, largest_loss, learning_curves, reliability
from seqfer.runs.results import Curve, ReliabilityBin


def paths(drawn: str, css: str) -> list[list[tuple[float, float]]]:
    """The points of every path with this class."""
    found = re.findall(rf'<path d="([^"]*)" class="{css}"', drawn)
    return [[tuple(map(float, point.split())) for point in re.split("[ML]", one)[1:]] for one in found]


def fold(*losses: float) -> Curve:
    return Curve(repeat=0, fold=0, train_loss=losses, validation_loss=tuple(2 * v for v in losses))


def test_the_largest_loss_of_all_folds() -> None:
    assert largest_loss([fold(1.0, 0.5), fold(0.7, math.nan, math.inf)]) == 2.0
    assert largest_loss([]) == largest_loss([Curve(repeat=0, fold=0)]) == 0.0


def test_the_median_ends_where_fewer_than_half_of_the_folds_train_on() -> None:
    drawn = str(learning_curves("LSTM", [fold(1, 0.8, 0.6, 0.4), fold(0.6, 0.4), fold(0.8, 0.6, 0.2)], 2.0, 1))
    train, validation = paths(drawn, "median train")[0], paths(drawn, "median l1")[0]
    assert len(train) == len(validation) == 3  # epoch 4 is one fold of three
    assert len(paths(drawn, "fold train")) == 3
    folds = paths(drawn, "fold train")
    assert train[0] == folds[2][0]  # the median of 1, 0.6 and 0.8
    assert train[2][1] == pytest.approx((folds[0][2][1] + folds[2][2][1]) / 2, abs=0.1)  # of 0.6 and 0.2
    assert "3 runs of up to 4 epochs; medians end at train loss 0.40, validation loss 0.80" in drawn


def test_a_loss_twice_as_large_is_drawn_twice_as_high() -> None:
    drawn = str(learning_curves("LSTM", [fold(1.0, 0.5)], 2.0))
    (x0, y0), (x1, y1) = paths(drawn, "median train")[0]
    (_, v0), _ = paths(drawn, "median l0")[0]
    bottom = 10 + 200
    assert (bottom - y0) == pytest.approx(2 * (bottom - y1), abs=0.2)
    assert (bottom - v0) == pytest.approx(2 * (bottom - y0), abs=0.2)
    assert x1 > x0


def test_long_trainings_are_thinned_and_keep_their_last_epoch() -> None:
    losses = [1 / (k + 1) for k in range(1000)]
    drawn = str(learning_curves("LSTM", [fold(*losses)], 2.0))
    (thin,) = paths(drawn, "fold train")
    assert len(thin) <= MOST_POINTS + 1
    assert thin[-1][0] == pytest.approx(40 + 420)


def test_bins_lie_at_their_confidence_and_accuracy() -> None:
    bins = [
        ReliabilityBin(confidence=math.nan, accuracy=math.nan, count=0),
        ReliabilityBin(confidence=0.5, accuracy=0.25, count=10),
        ReliabilityBin(confidence=1.0, accuracy=1.0, count=40),
        ReliabilityBin(confidence=0.7, accuracy=math.nan, count=5),
    ]
    drawn = str(reliability("LSTM", bins, 0.041))
    (line,) = paths(drawn, "trace l0")
    assert line == [(46 + 115, pytest.approx(10 + 230 * 0.75)), (46 + 230, 10)]
    heights = [float(h) for h in re.findall(r'height="([\d.]+)" rx="2" class="count"', drawn)]
    assert heights == pytest.approx([38 / 4, 38], abs=0.06)
    assert "confidence 50.0\u00a0%, accuracy 25.0\u00a0%, 10 predictions" in drawn
    assert "expected calibration error 4.1\u00a0%" in drawn
    assert "ECE undefined" in str(reliability("LSTM", [], math.nan))
