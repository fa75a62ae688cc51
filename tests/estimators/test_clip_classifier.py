"""`seqfer.ClipClassifier` is a classifier of scikit-learn on pictures: the included encoders, then `seqfer.SequenceClassifier`."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest
import tiny_models
from estimators.estimator_checks import assert_passes
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.utils import get_tags

import seqfer
from seqfer.estimators._input import check_fitted, check_rows, one_line_errors

QUICK = {"epochs": 12, "learning_rate": 0.02, "noise": 0.3}


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The file of a tiny encoder."""
    folder = tmp_path_factory.mktemp("encoder")
    tiny_models.film_model(folder)
    return str(folder / "encoder.safetensors")


def drawn(clips: int = 36, seed: int = 0, size: int = 24) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Clips (time 24 24) uint8 of 3 to 6 noisy pictures in which a bright band moves down (happiness) or up (fear), their classes and people."""
    rng = np.random.default_rng(seed)
    y = np.array(["happiness", "fear"] * (clips // 2))
    X = []
    for label in y:
        clip = rng.integers(0, 60, (int(rng.integers(3, 7)), size, size))
        for picture, top in zip(clip, np.linspace(0, size - 6, len(clip)).astype(int)):
            picture[top : top + 6] += 180
        X.append((clip if label == "happiness" else clip[::-1]).astype(np.uint8))
    return X, y, np.arange(clips) // 6


class OnRows(seqfer.ClipClassifier):  # type: ignore[misc]  # scikit-learn has no types
    """Takes rows of numbers, as scikit-learn's checks give them: each is drawn as a clip of one picture, with a grey stripe per number."""

    def fit(self, X: Any, y: Any) -> Self:
        return super().fit(self._drawn(X, fitting=True), y)

    def predict_proba(self, X: Any) -> np.ndarray:
        check_fitted(self)
        return super().predict_proba(self._drawn(X, fitting=False))

    def predict(self, X: Any) -> np.ndarray:
        check_fitted(self)
        return super().predict(self._drawn(X, fitting=False))

    def _drawn(self, X: Any, *, fitting: bool) -> np.ndarray:
        with one_line_errors():
            rows = check_rows(self, X, fitting=fitting)
        stripes = np.repeat(0.5 + np.arctan(rows) / np.pi, -(-24 // rows.shape[1]), axis=1)
        return np.repeat(stripes[:, None, None, :], 24, axis=2)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = True
        return tags


@pytest.mark.parametrize("head", ["mean", "bilstm"])
def test_scikit_learns_checks_pass_on_pictures(head: str, encoder: str) -> None:
    quick = {"epochs": 6, "learning_rate": 0.03, "dropout": 0.0, "noise": 0.1}  # the data of the checks is simple
    assert_passes(OnRows(encoder, seqfer.SequenceClassifier(head, **quick, random_state=0), device="cpu"))


def head(name: str = "lstm", **settings: Any) -> seqfer.SequenceClassifier:
    return seqfer.SequenceClassifier(name, **{**QUICK, "random_state": 0, **settings})


def test_it_is_the_sequence_classifier_on_the_features_of_the_encoder(encoder: str) -> None:
    X, y, _ = drawn()
    model = seqfer.ClipClassifier(encoder, head(), device="cpu").fit(X, y)
    embed = seqfer.load_model(encoder, device="cpu").embed
    same = head().fit([embed(clip) for clip in X], y)
    np.testing.assert_array_equal(model.predict_proba(X), same.predict_proba([embed(clip) for clip in X]))
    assert list(model.classes_) == ["fear", "happiness"]
    assert set(model.predict(X)) <= {"fear", "happiness"}
    others, labels, _ = drawn(seed=1)
    assert model.score(others, labels) > 0.9
    with pytest.raises(ValueError, match="seed"):
        seqfer.ClipClassifier(encoder, head(random_state="x")).fit(X, y)


def test_without_a_classifier_it_has_the_default_head_on_the_included_encoder() -> None:
    X, y, _ = drawn(4)
    model = seqfer.ClipClassifier(device="cpu").fit(X, y)
    assert model.classifier is None
    assert model.classifier_.get_params() == seqfer.SequenceClassifier().get_params()
    assert model.classifier_.n_features_in_ == seqfer.load_model("compact").embed(X[0]).shape[1]


def test_pictures_of_any_size_in_grey_and_colour_in_lists_and_arrays(encoder: str) -> None:
    X, y, _ = drawn()
    equal = np.stack([clip[-3:] for clip in X])
    model = seqfer.ClipClassifier(encoder, head(), device="cpu").fit(X, y)
    wanted = model.predict_proba(equal)
    objects = np.empty(len(X), dtype=object)
    objects[:] = list(equal)
    colour = np.repeat(equal[..., None], 3, axis=4)
    for same in (
        list(equal),
        tuple(equal),
        objects,
        equal / 255.0,
        colour,
        list(colour),
        [list(clip) for clip in equal],
    ):
        np.testing.assert_allclose(model.predict_proba(same), wanted, atol=1e-12)
    large = [np.kron(clip, np.ones((2, 2), np.uint8)) for clip in equal]
    np.testing.assert_allclose(model.predict_proba([*large[:18], *equal[18:]]), wanted, atol=1e-12)
    # a clip has the same probabilities alone as beside others
    np.testing.assert_allclose(model.predict_proba(equal[5:6]), wanted[5:6], atol=1e-12)


def test_it_works_in_cross_validations_and_searches_over_people(encoder: str) -> None:
    X, y, people = drawn()
    folds = seqfer.PersonKFold(3, shuffle=True, random_state=0)
    model = seqfer.ClipClassifier(encoder, head(), device="cpu")
    assert cross_val_score(model, X, y, cv=folds, groups=people).mean() > 0.8
    heads = {"classifier__head": ["mean", "bilstm"]}
    search = GridSearchCV(model, heads, cv=folds, error_score="raise").fit(X, y, groups=people)
    assert search.best_params_ == {"classifier__head": "bilstm"}  # the pictures are the same, in the opposite order


def test_parameters_are_those_of_scikit_learn(encoder: str) -> None:
    model = seqfer.ClipClassifier(encoder, head(epochs=3), verbose=True)
    copied = clone(model).set_params(classifier__epochs=4, device="cpu")
    assert copied.get_params()["classifier__epochs"] == 4
    assert model.get_params()["classifier__epochs"] == 3
    assert copied.get_params(deep=False).keys() == {"encoder", "classifier", "device", "verbose"}
    assert copied.encoder == encoder
    assert not get_tags(model).input_tags.two_d_array


def test_a_fitted_classifier_is_stored_without_the_encoder_and_opens_it_again(encoder: str, tmp_path: Path) -> None:
    X, y, _ = drawn()
    file = tmp_path / "encoder.safetensors"
    file.write_bytes(Path(encoder).read_bytes())
    model = seqfer.ClipClassifier(file, head(epochs=1), device="cpu").fit(X, y)
    stored = pickle.dumps(model)
    alone = pickle.dumps(model.classifier_)
    assert len(stored) < len(alone) + 1000
    np.testing.assert_array_equal(pickle.loads(stored).predict_proba(X), model.predict_proba(X))
    weights = bytearray(file.read_bytes())
    weights[-1] ^= 1  # the last value, in its last byte
    file.write_bytes(weights)
    with pytest.raises(seqfer.WeightsError, match="not those of the fit any more; fit the classifier again"):
        model.predict(X)


def test_another_classifier_of_sequences_can_be_the_head(encoder: str) -> None:
    class MeanOfSteps(LogisticRegression):  # type: ignore[misc]  # scikit-learn has no types
        def fit(self, X: Any, y: Any) -> Self:
            return super().fit(np.stack([one.mean(0) for one in X]), y)

        def predict(self, X: Any) -> np.ndarray:
            return super().predict(np.stack([one.mean(0) for one in X]))

    X, _, _ = drawn()
    y = np.arange(36) % 2
    bright = [clip // 2 + np.uint8(60 * label) for clip, label in zip(X, y)]
    assert seqfer.ClipClassifier(encoder, MeanOfSteps(), device="cpu").fit(bright, y).score(bright, y) == 1.0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda X, y: (X[:-1], y), r"inconsistent numbers of samples: \[35, 36\]"),
        (lambda X, y: ([], y), "X has no clips; give a list of arrays"),
        (lambda X, y: (5, y), "'int' object is not iterable"),
        (
            lambda X, y: ([*X[:-1], X[0][:0]], y),
            r"clip 35 has the shape \(0, 24, 24\); each is \(time, height, width\)",
        ),
        (lambda X, y: (np.stack([clip[0] for clip in X]), y), r"clip 0 has the shape \(24, 24\)"),
        (lambda X, y: (np.zeros((36, 24 * 24)), y), r"clip 0 has the shape \(576,\)"),
        (lambda X, y: ([np.zeros((24, 24, 3), np.uint8)] * 36, y), r"clip 0 has the shape \(24, 24, 3\)"),
        (lambda X, y: ([[np.zeros((9, 9)), np.zeros((8, 8))]] * 36, y), "inhomogeneous"),
        (lambda X, y: ([*X[:-1], X[0] * 1.0], y), r"clip 35: faces: floats from 0 to 239; allowed: 0 to 1"),
        (lambda X, y: ([*X[:-1], X[0] * np.nan], y), "clip 35: faces: floats from nan to nan"),
        (lambda X, y: ([clip.astype(int) for clip in X], y), "clip 0: faces: values of type int64"),
        (lambda X, y: (X, np.full(len(X), "happiness")), "y has 1 class, happiness"),
        (lambda X, y: (X, None), "requires y to be passed"),
    ],
)
def test_unusable_input_is_one_line(change: Any, said: str, encoder: str) -> None:
    X, y, _ = drawn()
    with pytest.raises(ValueError, match=said) as error:
        seqfer.ClipClassifier(encoder, head(), device="cpu").fit(*change(X, y))
    assert isinstance(error.value, seqfer.SeqferError)
    assert "\n" not in str(error.value)


