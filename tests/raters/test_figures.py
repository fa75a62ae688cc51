"""Figures of aligned films: values at marks, blocks of the bootstrap, means over films."""

from __future__ import annotations

import math
from dataclasses import asdict, replace

import numpy as np
import pytest
from drawn_traces import wave

from seqfer.raters.alignment import FilmTraces, align
from seqfer.raters.figures import Compared, FigureKind, agreement, at_marks, coverage, figure, mean_and_sd, over_films
from seqfer.raters.settings import TraceSettings
from seqfer.traces.trace import Trace

EACH = FigureKind("as_rated", 1.0)


def bins(name, values, film=""):
    edges = np.arange(len(values) + 1.0)
    return Trace(name, edges[:-1], edges[1:], np.array(values, float), film)


def test_every_two_seconds_takes_the_nearest_frame_and_the_second_that_begins_there():
    t = np.array([0.1, 1.9, 2.2, 3.0, 4.4, 7.0])
    prediction = Trace("p", t, t, np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]))
    film = FilmTraces("f", prediction, (bins("a", np.arange(10) / 10),), ("p",))
    predicted, truth = at_marks(prediction, align(film, TraceSettings()), 2.0)
    # at 2 s the frame of 1.9 s is nearer; at 6 and 8 s none is within half a second
    np.testing.assert_array_equal(predicted, [0.1, 0.2, 0.5, math.nan, math.nan])
    np.testing.assert_allclose(truth, [0.0, 0.2, 0.4, 0.6, 0.8])


def test_every_two_seconds_of_a_prediction_in_bins_takes_the_bin_around_the_mark():
    prediction = bins("p", [0.1, 0.2, 0.3, 0.4, 0.5])
    film = FilmTraces("f", prediction, (bins("a", [0.0] * 5),), ("p",))
    np.testing.assert_allclose(at_marks(prediction, align(film, TraceSettings()), 2.0)[0], [0.1, 0.3, 0.5])


@pytest.mark.parametrize(("seconds", "block_s"), [(40, 10), (300, 30), (3000, 60)])
def test_blocks_are_a_tenth_of_the_film_within_limits(seconds, block_s):
    values = wave()(np.arange(seconds))
    assert figure(values, values + 0.1, EACH, TraceSettings()).block_s == block_s


def test_no_interval_for_a_film_shorter_than_two_blocks():
    values = wave()(np.arange(15))
    one = figure(values, values + 0.1, EACH, TraceSettings())
    assert all(math.isnan(end) for ends in one.intervals.values() for end in ends)
    assert one.rmse == pytest.approx(0.1)


def test_means_over_films_leave_undefined_out_and_count_it():
    def film(rmse, ccc):
        one = figure(np.zeros(3), np.zeros(3), EACH, TraceSettings())
        return [Compared(replace(one, rmse=rmse, ccc=ccc), np.zeros(3), np.zeros(3))]

    (over,) = over_films([film(0.1, 0.5), film(0.3, math.nan), film(0.5, 0.7)])
    assert over.films == 3
    assert over.mean["rmse"] == pytest.approx(0.3)
    assert over.sd["rmse"] == pytest.approx(0.2)
    assert over.count["ccc"] == 2
    assert over.mean["ccc"] == pytest.approx(0.6)


def test_the_measures_leave_out_what_either_lacks():
    predicted = np.array([math.nan, 0.0, 0.5, 0.1, 1.0])
    truth = np.array([0.3, 0.2, 0.1, math.nan, 0.6])
    one = figure(predicted, truth, EACH, TraceSettings())
    assert one.n == 3
    assert one.rmse == pytest.approx(math.sqrt((0.2**2 + 0.4**2 + 0.4**2) / 3))
    assert one.mae == pytest.approx(1.0 / 3)
    nothing = figure(np.full(3, math.nan), truth[:3], EACH, TraceSettings())
    assert nothing.n == 0
    assert set(nothing.undefined) >= {"rmse", "ccc"}
    assert all(math.isnan(end) for ends in nothing.intervals.values() for end in ends)


def test_coverage_by_hand():
    film = FilmTraces("f", bins("p", [0.1, 0.2, math.nan, 0.4]), (bins("a", [math.nan, 0.1, 0.2, 0.3, 0.4]),), ("p",))
    assert asdict(coverage(align(film, TraceSettings(rate_hz=2.0)))) == pytest.approx(
        {"predicted_s": 3, "annotated_s": 4, "both_s": 2, "of_annotated": 0.5, "of_predicted": 2 / 3}
    )


def test_mean_and_deviation_of_what_is_defined():
    assert asdict(mean_and_sd([1.0, math.nan, 2.0, 4.0])) == pytest.approx(
        {"mean": 7 / 3, "sd": math.sqrt((16 + 1 + 25) / 9 / 2), "count": 3}
    )
    one = mean_and_sd([3.0])
    assert (one.mean, one.count) == (3.0, 1)
    assert math.isnan(one.sd)
    none = mean_and_sd([math.nan])
    assert none.count == 0
    assert math.isnan(none.mean)


def test_agreement_of_raters_who_agree_and_who_shift_by_a_constant():
    curve = wave()(np.arange(30))
    same = agreement(np.stack([curve, curve]))
    assert (same.raters, same.complete) == (2, 30)
    assert [getattr(same, name) for name in ("icc2k", "icc3k", "alpha")] == pytest.approx([1, 1, 1])
    shifted = agreement(np.stack([curve, curve + 0.5, np.full(30, math.nan)]))
    assert shifted.complete == 0  # the third rated nothing
    assert math.isnan(shifted.icc3k)
    shifted = agreement(np.stack([curve, curve + 0.5]))
    assert shifted.icc3k == pytest.approx(1)  # consistent
    assert shifted.icc2k < 0.9  # and yet not in agreement
