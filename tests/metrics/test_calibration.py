"""Temperature scaling recovers a temperature that was put in; other class frequencies are divided out."""

import numpy as np
import pytest

from seqfer.core.errors import InputError, SettingsError
from seqfer.metrics.calibration import fit_temperature, tempered_softmax
from seqfer.models.classify import class_prior


@pytest.mark.parametrize("true", [0.5, 1.0, 3.0])
def test_recovers_the_temperature(true):
    rng = np.random.default_rng(0)
    honest = rng.normal(0, 2, (20_000, 4))
    labels = np.array([rng.choice(4, p=p) for p in tempered_softmax(honest, 1.0)])
    assert fit_temperature(honest * true, labels) == pytest.approx(true, rel=0.05)


def test_is_a_minimum_and_keeps_the_order():
    logits, labels = np.array([[2.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), np.array([0, 1, 1])
    best = fit_temperature(logits, labels)

    def loss(t):
        return -np.log(tempered_softmax(logits, t)[np.arange(3), labels]).mean()

    assert loss(best) <= min(loss(best * 1.05), loss(best / 1.05))
    assert (tempered_softmax(logits, best).argmax(1) == logits.argmax(1)).all()


def test_bad_shapes():
    with pytest.raises(InputError):
        fit_temperature(np.zeros((0, 3)), np.zeros(0, int))
    with pytest.raises(InputError):
        fit_temperature(np.zeros((2, 3)), np.zeros(3, int))


def test_an_equal_prior_divides_the_frequencies_out():
    # A rare class that is seen as often as its frequency says nothing at all: all classes come out equally likely.
    shares = np.array([0.7, 0.2, 0.1])
    assert np.allclose(tempered_softmax(np.log(shares), 1.0, shares), 1 / 3)
    # By hand: (0.6 / 0.8, 0.4 / 0.2) normalised.
    assert np.allclose(tempered_softmax(np.log([[0.6, 0.4]]), 1.0, [0.8, 0.2]), [[0.75 / 2.75, 2 / 2.75]])


def test_which_prior_is_taken():
    meta = {"classes": ["a", "b", "c"], "corpus": "web", "class_shares": [0.5, 0.4, 0.1]}
    assert class_prior("auto", meta, "web", ["a", "c"]) is None
    assert class_prior("training", meta, "lab", ["a", "c"]) is None
    assert class_prior("auto", meta, "lab", ["c", "a"]).tolist() == [0.1, 0.5]
    assert class_prior("equal", meta, "web", ["b"]).tolist() == [0.4]
    assert class_prior("auto", {"classes": ["a"]}, "lab", ["a"]) is None
    with pytest.raises(SettingsError, match="does not say how frequent"):
        class_prior("equal", {"classes": ["a"]}, "lab", ["a"])
    with pytest.raises(SettingsError, match="allowed: auto, training, equal"):
        class_prior("flat", meta, "lab", ["a"])
