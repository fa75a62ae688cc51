"""The sequence model: statistics, probabilities of clips, losses of frames."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from seqfer.metrics.traces import ccc
from seqfer.models.sequence import (
    Dropout,
    SequenceModel,
    clip_probabilities,
    frame_cross_entropy,
    frame_valence,
    valence_loss,
)


def test_clip_probabilities_ignore_padding_and_add_up():
    logits, mask = torch.randn(2, 4, 3), torch.tensor([[1, 1, 0, 0], [1, 1, 1, 1]]).bool()
    shares = clip_probabilities(logits, mask)
    assert torch.allclose(shares.sum(1), torch.ones(2))
    assert torch.allclose(shares[0], logits[0, :2].softmax(1).mean(0))
    other = logits.clone()
    other[0, 2:] = 99
    assert torch.equal(clip_probabilities(other, mask), shares)
    labels = torch.tensor([0, 2])
    assert frame_cross_entropy(other, mask, labels) == frame_cross_entropy(logits, mask, labels)


def padded(values):
    lengths = torch.tensor([len(row) for row in values])
    mask = torch.arange(int(lengths.max()))[None, :] < lengths[:, None]
    full = torch.full(mask.shape, torch.nan)
    full[mask] = torch.tensor([v for row in values for v in row])
    return full, mask


def test_loss_is_one_minus_ccc_plus_mse_over_all_real_frames():
    truth, mask = padded([[0.1, 0.5, -0.3], [0.9, -0.2, 0.4, 0.0]])
    predicted = torch.linspace(-0.5, 0.6, mask.numel()).reshape(mask.shape)
    x, y = predicted[mask].double().numpy(), truth[mask].double().numpy()
    assert float(valence_loss(predicted, mask, truth)) == pytest.approx(1 - ccc(x, y) + np.mean((x - y) ** 2), abs=1e-6)
    other = predicted.clone()
    other[0, 3] = 77.0
    assert valence_loss(other, mask, truth) == valence_loss(predicted, mask, truth)


def test_loss_leaves_out_what_nobody_rated_and_bears_constants():
    truth, mask = padded([[0.1, 0.5, math.nan], [0.9, -0.2, 0.4, math.nan]])
    predicted = torch.rand(mask.shape, requires_grad=True)
    loss = valence_loss(predicted, mask, truth)
    x, y = (side[mask & ~truth.isnan()].detach().double().numpy() for side in (predicted, truth))
    assert float(loss.detach()) == pytest.approx(1 - ccc(x, y) + np.mean((x - y) ** 2), abs=1e-6)
    for values in ([[math.nan]], [[0.3, 0.3]], [[0.0]]):
        truth, mask = padded(values)
        predicted = torch.full(mask.shape, 0.3, requires_grad=True)
        valence_loss(predicted, mask, truth).backward()
        assert torch.isfinite(predicted.grad).all()


def test_outputs_stay_in_range_with_a_gradient_everywhere():
    outputs = torch.tensor([[[-9.0], [0.0], [3.0]]], requires_grad=True)
    valence = frame_valence(outputs)
    assert valence.shape == (1, 3)
    assert valence.detach().abs().max() <= 1
    valence.sum().backward()
    assert (outputs.grad != 0).all()


def test_dropout_keeps_the_mean_and_does_nothing_in_evaluation():
    torch.manual_seed(0)
    layer, ones = Dropout(0.25), torch.ones(200_000)
    dropped = layer(ones)
    assert dropped.unique().tolist() == pytest.approx([0.0, 1 / 0.75])
    assert float(dropped.mean()) == pytest.approx(1, abs=0.01)
    assert layer.eval()(ones) is ones
    assert Dropout(0.0)(ones) is ones


def test_features_are_standardised_by_the_statistics_of_the_training_people():
    torch.manual_seed(0)
    model = SequenceModel(3, "mean", 2, projection=4).eval()
    features = torch.tensor([[1.0, 5.0, 7.0], [3.0, 9.0, 7.0]])
    model.fit_statistics(features)
    assert model.feature_mean.tolist() == [2, 7, 7]
    assert model.feature_std.tolist() == [1, 2, 1]  # a constant feature keeps its scale
    standardised = torch.tensor([[-1.0, -1.0, 0.0], [1.0, 1.0, 0.0]])
    assert torch.allclose(model.project(features), model.projection(standardised))


def test_the_cross_entropy_of_frames_by_hand():
    logits = torch.log(torch.tensor([[[0.5, 0.5], [0.25, 0.75], [0.9, 0.1]]]))
    mask = torch.tensor([[True, True, False]])
    of_clip = frame_cross_entropy(logits, mask, torch.tensor([1]))
    assert float(of_clip) == pytest.approx(-(math.log(0.5) + math.log(0.75)) / 2)
    own = torch.tensor([[[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]]])
    expected = -(math.log(0.5) + 0.5 * (math.log(0.25) + math.log(0.75))) / 2
    assert float(frame_cross_entropy(logits, mask, own)) == pytest.approx(expected)


def test_padding_changes_no_logit_of_a_real_frame():
    torch.manual_seed(0)
    mask = torch.tensor([[True, True, True, False]])
    features = torch.randn(1, 4, 3)
    for head in ("lstm", "bilstm", "gru", "mean"):
        model = SequenceModel(3, head, 2).eval()
        with torch.no_grad():
            padded_out = model(features, mask)[:, :3]
            alone = model(features[:, :3], mask[:, :3])
        assert torch.allclose(padded_out, alone, atol=1e-6), head
