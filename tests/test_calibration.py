"""Temperature scaling recovers a temperature that was put in."""

import numpy as np
import pytest

from seqfer.errors import InputError
from seqfer.metrics.calibration import fit_temperature, tempered_softmax


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
