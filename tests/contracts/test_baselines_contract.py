"""Every baseline found: scores are a row-stochastic table, repeatable, better than chance on what is easy, and at ease with a class it never saw."""

import numpy as np
import pytest

from seqfer import parts


def bars(count, seed):
    rng = np.random.default_rng(seed)
    frames = rng.integers(0, 80, (count, 12, 12), dtype=np.uint8)
    labels = rng.integers(0, 3, count)
    for frame, label in zip(frames, labels, strict=True):
        frame[label * 4 : label * 4 + 4] += 150
    return frames, labels


@pytest.mark.parametrize("name", parts.names("baselines"))
def test_contract(name):
    module = parts.find("baselines", name)
    train, labels = bars(60, 0)
    test, truth = bars(30, 1)
    scores = module.fit_predict(train, labels, test, 4, seed=0)
    assert scores.shape == (30, 4)
    assert np.allclose(scores.sum(1), 1)
    assert scores.min() >= 0
    assert (scores[:, 3] == 0).all()
    assert (scores.argmax(1) == truth).mean() > 0.9
    assert np.array_equal(scores, module.fit_predict(train, labels, test, 4, seed=0))


@pytest.mark.parametrize("name", parts.names("baselines"))
def test_two_classes(name):
    train, labels = bars(60, 0)
    kept = labels < 2
    scores = parts.find("baselines", name).fit_predict(train[kept], labels[kept], train[kept], 2, seed=0)
    assert (scores.argmax(1) == labels[kept]).mean() > 0.9
