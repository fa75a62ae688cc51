"""Errors of scikit-learn become errors of seqfer in one line, of both kinds."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

import seqfer
from seqfer.core.errors import SettingsError
from seqfer.estimators._input import (
    EstimatorInputError,
    check_clips,
    check_sequences,
    clip_faces,
    one_line_errors,
    seed_of,
)


def test_an_error_of_several_lines_becomes_one_line_of_every_kind() -> None:
    with pytest.raises(EstimatorInputError, match=r"^a b c$") as error, one_line_errors():
        raise ValueError("a\n  b\nc")
    assert isinstance(error.value, ValueError)
    assert isinstance(error.value, TypeError)
    assert isinstance(error.value, seqfer.SeqferError)
    with pytest.raises(NotFittedError, match=r"^call fit$") as unfitted, one_line_errors():
        raise NotFittedError("call\nfit")
    assert isinstance(unfitted.value, seqfer.SeqferError)


def test_errors_of_seqfer_stay_as_they_are() -> None:
    for own in (SettingsError("x"), EstimatorInputError("y")):
        with pytest.raises(type(own)) as error, one_line_errors():
            raise own
        assert error.value is own


def test_a_whole_number_is_its_own_seed() -> None:
    assert seed_of(5) == seed_of(np.int64(5)) == 5
    assert seed_of(np.random.RandomState(0)) == seed_of(np.random.RandomState(0))
    with pytest.raises(EstimatorInputError, match="'x' cannot be used to seed"):
        seed_of("x")


def test_steps_and_lengths_of_sequences() -> None:
    model = seqfer.SequenceClassifier()
    found = check_sequences(model, [np.ones((2, 3)), np.zeros((1, 3))], fitting=True)
    assert found.steps.tolist() == [[1, 1, 1], [1, 1, 1], [0, 0, 0]]
    assert found.lengths.tolist() == [2, 1]
    assert model.n_features_in_ == 3
    assert check_sequences(model, np.ones((4, 3)), fitting=False).lengths.tolist() == [1, 1, 1, 1]


def test_clips_are_pictures_with_a_time_of_any_length_and_size() -> None:
    grey, colour = np.zeros((2, 30, 20), np.uint8), np.ones((4, 8, 9, 3))
    assert [clip.shape for clip in check_clips([grey, colour])] == [grey.shape, colour.shape]
    assert [clip.shape for clip in check_clips(np.zeros((5, 2, 8, 8)))] == [(2, 8, 8)] * 5
    for one in (np.zeros((8, 8)), np.zeros((8, 8, 3)), np.zeros((2, 8, 8, 4)), np.zeros((0, 8, 8)), "clip.mp4"):
        with pytest.raises(EstimatorInputError, match=r"clip 1 has the shape \(.*\); each is \(time, height, width\)"):
            check_clips([grey, one])
    assert clip_faces(colour, 0, 24, 1).tolist() == np.full((4, 24, 24), 255).tolist()
    assert clip_faces(grey, 0, 24, 3).shape == (2, 24, 24, 3)
