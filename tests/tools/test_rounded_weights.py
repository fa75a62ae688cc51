"""Weights rounded to int8: outputs change less than with the nearest integers, and sums of two products stay in 16 bits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"


@pytest.fixture(autouse=True)
def _tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(TOOLS))


def layer(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """(weights (8 16), inputs (16 2000)) that are correlated and not negative, as after a ReLU."""
    rng = np.random.default_rng(seed)
    mixed = rng.standard_normal((16, 4)) @ rng.standard_normal((4, 2000)) + 0.1 * rng.standard_normal((16, 2000))
    return rng.standard_normal((8, 16)), np.maximum(mixed, 0)


def covariance_of(inputs: np.ndarray) -> np.ndarray:
    return np.cov(inputs, bias=True)


def output_error(found: np.ndarray, weights: np.ndarray, covariance: np.ndarray) -> float:
    wrong = found - weights
    return float(((wrong @ covariance) * wrong).sum())


@pytest.mark.parametrize("pairs", [False, True])
def test_outputs_change_less_than_with_the_nearest_integers(pairs: bool) -> None:
    from rounded_weights import keeps_to_pairs, rounded

    weights, inputs = layer()
    covariance = covariance_of(inputs)
    integers, scale = rounded(weights, covariance, pairs=pairs)
    step = np.abs(weights).max(1) / 127
    nearest = np.rint(weights / step[:, None]) * step[:, None]
    assert np.array_equal(integers, np.rint(integers))
    assert np.abs(integers).max() <= 127
    error = output_error(integers * scale[:, None], weights, covariance)
    assert error < (1 if pairs else 0.6) * output_error(nearest, weights, covariance)
    assert keeps_to_pairs(integers) or not pairs


def test_the_limit_of_pairs_is_that_of_16_bits() -> None:
    from rounded_weights import PAIR_LIMIT, keeps_to_pairs

    assert 255 * PAIR_LIMIT <= 2**15 - 1 < 255 * (PAIR_LIMIT + 1)
    assert keeps_to_pairs(np.array([[127, 1, -127, 127, -100, -28]]))
    assert not keeps_to_pairs(np.array([[127, 2]]))
    assert not keeps_to_pairs(np.array([[0, 0, -64, -65]]))


def test_equal_weights_of_the_largest_size_are_kept_to_the_limit_by_a_larger_scale() -> None:
    from rounded_weights import keeps_to_pairs, rounded

    integers, scale = rounded(np.ones((1, 4)), np.eye(4), pairs=True)
    assert keeps_to_pairs(integers)
    assert np.allclose(integers * scale[:, None], 1, atol=0.02)


def test_depthwise_weights_are_rounded_channel_by_channel() -> None:
    from rounded_weights import rounded

    weights, inputs = layer()
    each = [covariance_of(inputs[k : k + 9]) for k in range(3)]
    together = rounded(weights[:3, None, :9], np.stack(each), pairs=False)
    for channel, covariance in enumerate(each):
        integers = together[0][channel]
        alone = output_error(integers * together[1][channel, :, None], weights[channel, None, :9], covariance)
        step = np.abs(weights[channel, :9]).max() / 127
        assert alone <= output_error(
            np.rint(weights[channel, None, :9] / step) * step, weights[channel, None, :9], covariance
        )


def test_the_fit_finds_the_weights_that_made_the_outputs() -> None:
    from rounded_weights import fitted

    weights, inputs = layer()
    changed = weights + 0.1
    centred = inputs - inputs.mean(1, keepdims=True)
    missing = (weights - changed) @ centred
    found = fitted(changed, covariance_of(inputs), centred @ missing.T / inputs.shape[1])
    assert np.abs(found - weights).mean() < 0.5 * np.abs(changed - weights).mean()
