"""Every baseline found: scores are a row-stochastic table, repeatable, better than chance on what is easy, and at ease with a class it never saw.
It is an encoder too: whoever opens a model file may be given one."""

import numpy as np
import pytest
import torch

from seqfer.core import registry
from seqfer.core.errors import SettingsError
from seqfer.models.layers import fuse_conv_bn, parameter_counts


def bars(count, seed):
    rng = np.random.default_rng(seed)
    frames = rng.integers(0, 80, (count, 12, 12), dtype=np.uint8)
    labels = rng.integers(0, 3, count)
    for frame, label in zip(frames, labels, strict=True):
        frame[label * 4 : label * 4 + 4] += 150
    return frames, labels


@pytest.mark.parametrize("name", registry.names("baselines"))
def test_contract(name):
    module = registry.find("baselines", name)
    train, labels = bars(60, 0)
    test, truth = bars(30, 1)
    scores = module.fit_predict(train, labels, test, 4, seed=0)
    assert scores.shape == (30, 4)
    assert np.allclose(scores.sum(1), 1)
    assert scores.min() >= 0
    assert (scores[:, 3] == 0).all()
    assert (scores.argmax(1) == truth).mean() > 0.9
    assert np.array_equal(scores, module.fit_predict(train, labels, test, 4, seed=0))


@pytest.mark.parametrize("name", registry.names("baselines"))
def test_two_classes(name):
    train, labels = bars(60, 0)
    kept = labels < 2
    scores = registry.find("baselines", name).fit_predict(train[kept], labels[kept], train[kept], 2, seed=0)
    assert (scores.argmax(1) == labels[kept]).mean() > 0.9


@pytest.mark.parametrize("name", registry.names("baselines"))
def test_it_stands_where_an_encoder_is_asked_for(name):
    module = registry.find("encoders", name)
    assert module is registry.find("baselines", name)
    assert "Source" in module.__doc__
    assert module.PAPER
    encoder = module.build(classes=5).eval()
    images = torch.rand(3, 1, encoder.input_size, encoder.input_size, generator=torch.Generator().manual_seed(0))
    images = (images * 255).round() / 255
    features = encoder.embed(images)
    assert features.shape == (3, encoder.feature_dim)
    assert features.isfinite().all()
    torch.testing.assert_close(encoder.classifier(features), encoder.classify(images))
    torch.testing.assert_close(fuse_conv_bn(encoder).classify(images), encoder.classify(images))
    assert torch.equal(encoder.embed(images[1:2]), features[1:2])
    encoder.mean.copy_(features[0])
    torch.testing.assert_close(encoder.embed(images), features - features[0])
    assert parameter_counts(encoder)[1] == 5 * (encoder.feature_dim + 1)


def test_an_unknown_encoder_names_the_baselines_too():
    with pytest.raises(SettingsError, match=r"unknown encoder 'nothing'; allowed: .*tiny.*linear_svm, linear_svm_hog"):
        registry.find("encoders", "nothing")
    assert "linear_svm" not in registry.names("encoders")
