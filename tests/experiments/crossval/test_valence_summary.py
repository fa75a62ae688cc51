"""From the parts of a cross-validation of valence to its report."""

from __future__ import annotations

import math

import numpy as np
import pytest

from seqfer.experiments.crossval.valence_summary import BINS, _density, _score


def test_an_undefined_fold_is_left_out_of_the_mean_counted_and_not_tested():
    told = _score([[0.5, math.nan], [0.7, 0.9]])
    assert told.mean == pytest.approx(0.65)
    assert told.per_repeat == pytest.approx([0.5, 0.8])
    assert told.undefined == 1
    assert math.isnan(_score([[math.nan, math.nan]]).mean)


def test_the_standard_error_is_over_repeats_or_of_one_repeat_over_its_folds():
    told = _score([[0.5, 0.7], [0.6, 0.6], [0.8, 1.0]])
    assert told.per_repeat == pytest.approx([0.6, 0.6, 0.9])
    assert told.sem == pytest.approx(np.std([0.6, 0.6, 0.9], ddof=1) / math.sqrt(3))
    assert _score([[0.5, 0.7]]).sem == pytest.approx(np.std([0.5, 0.7], ddof=1) / math.sqrt(2))


def test_frames_are_counted_by_true_and_predicted_valence():
    counts = _density(np.array([-1.0, 0.99, 0.99, 0.0]), np.array([-1.0, 1.0, -0.99, 0.01]))
    assert np.sum(counts) == 4
    assert counts[0][0] == counts[-1][-1] == counts[0][-1] == 1
    assert counts[BINS // 2][BINS // 2] == 1
