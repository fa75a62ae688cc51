"""Valence of faces in a video: levels averaged over moments of the same look, or a head that regresses it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from seqfer.models.appearance_average import PASSES
from seqfer.models.film_valence import FilmValence
from seqfer.models.sequence import SequenceModel


def of_levels() -> FilmValence:
    torch.manual_seed(0)
    return FilmValence("levels", "0" * 64, "made up", levels=nn.Linear(4, 9))


def of_head(head: str) -> FilmValence:
    torch.manual_seed(0)
    return FilmValence("head", "0" * 64, "made up", head=SequenceModel(4, head, 1, projection=3).eval())


def test_the_expectation_over_the_levels_is_the_valence_of_a_frame() -> None:
    reader, features = of_levels(), torch.randn(5, 4)
    assert reader.levels is not None
    expected = reader.levels(features).softmax(1).detach().numpy() @ np.linspace(-1, 1, 9)
    assert reader.input_dim == 1
    assert reader.prepare(features)[:, 0].numpy() == pytest.approx(expected, abs=1e-6)


def test_levels_are_averaged_over_the_moments_at_which_the_face_looks_the_same() -> None:
    """Three frames of one look, a fourth with another look and the same reading, a fifth that is padding."""
    times = torch.tensor([[0.0, 0.4, 0.8, 1.0, 1.1]], dtype=torch.float64)
    values = torch.tensor([[[0.10], [0.12], [0.10], [0.11], [9.0]]])
    looks = torch.tensor([[[0.0], [0.0], [0.0], [5.0], [0.0]]])
    mask = torch.tensor([[True, True, True, True, False]])
    found = of_levels().look(values, looks, mask, times)[0, :, 0].numpy()
    within_s = PASSES[-1].within_s
    for k, time_s in enumerate((0.0, 0.4, 0.8)):
        weights = np.exp(-0.5 * ((np.array([0.0, 0.4, 0.8]) - time_s) / within_s) ** 2)
        assert found[k] == pytest.approx(weights @ [0.10, 0.12, 0.10] / weights.sum(), abs=1e-5)
    assert found[3] == pytest.approx(0.11, abs=1e-6)


def test_without_later_frames_the_levels_are_as_they_are() -> None:
    value, state = of_levels().step(torch.tensor([[[0.3]]]))
    assert (float(value), state) == (pytest.approx(0.3), None)


def test_a_head_frame_by_frame_gives_what_it_gives_at_once() -> None:
    reader, features = of_head("lstm"), torch.randn(6, 4)
    inputs = reader.prepare(features)[None]
    assert inputs.shape == (1, 6, reader.input_dim) == (1, 6, 3)
    whole = reader.look(inputs, inputs, torch.ones(1, 6, dtype=torch.bool), torch.zeros(1, 6))
    state, made = None, []
    for k in range(6):
        value, state = reader.step(inputs[:, k : k + 1], state)
        made.append(float(value))
    assert made == pytest.approx(whole[0, :, 0].tolist(), abs=1e-6)
    assert whole.abs().max() < 1
