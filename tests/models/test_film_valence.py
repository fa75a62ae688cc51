"""Valence of faces in a video: levels smoothed over neighbouring frames, or a head that regresses it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from seqfer.models.film_valence import SMOOTHING_S, FilmValence
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


def test_frames_are_averaged_with_gaussian_weights_of_their_times() -> None:
    times = torch.tensor([[0.0, 0.4, 3.0, 3.1]], dtype=torch.float64)
    values, mask = torch.tensor([[[1.0], [0.0], [-1.0], [9.0]]]), torch.tensor([[True, True, True, False]])
    found = of_levels().look(values, mask, times)[0, :, 0].numpy()
    for k, time_s in enumerate((0.0, 0.4, 3.0)):
        weights = np.exp(-0.5 * ((np.array([0.0, 0.4, 3.0]) - time_s) / SMOOTHING_S) ** 2)
        assert found[k] == pytest.approx(weights @ [1, 0, -1] / weights.sum(), abs=1e-6)


def test_without_later_frames_the_levels_are_as_they_are() -> None:
    value, state = of_levels().step(torch.tensor([[[0.3]]]))
    assert (float(value), state) == (pytest.approx(0.3), None)


def test_a_head_frame_by_frame_gives_what_it_gives_at_once() -> None:
    reader, features = of_head("lstm"), torch.randn(6, 4)
    inputs = reader.prepare(features)[None]
    assert inputs.shape == (1, 6, reader.input_dim) == (1, 6, 3)
    whole = reader.look(inputs, torch.ones(1, 6, dtype=torch.bool), torch.zeros(1, 6))
    state, made = None, []
    for k in range(6):
        value, state = reader.step(inputs[:, k : k + 1], state)
        made.append(float(value))
    assert made == pytest.approx(whole[0, :, 0].tolist(), abs=1e-6)
    assert whole.abs().max() < 1
