"""The report of one video, against values computed by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from seqfer.core.errors import SettingsError
from seqfer.metrics.agreement import icc2k, krippendorff_alpha
from seqfer.raters.alignment import FilmTraces
from seqfer.raters.evaluation import evaluate_film
from seqfer.raters.settings import TraceSettings
from seqfer.traces.trace import Trace


def bins(name, values, film=""):
    edges = np.arange(len(values) + 1.0)
    return Trace(name, edges[:-1], edges[1:], np.array(values, float), film)


def test_a_film_worked_by_hand():
    prediction = bins("p", [0.0, 0.5, -0.5, 1.0, math.nan])
    raters = (bins("a", [0.2, 0.5, 0.1, 0.6, 0.3]), bins("b", [0.0, 0.3, -0.1, 0.4, 0.5]))
    report, aligned = evaluate_film(FilmTraces("f", prediction, raters, ("p",)), TraceSettings())
    assert aligned.fused.values == pytest.approx([0.1, 0.4, 0.0, 0.5, 0.4])
    (one,) = report["figures"]
    assert one["n"] == 4
    assert one["rmse"] == pytest.approx(math.sqrt((0.1**2 + 0.1**2 + 0.5**2 + 0.5**2) / 4))
    assert one["mae"] == pytest.approx(0.3)
    assert one["sagr"] == pytest.approx(0.5)  # a zero agrees with a zero only
    # means 0.25; variances 0.3125 and 0.0425; covariance (0.2 + 0.5) / 4 - 0.0625
    assert one["ccc"] == pytest.approx(2 * 0.1125 / (0.3125 + 0.0425))
    assert one["pcc"] == pytest.approx(0.1125 / math.sqrt(0.3125 * 0.0425))
    assert report["coverage"] == pytest.approx(
        {"predicted_s": 4, "annotated_s": 5, "both_s": 4, "of_annotated": 0.8, "of_predicted": 1}
    )
    assert report["agreement"]["as_rated"]["icc2k"] == pytest.approx(icc2k(aligned.ratings))
    assert report["agreement"]["as_rated"]["alpha"] == pytest.approx(krippendorff_alpha(aligned.ratings))
    against = report["raters"][0]["against_others"]
    assert against["rmse"] == pytest.approx(math.sqrt((3 * 0.2**2 + 0.2**2 + 0.2**2) / 5))


def test_a_number_of_seconds_as_lag_is_a_number():
    assert TraceSettings(lag="-0.5").fixed_lag_s() == -0.5
    with pytest.raises(SettingsError):
        TraceSettings(lag="inf")
