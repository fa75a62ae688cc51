"""The head loop: it learns what only order tells, repeats itself, and stops at a loss that is not a number."""

import math

import numpy as np
import pytest
import torch

from seqfer.core.errors import SettingsError, TrainingError
from seqfer.models.sequence import SequenceModel, frame_cross_entropy
from seqfer.models.weights import load_tensors
from seqfer.training.sequence_loop import _cosine, fit_sequence, pad_clips, predict_clips
from seqfer.training.settings import HeadTraining


def ordered_clips(count=60, seed=0):
    """Two classes whose clips hold the same frames, one in rising and one in falling order."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, count)
    lengths = rng.integers(5, 9, count)
    rows = []
    for label, length in zip(labels, lengths, strict=True):
        ramp = np.linspace(-1, 1, length) * (1 if label else -1)
        rows.append(np.stack([ramp, rng.normal(0, 0.1, length), np.full(length, 3.0)], 1))
    return pad_clips([np.concatenate(rows)], lengths, labels)


def trained(head, seed=0):
    torch.manual_seed(seed)
    model = SequenceModel(3, head, 2)
    fit_sequence(
        model,
        ordered_clips(),
        ordered_clips(20, 1),
        HeadTraining(epochs=25, learning_rate=0.01, dropout=0.0),
        seed=seed,
    )
    return model


def error(model):
    test = ordered_clips(40, 2)
    return float((predict_clips(model, test).argmax(1) != test.labels.numpy()).mean())


@pytest.mark.parametrize("head", ["lstm", "bilstm", "gru"])
def test_temporal_heads_learn_order(head):
    assert error(trained(head)) < 0.1


def test_mean_cannot_learn_order():
    assert error(trained("mean")) > 0.25


def test_same_seed_same_numbers():
    test = ordered_clips(10, 3)
    a, b, c = (predict_clips(trained("lstm", seed), test) for seed in (0, 0, 1))
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)


def test_statistics_come_from_training_clips_and_survive_constant_features():
    model = trained("mean")
    train = ordered_clips()
    frames = train.features[0][train.mask]
    assert torch.allclose(model.feature_mean, frames.mean(0))
    assert model.feature_std[2] == 1
    assert torch.allclose(model.feature_std[:2], frames.std(0, correction=0)[:2])


def test_loss_that_is_no_number_stops_and_keeps_the_last_good_weights(tmp_path):
    kept = tmp_path / "good.safetensors"
    settings = HeadTraining(epochs=1, batch_size=500, noise=1e38)  # one step: nothing after it could notice
    with pytest.raises(
        TrainingError, match=r"loss is nan at epoch 1, step 1; the last good weights are .*good\.safetensors"
    ):
        fit_sequence(SequenceModel(3, "lstm", 2), ordered_clips(), None, settings, seed=0, keep_on_failure=kept)
    tensors, _ = load_tensors(kept)
    assert all(torch.isfinite(t).all() for t in tensors.values())


def test_bad_settings():
    with pytest.raises(SettingsError, match="dropout"):
        HeadTraining(dropout=1.0)
    with pytest.raises(SettingsError, match="epochs"):
        HeadTraining(epochs=0)


@pytest.mark.parametrize("epochs", [1, 7, 25, 40])
def test_the_rate_of_every_epoch_is_that_of_the_formula(epochs):
    """To the last bit: the formula is the one that the loop had before it used torch's scheduler."""
    settings = HeadTraining(epochs=epochs, learning_rate=0.0023)
    optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(2))], settings.learning_rate)
    schedule = _cosine(optimizer, epochs)
    for epoch in range(epochs):
        stated = settings.learning_rate * 0.5 * (1 + math.cos(math.pi * epoch / epochs))
        assert [group["lr"] for group in optimizer.param_groups] == [stated]
        optimizer.step()
        schedule.step()


def test_patience_ends_early_and_keeps_the_best_epoch():
    settings = HeadTraining(epochs=60, learning_rate=0.5, dropout=0.0, patience=2)
    torch.manual_seed(0)
    model = SequenceModel(3, "lstm", 2)
    history = fit_sequence(model, ordered_clips(), ordered_clips(20, 1), settings, seed=0)
    assert len(history.validation_loss) < 60
    assert len(history.validation_loss) - 1 - int(np.argmin(history.validation_loss)) == 2
    test = ordered_clips(20, 1)
    with torch.no_grad():
        loss = float(frame_cross_entropy(model(test.features[0], test.mask), test.mask, test.labels))
    assert loss == min(history.validation_loss)
