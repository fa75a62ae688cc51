"""Action units and valence over the time of a clip."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from seqfer import posed
from seqfer.core.errors import InputError

PERSON = posed.sample_person(3)


@pytest.mark.parametrize("emotion", posed.EXPRESSIONS)
def test_curves_begin_neutral_and_stay_in_range(emotion: str) -> None:
    for seed in range(20):
        aus, valence, pose = posed.clip_curves(PERSON, emotion, seed)
        assert 8 <= len(aus) <= 24
        assert aus.shape[1] == len(posed.AUS)
        assert pose.shape == (len(aus), 6)
        assert len(valence) == len(aus)
        assert not aus[0].any()
        assert valence[0] == 0
        assert aus.min() >= 0
        assert aus.max() <= 1
        assert np.abs(valence).max() <= 1
        if emotion != "neutral":
            assert aus[-1].max() > 0.3


def test_straight_valence_has_the_expressions_sign() -> None:
    for emotion, full in posed.VALENCE.items():
        ends = [posed.clip_curves(PERSON, emotion, seed, path="straight")[1][-1] for seed in range(30)]
        assert np.sign(np.mean(ends)) == np.sign(full)


def test_length_pose_and_distractors_do_not_tell_the_emotion() -> None:
    poses = [posed.clip_curves(PERSON, emotion, 7)[2] for emotion in posed.EXPRESSIONS]
    assert all(np.array_equal(pose, poses[0]) for pose in poses)


def test_crossed_paths_of_a_pair_hold_the_same_frames_in_another_order() -> None:
    first, _, _ = posed.clip_curves(PERSON, "fear", 11, frames=24, path="crossed")
    second, _, _ = posed.clip_curves(PERSON, "surprise", 11, frames=24, path="crossed")
    assert np.abs(first.mean(axis=0) - second.mean(axis=0)).max() < 0.1  # the bag is the same
    assert np.abs(first[-1] - second[-1]).max() < 0.05  # and so is the apex
    assert np.abs(first - second).max() > 0.5  # the order is not
    fear = posed.au_vector("fear")
    assert (second[8] @ fear) > (second[16] @ fear)
    assert (first[8] @ fear) < (first[16] @ fear)


def test_words_and_lengths_that_are_not_drawn_are_one_line() -> None:
    with pytest.raises(InputError, match="contempt"):
        posed.clip_curves(PERSON, "contempt", 0)
    with pytest.raises(InputError, match="bent"):
        posed.clip_curves(PERSON, "fear", 0, path="bent")
    with pytest.raises(InputError, match="at least 2"):
        posed.clip_curves(PERSON, "fear", 0, frames=1)


def test_an_expression_has_the_action_units_of_its_prototype() -> None:
    for emotion, units in {"happiness": {6, 12, 25}, "surprise": {1, 2, 5, 25, 26}, "neutral": set()}.items():
        assert {unit for unit, level in zip(posed.AUS, posed.au_vector(emotion)) if level} == units
    assert posed.au_vector("happiness", 0.5)[posed.AUS.index(12)] == pytest.approx(0.5 * 0.95)
    assert not posed.au_vector("fear", 0).any()


def test_partners_are_pairs() -> None:
    assert {posed.PARTNER[posed.PARTNER[emotion]] == emotion for emotion in posed.PARTNER} == {True}
    assert set(posed.PARTNER) == set(posed.EXPRESSIONS) - {"neutral"}


def test_valence_is_the_weighted_mean_times_what_the_person_shows() -> None:
    even = dataclasses.replace(PERSON, au_gain=((1.0, 1.0),) * len(posed.AUS))
    levels = {"happiness": np.array([0.0, 0.5, 1.0, 1.0]), "sadness": np.array([0.0, 0.0, 0.0, 1.0])}
    # together more than one full expression: the mean of both
    assert posed.valence_of(levels, even) == pytest.approx([0, 0.5 * 0.85, 0.85, (0.85 - 0.6) / 2])
    reserved = dataclasses.replace(PERSON, au_gain=((0.5, 0.7),) * len(posed.AUS))
    assert posed.valence_of(levels, reserved)[:3] == pytest.approx([0, 0.6 * 0.5 * 0.85, 0.6 * 0.85])
    loud = dataclasses.replace(PERSON, au_gain=((2.0, 2.0),) * len(posed.AUS))
    assert posed.valence_of(levels, loud)[2] == 1.0


def test_a_clip_is_drawn_from_the_person_and_the_seed() -> None:
    first, again = (posed.clip_curves(PERSON, "fear", 5) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, again))
    assert not np.array_equal(first[2][:8], posed.clip_curves(PERSON, "fear", 6)[2][:8])
    assert not np.array_equal(first[2][:8], posed.clip_curves(posed.sample_person(4), "fear", 5)[2][:8])
