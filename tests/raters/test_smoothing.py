"""Smoothing of predictions: the Gaussian against SciPy's and against formulas, gaps, variable rates, and the choice on other videos."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from seqfer.core.errors import InputError
from seqfer.raters.smoothing import GRID_S, best_sd, check_enough, left_out_sds, smoothed, smoothed_bins
from seqfer.traces.resampling import resample
from seqfer.traces.trace import Trace

NAN = math.nan


def samples(times, values) -> Trace:
    times = np.asarray(times, float)
    return Trace("p", times, times, np.asarray(values, float))


def test_at_a_constant_rate_it_is_the_gaussian_of_scipy():
    rng = np.random.default_rng(0)
    values = rng.uniform(-1, 1, 500)
    ours = smoothed(samples(np.arange(500) / 10, values), 0.7).values
    theirs = gaussian_filter1d(values, 7.0, truncate=4.0)
    np.testing.assert_allclose(ours[30:-30], theirs[30:-30], atol=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_at_a_variable_rate_a_sine_keeps_the_height_of_the_formula(seed):
    rng = np.random.default_rng(seed)
    times = np.cumsum(rng.choice([0.01, 0.02, 0.1], 3000))  # dense and sparse frames
    wave, sd_s = 2 * np.pi / 5, 0.6
    smooth = smoothed(samples(times, 0.9 * np.sin(wave * times)), sd_s).values
    expected = 0.9 * math.exp(-((wave * sd_s) ** 2) / 2) * np.sin(wave * times)
    inner = (times > 3) & (times < times[-1] - 3)
    assert np.abs(smooth - expected)[inner].max() < 0.03


def test_dense_frames_do_not_count_more_than_sparse_ones():
    dense, sparse = np.arange(0, 2, 0.01), np.arange(2, 6, 0.1)
    trace = samples([*dense, *sparse], [-1.0] * len(dense) + [1.0] * len(sparse))
    at_edge = smoothed(trace, 0.5).values[len(dense)]
    assert at_edge == pytest.approx(0.0, abs=0.1)  # half of the weight is on either side; by counts it would be -0.8


def test_gaps_stay_gaps_and_have_no_weight():
    values = np.array([0.5, 0.5, NAN, NAN, 0.5, 0.5])
    np.testing.assert_allclose(smoothed(samples(range(6), values), 1.0).values, values)
    step = smoothed(samples([0, 1, 2, 3, 4], [0.0, NAN, 1.0, NAN, NAN]), 1.0).values
    two = math.exp(-2)  # the weight of a value two SDs away
    np.testing.assert_allclose(step, [two / (1 + two), NAN, 1 / (1 + two), NAN, NAN])


def test_a_value_beside_a_gap_counts_as_much_as_its_neighbours():
    times = [*range(10), *range(110, 120)]
    trace = samples(times, [0.0, 1.0] * 10)
    alone = samples(times[:10], [0.0, 1.0] * 5)
    np.testing.assert_allclose(smoothed(trace, 2.0).values[:10], smoothed(alone, 2.0).values)


def test_bins_are_smoothed_by_their_middles_and_lengths():
    trace = Trace("p", np.array([0.0, 1, 3]), np.array([1.0, 3, 4]), np.array([0.0, 1.0, 0.0]))
    near, far = math.exp(-0.5 * 1.5**2), math.exp(-0.5 * 3**2)
    expected = [2 * near / (1 + 2 * near + far), 2 / (2 + 2 * near), 2 * near / (1 + 2 * near + far)]
    np.testing.assert_allclose(smoothed(trace, 1.0).values, expected)


def test_nothing_to_smooth_is_returned_as_it_is():
    trace = samples([0, 1], [0.5, -0.5])
    assert smoothed(trace, 0.0) is trace
    empty = samples([0, 1], [NAN, NAN])
    assert smoothed(empty, 1.0) is empty
    assert smoothed(samples([0], [0.5]), 1.0).values.tolist() == [0.5]
    assert smoothed(samples([1, 1, 1], [0.1, 0.2, 0.3]), 1.0).values == pytest.approx([0.2] * 3)


def test_the_bins_with_a_value_are_the_same():
    values = np.where(np.arange(100) % 30 < 10, NAN, 0.3)
    trace = samples(np.arange(100) / 10, values)
    plain = resample(trace, 1.0, bins=12).values
    assert (np.isnan(smoothed_bins(trace, 2.0, 1.0, 12)) == np.isnan(plain)).all()
    np.testing.assert_array_equal(smoothed_bins(trace, 0.0, 1.0, 12), plain)


def test_the_best_sd_is_that_of_the_highest_mean_and_the_smallest_of_equal_ones():
    scores = np.zeros((len(GRID_S), 2))
    assert best_sd(scores) == 0.0
    scores[3], scores[4] = [0.9, 0.1], [0.4, 0.4]
    assert best_sd(scores) == GRID_S[3]
    scores[2] = [0.5, 0.5]
    assert best_sd(scores) == GRID_S[2]
    undefined = np.column_stack([scores[:, 0], np.full(len(GRID_S), NAN)])
    assert best_sd(undefined) == GRID_S[3]  # an undefined video is left out
    assert best_sd(undefined[:, 1:]) == 0.0


def test_a_video_has_no_say_in_its_own_sd():
    rng = np.random.default_rng(1)
    scores = rng.uniform(-1, 1, (len(GRID_S), 6))
    people = list("abcdef")
    before = left_out_sds(scores, people)
    for video in range(6):
        for place in range(len(GRID_S)):
            changed = scores.copy()
            changed[:, video] = -1.0
            changed[place, video] = 100.0
            assert left_out_sds(changed, people)[video] == before[video]
            assert [sd for k, sd in enumerate(left_out_sds(changed, people)) if k != video] == [GRID_S[place]] * 5


def test_one_video_is_refused_in_one_line_that_says_what_came_and_what_is_allowed():
    with pytest.raises(
        InputError, match=r"needs 2 or more videos .*; got 1 video \(m\); give a number of seconds"
    ) as error:
        check_enough(["m"], ["m"])
    assert "\n" not in str(error.value)
    with pytest.raises(InputError, match="got none"):
        check_enough([], [])
    with pytest.raises(InputError, match=r"got 2 videos of one person \(Ann\)"):
        check_enough(["a", "b"], ["Ann", "Ann"])
    check_enough(["a", "b"], ["a", "b"])


def test_no_video_of_the_scored_person_has_a_say():
    scores = np.zeros((len(GRID_S), 4))
    scores[2, :2], scores[4, 2:] = 1.0, 0.9  # Ann's two videos want another SD than Ben's
    assert left_out_sds(scores, ["Ann", "Ann", "Ben", "Ben"]) == [GRID_S[4]] * 2 + [GRID_S[2]] * 2
    assert left_out_sds(scores, list("abcd")) == [GRID_S[4]] * 2 + [GRID_S[2]] * 2
    scores[2, 0] = 3.0
    assert left_out_sds(scores, ["Ann", "Ann", "Ben", "Ben"])[1] == GRID_S[4]
    assert left_out_sds(scores, list("abcd"))[1] == GRID_S[2]
