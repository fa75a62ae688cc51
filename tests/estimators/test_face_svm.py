"""`seqfer.FaceSVM` is a classifier of scikit-learn, and the machine of `seqfer.models.svm`."""

from __future__ import annotations

import numpy as np
import pytest
from estimators.estimator_checks import assert_passes
from sklearn.model_selection import GridSearchCV

import seqfer
from seqfer.models.svm import fit_linear


def faces(count: int = 60, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Noisy faces (face 12 12) uint8 with a bright band where their class says, and the classes."""
    rng = np.random.default_rng(seed)
    y = np.array(["happiness", "fear", "anger"] * (count // 3))
    X = rng.integers(0, 180, (count, 12, 12)).astype(np.uint8)
    for face, label in zip(X, y):
        face[{"happiness": 0, "fear": 4, "anger": 8}[label] :][:4] += 60
    return X, y


def test_scikit_learns_checks_pass() -> None:
    assert_passes(seqfer.FaceSVM(random_state=0))


def test_it_is_the_machine_of_the_trainings() -> None:
    X, y = faces()
    model = seqfer.FaceSVM(C=0.03, passes=20, random_state=5).fit(X, y)
    rows = X.reshape(60, -1) / 255
    codes = np.searchsorted(model.classes_, y)
    centred = (rows - rows.mean(0)).astype(np.float32)
    weights, biases = fit_linear(centred, codes, 3, penalty=0.03, passes=20, seed=5)
    np.testing.assert_allclose(model.decision_function(X), centred @ weights.T + biases, atol=1e-5)
    assert model.score(*faces(seed=1)) > 0.9


def test_faces_in_colour_lists_and_rows_are_accepted() -> None:
    X, y = faces()
    model = seqfer.FaceSVM(random_state=0).fit(X, y)
    wanted = model.predict_proba(X)
    np.testing.assert_allclose(wanted.sum(1), 1)
    for same in (list(X), X.reshape(60, -1), X / 255.0):
        np.testing.assert_allclose(model.predict_proba(same), wanted)
    colour = np.repeat(X[..., None], 3, axis=3)
    assert seqfer.FaceSVM(random_state=0).fit(colour, y).n_features_in_ == 12 * 12 * 3


def test_it_works_in_a_search_over_people() -> None:
    X, y = faces()
    people = np.arange(60) // 10
    search = GridSearchCV(seqfer.FaceSVM(random_state=0), {"C": [0.01, 0.1]}, cv=seqfer.PersonKFold(3))
    assert search.fit(X, y, groups=people).best_score_ > 0.8


def test_unusable_input_is_one_line() -> None:
    X, y = faces()
    for call, kind, said in (
        (lambda: seqfer.FaceSVM(C=0.0).fit(X, y), seqfer.SettingsError, "give C above 0"),
        (lambda: seqfer.FaceSVM(passes=-1).fit(X, y), seqfer.SettingsError, "passes of 0 or more"),
        (lambda: seqfer.FaceSVM().predict(X), seqfer.SeqferError, "not fitted yet"),
        (lambda: seqfer.FaceSVM().fit(X[:3], y), ValueError, "inconsistent numbers"),
        (lambda: seqfer.FaceSVM().fit([X[0], X[1, :4]], y[:2]), ValueError, "faces have the shapes"),
        (lambda: seqfer.FaceSVM().fit(X, y).predict(X[:, :6]), ValueError, "X has 72 features"),
    ):
        with pytest.raises(kind, match=said) as error:
            call()
        assert isinstance(error.value, seqfer.SeqferError)
        assert "\n" not in str(error.value)
