"""Valence from votes, and its division among nine levels, against values computed by hand."""

from __future__ import annotations

import numpy as np

from seqfer.core.emotions import EMOTIONS
from seqfer.core.rated_valence import (
    level_valence,
    mean_valence,
    nearest_level,
    valence_to_level_probabilities,
    votes_to_level_probabilities,
)


def votes_for(**counts):
    return [float(counts.get(name, 0)) for name in EMOTIONS]


def test_the_mean_of_the_votes_by_hand():
    votes = np.array(
        [votes_for(happiness=10), votes_for(happiness=5, neutral=5), votes_for(anger=1, sadness=3), votes_for()]
    )
    found = mean_valence(votes)
    assert np.allclose(found[:3], [0.81, 0.405, (-0.51 - 3 * 0.63) / 4])
    assert np.isnan(found[3])


def test_levels_keep_the_mean_of_the_votes_exactly():
    votes = np.random.default_rng(0).integers(0, 11, (200, len(EMOTIONS))).astype(float)
    votes[votes.sum(1) == 0, 0] = 1
    shares = votes_to_level_probabilities(votes)
    assert np.allclose(shares.sum(1), 1, atol=1e-12)
    assert np.allclose(level_valence(shares), mean_valence(votes), atol=1e-12)
    assert (votes_to_level_probabilities(np.zeros((1, len(EMOTIONS)))) == 0).all()


def test_a_valence_between_two_levels_is_divided_between_them():
    # the levels are -1, -0.75, ..., 1: -0.6 lies three fifths of the way from -0.75 to -0.5
    found = valence_to_level_probabilities(np.array([-1.0, -0.6, 0.0, 1.0, 7.0]))
    expected = np.zeros((5, 9))
    expected[0, 0] = expected[2, 4] = expected[3, 8] = expected[4, 8] = 1  # beyond the scale: its end
    expected[1, 1:3] = 0.4, 0.6
    assert np.allclose(found, expected, atol=1e-12)


def test_the_nearest_level_of_a_valence():
    assert nearest_level(np.array([-1, -0.51, 0, 0.12, 0.13, 0.81, 1])).tolist() == [0, 2, 4, 4, 5, 7, 8]


def test_the_expectation_over_levels_by_hand():
    even = np.full(9, 1 / 9)
    ends = np.array([0.75, 0, 0, 0, 0, 0, 0, 0, 0.25])
    assert np.allclose(level_valence(np.stack([even, ends])), [0.0, -0.5], atol=1e-12)