def test_unknown_encoders_and_devices_and_no_fit_are_named(encoder: str) -> None:
    X, y, _ = drawn()
    for model, kind, said in (
        (seqfer.ClipClassifier("no"), seqfer.SettingsError, "model is 'no'; allowed: small, compact"),
        (seqfer.ClipClassifier(encoder, device="tpu"), seqfer.SettingsError, "tpu"),
        (seqfer.ClipClassifier(encoder, seqfer.SequenceClassifier("no")), seqfer.SettingsError, "unknown head 'no'"),
    ):
        with pytest.raises(kind, match=said):
            model.fit(X, y)
    with pytest.raises(seqfer.SeqferError, match="not fitted yet"):
        seqfer.ClipClassifier(encoder).predict(X)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"head": "no"}, "unknown head 'no'"),
        ({"epochs": 0}, "epochs"),
        ({"dropout": 2.0}, "dropout"),
        ({"random_state": "no"}, "cannot be used to seed"),
    ],
)
def test_the_heads_parameters_are_checked_before_clips_are_encoded(
    parameters: dict[str, Any], said: str, encoder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def encode(*_: Any) -> None:
        raise AssertionError("clips were encoded")

    monkeypatch.setattr(seqfer.ClipClassifier, "_features", encode)
    X, y, _ = drawn()
    with pytest.raises(seqfer.SeqferError, match=said):
        seqfer.ClipClassifier(encoder, seqfer.SequenceClassifier(**parameters), device="cpu").fit(X, y)


def test_progress_is_shown_where_it_is_asked_for(
    encoder: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, y, _ = drawn(4)
    monkeypatch.setattr("seqfer.runs.progress.LOG_EVERY_S", -1.0)
    with caplog.at_level("INFO", "seqfer"):
        seqfer.ClipClassifier(encoder, head(epochs=1), device="cpu").fit(X, y)
        assert caplog.messages == []
        seqfer.ClipClassifier(encoder, head(epochs=1), device="cpu", verbose=True).fit(X, y)
    assert caplog.messages[-1].startswith("clips encoded 4/4")
