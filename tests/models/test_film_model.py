"""Probabilities and valence of faces by a video model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.special import softmax
from tiny_models import CLASSES, film_model, stills
from torch import nn

from seqfer.core.emotions import VALENCE_NORMS
from seqfer.models.film_valence import FilmValence
from seqfer.models.opening import open_model
from seqfer.models.video_model import valence_norms


@pytest.fixture
def opened(tmp_path):
    return open_model(str(film_model(tmp_path)[0]), kind="video")


@pytest.fixture
def alone(tmp_path):
    film_model(tmp_path)
    return open_model(str(tmp_path / "encoder.safetensors"), kind="video")


def test_probabilities_are_the_softmax_of_tempered_logits(opened) -> None:
    logits = np.random.default_rng(0).normal(size=(2, 3, 7)).astype(np.float32)
    probabilities, value = opened.read(logits)
    assert probabilities == pytest.approx(softmax(logits.astype(float) / 2.0, axis=-1), abs=1e-12)
    assert value is None
    assert valence_norms(opened).tolist() == [VALENCE_NORMS[name] for name in CLASSES]


def test_step_by_step_and_at_once_are_the_same(opened) -> None:
    inputs = opened.encode(stills(6))[None]
    mask, times = np.ones((1, 6), dtype=bool), np.arange(6.0)[None]
    whole = opened.look(inputs, mask, times)
    first, state = opened.step(inputs[:, :2])
    rest, _ = opened.step(inputs[:, 2:], state)
    assert np.allclose(np.concatenate([first, rest], 1), whole, atol=1e-6)
    assert whole.shape == (1, 6, opened.output_dim) == (1, 6, 7)


def test_an_encoder_alone_is_a_classifier_of_every_frame(alone) -> None:
    faces = stills(4)
    logits = alone.encode(faces)
    pixels = torch.from_numpy(faces).float()[:, None] / 255
    with torch.no_grad():
        expected = alone.encoder.classifier(alone.encoder.embed(pixels)).numpy()
    assert np.allclose(logits, expected, atol=1e-5)
    assert np.array_equal(alone.look(logits[None], np.ones((1, 4), dtype=bool), np.zeros((1, 4)))[0], logits)
    assert not alone.temporal
    assert alone.causal


def test_no_faces_are_no_rows(opened, alone) -> None:
    assert opened.encode(stills(0)).shape == (0, 6)
    assert alone.encode(stills(0)).shape == (0, 7)


def test_a_valence_model_on_the_same_encoder_uses_its_features(opened) -> None:
    torch.manual_seed(1)
    levels = nn.Linear(opened.encoder.feature_dim, 9)
    both = replace(opened, valence=FilmValence("v", "0" * 64, "made up", levels=levels))
    assert (both.input_dim, both.output_dim) == (opened.input_dim + 1, 8)
    faces = stills(3)
    inputs = both.encode(faces)
    assert np.allclose(inputs[:, :-1], opened.encode(faces))
    mask, times = np.ones((1, 3), dtype=bool), np.array([[0.0, 100.0, 200.0]])
    outputs = both.look(inputs[None], mask, times)
    probabilities, value = both.read(outputs)
    assert value is not None
    assert value[0] == pytest.approx(inputs[:, -1], abs=1e-6)  # frames this far apart are not averaged
    assert probabilities.shape == (1, 3, 7)
    assert np.abs(both.read(outputs * 100)[1]).max() <= 1


def test_a_model_is_causal_only_where_all_its_parts_are(tmp_path) -> None:
    forward = open_model(str(film_model(tmp_path, "lstm")[0]), kind="video")
    both_ways = open_model(str(film_model(tmp_path, "bilstm")[0]), kind="video")
    assert (forward.causal, both_ways.causal) == (True, False)
    later = FilmValence("v", "0" * 64, "made up", levels=nn.Linear(4, 9), causal=False)
    assert not replace(forward, valence=later).causal
