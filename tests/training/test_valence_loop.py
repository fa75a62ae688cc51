"""Temporal heads that regress valence: what they learn, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from seqfer.core.errors import InputError, TrainingError
from seqfer.metrics.traces import trace_scores
from seqfer.models.sequence import SequenceModel
from seqfer.training.settings import HeadTraining
from seqfer.training.valence_loop import fit_valence, pad_traces, predict_valence


def moving(clips=40, seed=0):
    """Clips whose trace is what one feature has added up to so far: the past is needed, the frame alone says little."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(5, 11, clips)
    steps = [rng.normal(0, 0.3, n) for n in lengths]
    features = np.concatenate([np.stack([s, rng.normal(0, 0.1, len(s))], 1) for s in steps])
    valence = np.concatenate([np.tanh(np.cumsum(s)) for s in steps])
    return pad_traces([features], lengths, valence)


def trained(head, seed=0, epochs=20):
    torch.manual_seed(seed)
    model = SequenceModel(2, head, 1)
    settings = HeadTraining(epochs=epochs, batch_size=16, learning_rate=0.01, dropout=0.0, noise=0.0)
    history = fit_valence(model, moving(), moving(10, 1), settings, seed=seed)
    test = moving(30, 2)
    return predict_valence(model, test), test, history


def test_a_temporal_head_learns_what_only_the_past_tells():
    found = {}
    for head in ("lstm", "mean"):
        predicted, test, history = trained(head)
        assert np.isnan(predicted[~test.mask.numpy()]).all()
        assert len(history.validation_error) == 20
        found[head] = trace_scores(predicted[test.mask.numpy()], test.labels[test.mask].numpy()).ccc
    assert found["lstm"] > 0.85
    assert found["mean"] < 0.7


def test_same_seed_same_trace():
    first, again, other = (trained("lstm", seed, epochs=3)[0] for seed in (0, 0, 1))
    assert np.array_equal(first, again, equal_nan=True)
    assert not np.array_equal(first, other, equal_nan=True)


def test_traces_that_cannot_be_learned_from_are_refused(tmp_path):
    lengths = np.array([2, 3])
    with pytest.raises(InputError, match="4 values of valence for 5 frames"):
        pad_traces([np.zeros((5, 2))], lengths, np.zeros(4))
    model = SequenceModel(2, "mean", 1)
    nothing = pad_traces([np.zeros((5, 2))], lengths, np.full(5, np.nan))
    with pytest.raises(InputError, match="no frame of the training clips has a valence"):
        fit_valence(model, nothing, None, HeadTraining(), seed=0)
    with pytest.raises(TrainingError, match="loss is nan at epoch 1"):
        fit_valence(model, moving(), None, HeadTraining(noise=1e38), seed=0, keep_on_failure=tmp_path / "x.safetensors")
    with torch.no_grad():
        model.head.output.bias.fill_(math.nan)
    with pytest.raises(TrainingError, match="not finite"):
        predict_valence(model, moving())
