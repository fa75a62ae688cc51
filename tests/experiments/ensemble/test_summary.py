"""The report of an ensemble: sums over clips, the best member, and scores without copies."""

from __future__ import annotations

import numpy as np
import pytest

from seqfer.experiments.ensemble.summary import _clip_sums, _Scored


def test_frames_are_added_up_over_each_clip():
    frames = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.5, 0.5]])
    found = _clip_sums(frames, np.array([1, 3]))
    assert found == pytest.approx(np.array([[0.9, 0.1], [1.1 / 3, 1.9 / 3]]))


def scored(copied):
    labels = np.array([0, 0, 1, 1])
    best = np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7], [0.6, 0.4]])  # right, wrong, right, wrong
    return _Scored(labels, ["a", "a", "b", "b"], np.array(copied), ("anger", "fear"), best)


def test_a_row_is_compared_with_the_best_member_and_scored_without_copies():
    clips = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4]])  # right, right, right, wrong
    row = scored([True, False, False, False]).row("average", "Average", "combination", clips, None)
    assert row.accuracy == 0.75
    assert row.over_best_member.value == pytest.approx(0.25)
    assert row.accuracy_without_copies == pytest.approx(2 / 3)
    assert row.confusion == ((2, 0), (1, 1))
    assert (row.strength, row.converged) == (None, None)


def test_no_copies_leave_that_accuracy_undefined():
    clips = np.array([[0.9, 0.1]] * 4)
    assert np.isnan(scored([False] * 4).row("one", "one", "member", clips, None).accuracy_without_copies)
    assert np.isnan(scored([True] * 4).row("one", "one", "member", clips, None).accuracy_without_copies)
