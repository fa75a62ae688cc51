"""`seqfer.SequenceClassifier` is a classifier of scikit-learn and computes what `seqfer cv` computes."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from estimators.estimator_checks import assert_passes
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import seqfer
from seqfer.models.sequence import SequenceModel
from seqfer.training.sequence_loop import fit_sequence, pad_clips, predict_clips
from seqfer.training.settings import HeadTraining

CLASSES = np.array(["anger", "fear", "happiness"])


def drawn(clips: int = 36, seed: int = 0) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Sequences of 3 to 9 steps whose last steps show their class, the classes, and the people."""
    rng = np.random.default_rng(seed)
    codes = np.arange(clips) % 3
    X = []
    for code in codes:
        sequence = rng.normal(size=(int(rng.integers(3, 10)), 5))
        sequence[-2:, code] += 4
        X.append(sequence)
    return X, CLASSES[codes], np.arange(clips) // 6


@pytest.mark.parametrize("head", ["mean", "lstm", "bilstm"])
def test_scikit_learns_checks_pass(head: str) -> None:
    quick = {"epochs": 6, "learning_rate": 0.03, "dropout": 0.0, "noise": 0.1}  # the data of the checks is simple
    assert_passes(seqfer.SequenceClassifier(head, **quick, random_state=0))


@pytest.mark.slow
@pytest.mark.parametrize("head", ["mean", "lstm", "bilstm", "gru"])
def test_scikit_learns_checks_pass_with_the_defaults(head: str) -> None:
    assert_passes(seqfer.SequenceClassifier(head, random_state=0))


def test_it_computes_what_a_cross_validation_computes() -> None:
    X, y, _ = drawn()
    model = seqfer.SequenceClassifier("bilstm", epochs=3, random_state=7).fit(X, y)
    codes = np.searchsorted(CLASSES, y)
    clips = pad_clips([np.concatenate(X)], np.array([len(x) for x in X]), codes)
    torch.manual_seed(7)
    same = SequenceModel(5, "bilstm", 3, dropout=0.5)
    history = fit_sequence(same, clips, None, HeadTraining(epochs=3), seed=7)
    np.testing.assert_allclose(model.predict_proba(X), predict_clips(same, clips), atol=1e-5)
    assert model.loss_curve_.tolist() == history.train_loss
    assert list(model.classes_) == list(CLASSES)


def test_lists_arrays_and_rows_are_sequences() -> None:
    X, y, _ = drawn()
    equal = np.stack([x[-3:] for x in X])
    model = seqfer.SequenceClassifier("lstm", epochs=8, random_state=0).fit(equal, y)
    as_objects = np.empty(len(X), dtype=object)
    as_objects[:] = [x[-3:] for x in X]
    wanted = model.predict_proba(equal)
    for same in (list(equal), equal.tolist(), as_objects):
        np.testing.assert_array_equal(model.predict_proba(same), wanted)
    rows = equal[:, -1]
    np.testing.assert_allclose(model.predict_proba(rows), model.predict_proba(rows[:, None]))
    # padding does not reach a prediction: alone, a short sequence has the same probabilities as beside a long one
    np.testing.assert_allclose(model.predict_proba(X[:1]), model.predict_proba(X)[:1], atol=1e-12)


def test_it_works_in_searches_over_people_and_in_pipelines() -> None:
    X, y, people = drawn()
    folds = seqfer.PersonKFold(3, shuffle=True, random_state=0)
    model = seqfer.SequenceClassifier("lstm", learning_rate=0.02, random_state=0)
    search = GridSearchCV(model, {"epochs": np.array([1, 12])}, cv=folds, error_score="raise")
    search.fit(X, y, groups=people)
    assert search.best_params_ == {"epochs": 12}
    assert search.best_score_ > 0.6
    rows = np.stack([x[-1] for x in X])
    scores = cross_val_score(make_pipeline(StandardScaler(), model), rows, y, cv=folds, groups=people)
    assert scores.mean() > 0.6


def test_the_random_state_decides_and_the_global_one_stays() -> None:
    X, y, _ = drawn()
    model = seqfer.SequenceClassifier("lstm", epochs=2, random_state=3)
    torch.manual_seed(1)
    before, numbers_before = torch.get_rng_state(), np.random.get_state()[1].copy()
    first = model.fit(X, y).predict_proba(X)
    assert torch.equal(torch.get_rng_state(), before)
    assert np.array_equal(np.random.get_state()[1], numbers_before)
    torch.manual_seed(2)
    np.testing.assert_array_equal(clone(model).fit(X, y).predict_proba(X), first)
    other = clone(model).set_params(random_state=4).fit(X, y).predict_proba(X)
    assert not np.allclose(other, first)
    drawn_seed = clone(model).set_params(random_state=np.random.RandomState(0))
    assert not np.allclose(drawn_seed.fit(X, y).predict_proba(X), drawn_seed.fit(X, y).predict_proba(X))


def test_a_fitted_model_can_be_stored() -> None:
    X, y, _ = drawn()
    model = seqfer.SequenceClassifier("gru", epochs=2, random_state=0).fit(X, y)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda X, y: (X[:-1], y), r"inconsistent numbers of samples: \[35, 36\]"),
        (lambda X, y: ([*X[:-1], X[0][:0]], y), r"sequence 35 has the shape \(0, 5\); each is \(time, feature\)"),
        (lambda X, y: ([*X[:-1], X[0][:, :4]], y), r"sequence 35 has the shape .* 5 features as the first"),
        (lambda X, y: ([*X[:-1], X[0] * np.nan], y), "contains NaN"),
        (lambda X, y: ([], y), "Expected 2D array, got 1D array instead"),
        (
            lambda X, y: (X, np.full(len(X), "happiness")),
            "y has 1 class, happiness; give samples of 2 classes at least",
        ),
        (lambda X, y: (X, np.linspace(0, 1, len(X))), "Unknown label type"),
    ],
)
def test_unusable_input_is_one_line(change, said: str) -> None:
    X, y, _ = drawn()
    with pytest.raises(ValueError, match=said) as error:
        seqfer.SequenceClassifier("mean", epochs=1).fit(*change(X, y))
    assert isinstance(error.value, seqfer.SeqferError)
    assert "\n" not in str(error.value)


def test_parameters_out_of_range_are_named() -> None:
    X, y, _ = drawn()
    for parameters, said in (
        ({"epochs": 0}, "epochs = 0; allowed: a whole number, 1 or more"),
        ({"head": "transformer"}, "unknown head 'transformer'; allowed: bilstm"),
    ):
        with pytest.raises(seqfer.SettingsError, match=said):
            seqfer.SequenceClassifier(**parameters).fit(X, y)


def test_other_features_than_in_training_and_no_training() -> None:
    X, y, _ = drawn()
    model = seqfer.SequenceClassifier("mean", epochs=1)
    with pytest.raises(seqfer.SeqferError, match="not fitted yet"):
        model.predict(X)
    model.fit(X, y)
    with pytest.raises(seqfer.SeqferError, match="X has 4 features, but SequenceClassifier is expecting 5"):
        model.predict([x[:, :4] for x in X])


def test_the_examples_of_the_docs_tell_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parents[2] / "docs" / "estimators.md").read_text(encoding="utf-8")
    exec("".join(re.findall(r"^```python\n(.*?)^```", page, flags=re.M | re.S)), {})
    scores = {head: float(score) for head, score in re.findall(r"(\w+): (\S+)", capsys.readouterr().out)}
    assert scores["mean"] < 0.7
    assert min(scores["lstm"], scores["bilstm"], scores["clips"]) > 0.9
