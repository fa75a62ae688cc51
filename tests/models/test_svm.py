"""Fits of linear support vector machines against scikit-learn's exact one."""

from __future__ import annotations

import numpy as np
import pytest

from seqfer.core.errors import InputError
from seqfer.models.svm import fit_linear, frame_scores


def separable(count=200, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, count)
    features = rng.normal(0, 1, (count, 5)).astype(np.float32)
    features[np.arange(count), labels] += 6
    return features - features.mean(0), labels


def test_the_fit_is_the_support_vector_machines():
    from sklearn.svm import LinearSVC

    features, labels = separable()
    weights, biases = fit_linear(features, labels, 3, penalty=0.01, passes=1000)
    exact = LinearSVC(C=0.01, loss="hinge", intercept_scaling=100, max_iter=200_000).fit(features, labels)
    assert np.abs(weights - exact.coef_).max() < 0.05 * np.abs(exact.coef_).max()
    assert np.abs(biases - exact.intercept_).max() < 0.1


def test_scale_of_the_features_changes_nothing_when_c_follows():
    features, labels = separable()
    small, _ = fit_linear(features, labels, 3, penalty=0.1)
    large, _ = fit_linear(features * 100, labels, 3, penalty=0.1 / 100**2)
    np.testing.assert_allclose(large * 100, small, rtol=1e-3, atol=1e-6)


def test_two_classes_and_one_never_seen():
    features, labels = separable()
    kept = labels < 2
    weights, biases = fit_linear(features[kept], labels[kept] * 2, 4, penalty=0.1)
    margins = features[kept] @ weights.T + biases
    assert (margins.argmax(1) == labels[kept] * 2).mean() > 0.95
    assert (margins[:, [1, 3]] < -1000).all()


def test_frame_scores_sum_to_one_and_classes_without_a_frame_have_none():
    features, labels = separable()
    scores = frame_scores(features[:150] + 3, labels[:150], features[150:] + 3, 5, seed=0)
    assert np.allclose(scores.sum(1), 1)
    assert not scores[:, 3:].any()
    assert (scores.argmax(1) == labels[150:]).mean() > 0.9
    two = labels < 2
    pair = frame_scores(features[two], labels[two] * 3, features[two], 4, seed=0)
    assert not pair[:, 1:3].any()
    assert (pair.argmax(1) == labels[two] * 3).mean() > 0.95


def test_one_class_is_refused():
    with pytest.raises(InputError, match="images of 1 class to train on"):
        fit_linear(np.zeros((5, 2), np.float32), np.zeros(5, int), 3, penalty=0.1)
