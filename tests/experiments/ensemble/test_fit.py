"""Fits of combinations against scikit-learn and against a search."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from seqfer.experiments.ensemble.fit import fit_regression, fit_weights


def test_weights_are_the_likeliest():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 200)
    sure, unsure, blind = (softmax(k * np.eye(3)[labels] + rng.normal(size=(200, 3)), 1) for k in (2.0, 1.0, 0.0))
    weights = fit_weights(np.stack([unsure, sure, blind]), labels)
    assert weights.sum() == pytest.approx(1)
    assert weights.argmax() == 1
    assert weights[2] < 1e-3
    two = np.stack([sure, unsure])
    losses = [-np.log(np.tensordot([w, 1 - w], two, 1)[np.arange(200), labels]).mean() for w in np.linspace(0, 1, 201)]
    assert fit_weights(two, labels)[0] == pytest.approx(np.linspace(0, 1, 201)[np.argmin(losses)], abs=0.006)


def test_regressions_against_scikit_learn():
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 150)
    x = rng.normal(size=(150, 8)) + 1.5 * np.eye(3, 8)[labels]
    x[:, 7] = 3.0  # says nothing
    people = [f"p{i // 3}" for i in range(150)]
    ready = np.nan_to_num((x - x.mean(0)) / np.where(x.std(0) > 1e-6, x.std(0), np.inf)) / 8**0.5
    for one_vs_rest in (False, True):
        fitted = fit_regression(x, labels, people, one_vs_rest=one_vs_rest, seed=0)
        assert fitted.chosen
        assert fitted.converged
        shares = fitted.shares(x)
        np.testing.assert_allclose(shares.sum(1), 1)
        if one_vs_rest:
            each = [
                LogisticRegression(C=fitted.strength).fit(ready, labels == k).predict_proba(ready)[:, 1]
                for k in range(3)
            ]
            theirs = np.stack(each, 1) / np.sum(each, 0)[:, None]
        else:
            theirs = LogisticRegression(C=fitted.strength).fit(ready, labels).predict_proba(ready)
        np.testing.assert_allclose(shares, theirs, atol=5e-3)
    two = fit_regression(
        x[labels < 2], labels[labels < 2], list(np.array(people)[labels < 2]), one_vs_rest=False, seed=0
    )
    assert (two.shares(x[labels < 2]).argmax(1) == labels[labels < 2]).mean() > 0.8
    assert not fit_regression(x[:6], np.array([0, 1, 2] * 2), ["a", "b"] * 3, one_vs_rest=False, seed=0).chosen
