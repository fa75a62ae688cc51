"""Rounds the weights of linear layers to int8 so that the layer's outputs change least; for `quantise_encoder.py`.

Source: the rounding with error compensation is GPTQ (Frantar et al. 2023, arXiv 2210.17323): weights are rounded input by input, and the error of
each is compensated by the inputs that are not yet rounded, by the inverse of the inputs' covariance. Differs: before that the layer is fitted
again, on inputs that are quantised themselves, to the outputs of the layer that is not; and neighbouring weights are limited (`PAIR_LIMIT`).
"""

from __future__ import annotations

import numpy as np

LIMIT = 127  # largest int8 weight
# Processors with AVX2 but without VNNI add two products of uint8 and int8 in 16 bits (instruction vpmaddubsw): 255 x 128 fits, 255 x 129 does not.
PAIR_LIMIT = 128
# Of the largest weight, the ranges that are tried; more than 1 because of the limit of pairs.
RANGES = (0.7, 0.8, 0.9, 1.0, 1.15, 1.3, 1.5, 1.75, 2.0)
RIDGE, DAMPING = 0.02, 0.01  # of the mean variance of the inputs


def fitted(weights: np.ndarray, covariance: np.ndarray, residuals: np.ndarray) -> np.ndarray:
    """Weights (... output input) with the least squares correction towards what they leave, with a ridge penalty on the correction.

    `covariance` (... input input) of the inputs, `residuals` (... input output): covariance of inputs and what is missing in the outputs.
    """
    ridge = _scaled_identity(covariance, RIDGE)
    correction = np.linalg.solve(covariance + ridge, residuals)
    result: np.ndarray = weights + np.swapaxes(correction, -1, -2)
    return result


def rounded(weights: np.ndarray, covariance: np.ndarray, *, pairs: bool) -> tuple[np.ndarray, np.ndarray]:
    """Integers (... output input) and the scale (... output) of each output, for weights of that shape; `pairs`: within `PAIR_LIMIT`.

    Of the scales by `RANGES`, each output gets the one whose outputs have the least squared error.
    """
    largest = np.maximum(np.abs(weights).max(-1), 1e-12)
    tried = np.array([largest * part / LIMIT for part in RANGES])
    order, upper = _compensation(covariance)
    made = np.array([_integers(weights, scale, order, upper, pairs=pairs) for scale in tried])
    wrong = made * tried[..., None] - weights
    best = np.argmin(((wrong @ covariance) * wrong).sum(-1), 0)[None]
    return np.take_along_axis(made, best[..., None], 0)[0], np.take_along_axis(tried, best, 0)[0]


def _compensation(covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The order of the inputs (input,), those that vary most first, and (... input input) in that order what later ones compensate."""
    damped = covariance + _scaled_identity(covariance, DAMPING)
    variance = np.diagonal(damped, axis1=-2, axis2=-1)
    order = np.argsort(-variance.mean(tuple(range(variance.ndim - 1))), kind="stable")
    damped = damped[..., order[:, None], order]
    return order, np.swapaxes(np.linalg.cholesky(np.linalg.inv(damped)), -1, -2)


def _integers(
    weights: np.ndarray, scale: np.ndarray, order: np.ndarray, upper: np.ndarray, *, pairs: bool
) -> np.ndarray:
    left, made = weights[..., order].copy(), np.zeros_like(weights)
    for place, column in enumerate(order):
        neighbour = made[..., column ^ 1] if pairs else np.zeros(scale.shape)
        low, high = _allowed(neighbour)
        made[..., column] = np.clip(np.rint(left[..., place] / scale), low, high)
        error = (left[..., place] - made[..., column] * scale) / upper[..., place, place, None]
        left[..., place:] -= error[..., None] * upper[..., None, place, place:]
    return made


def keeps_to_pairs(integers: np.ndarray) -> bool:
    """Whether sums of two neighbouring products with uint8 stay in 16 bits; int8 (output input), an even number of inputs."""
    pairs = integers.reshape(len(integers), -1, 2).astype(int)
    return bool(pairs.clip(min=0).sum(-1).max() <= PAIR_LIMIT and pairs.clip(max=0).sum(-1).min() >= -PAIR_LIMIT)


def _allowed(neighbour: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    low = np.maximum(-LIMIT, -PAIR_LIMIT - np.minimum(neighbour, 0))
    return low, np.minimum(LIMIT, PAIR_LIMIT - np.maximum(neighbour, 0))


def _scaled_identity(covariance: np.ndarray, part: float) -> np.ndarray:
    mean = np.diagonal(covariance, axis1=-2, axis2=-1).mean(-1)
    result: np.ndarray = (part * mean + 1e-9)[..., None, None] * np.eye(covariance.shape[-1])
    return result
