"""Temperature scaling, which calibrates a network's confidence with one number (Guo et al., ICML 2017, section 4.2), and prior correction."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqfer.core.errors import InputError


def fit_temperature(logits: ArrayLike, labels: ArrayLike) -> float:
    """The temperature > 0 that minimises the cross-entropy of softmax(logits / temperature) for logits (sample, class) and labels (sample,).

    Fit it on samples the network was not trained on. Raises InputError without samples or for shapes that do not fit.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    z, y = np.asarray(logits, np.float64), np.asarray(labels)
    if z.ndim != 2 or y.shape != z.shape[:1] or not y.size:
        raise InputError(
            f"logits of shape {z.shape} for labels of shape {y.shape}; give (sample, class) and (sample,), at least one sample"
        )

    def loss(log_temperature: float) -> float:
        return float(-log_softmax(z / np.exp(log_temperature), axis=1)[np.arange(len(y)), y].mean())

    # Searched on a logarithmic scale, where 1/2 and 2 are equally far from 1; a factor above 20 indicates a defective network, not poor calibration.
    return float(np.exp(minimize_scalar(loss, bounds=(-3.0, 3.0), method="bounded", options={"xatol": 1e-6}).x))


def tempered_softmax(logits: ArrayLike, temperature: float, prior: ArrayLike | None = None) -> NDArray[np.float64]:
    """softmax(logits / temperature) over the last axis.

    With `prior` (class,), the positive class frequencies of the training data, the probabilities are those for data with equally frequent
    classes: divided by the prior and normalised again (Saerens et al., Neural Computation 2002, section 2).
    """
    scaled = np.asarray(logits, np.float64) / temperature
    if prior is not None:
        scaled = scaled - np.log(np.asarray(prior, np.float64))
    # not by SciPy, whose import would take longer than a short video
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    result: NDArray[np.float64] = powers / powers.sum(axis=-1, keepdims=True)
    return result
