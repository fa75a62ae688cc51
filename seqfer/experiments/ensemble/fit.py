"""Fits combinations of trained models: a weighted mean, logistic regressions on features, one per emotion and one multinomial, and one on logits.

Source: Savoiu and Wong 2017 (savoiu2017), section 3.4: features of the last layer before the classifier, concatenated; "one logistic regression
for each emotion ... taking the model with the highest score", from scikit-learn. In addition the multinomial regression, which fits all emotions
at once, stacking (Wolpert 1992) on logits, and the linear opinion pool (Stone 1961): a mean of probabilities with a weight per member, which
can be fitted on a few hundred people. Not given in the paper and chosen here: features are standardised and divided by the square
root of their number, so that the strength of the penalty does not depend on their number; the strength is the best of `STRENGTHS` by
the log-loss of a cross-validation over people within the part to fit on.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from einops import rearrange
from numpy.typing import NDArray
from scipy.special import expit, softmax

STRENGTHS = (0.1, 1.0, 10.0, 100.0)  # scikit-learn's C: the larger, the weaker the penalty
FALLBACK_STRENGTH = 1.0
INNER_FOLDS = 3
_STEPS = 1000

Array = NDArray[np.float32]
METHODS = ("average", "weighted", "stacking", "one_vs_rest", "multinomial")
_POOLINGS = 1000


@dataclass(frozen=True)
class Regression:
    """A fitted linear classifier: probabilities = `link`((x - mean) * scale @ weight.T + bias).

    `mean` and `scale` are (feature,), `weight` (class, feature), `bias` (class,). `strength` is the C it was fitted with; `chosen`:
    whether by cross-validation, `converged`: whether the optimiser converged.
    """

    mean: Array
    scale: Array
    weight: Array
    bias: Array
    one_vs_rest: bool
    strength: float
    chosen: bool = True
    converged: bool = True

    def shares(self, x: NDArray[np.floating]) -> NDArray[np.float64]:
        """Features (frame feature) -> probabilities (frame class) that sum to 1."""
        scores = (((x - self.mean) * self.scale) @ self.weight.T + self.bias).astype(np.float64)
        probabilities: NDArray[np.float64]
        if self.one_vs_rest:
            # The emotion with the highest score is predicted, as in the paper; dividing by the sum keeps the order. Never all zero.
            each = np.maximum(expit(scores), 1e-12)
            probabilities = each / each.sum(1, keepdims=True)
        else:
            probabilities = softmax(scores, axis=1)
        return probabilities


def fit_regression(
    x: NDArray[np.floating], labels: NDArray[np.int64], people: Sequence[str], *, one_vs_rest: bool, seed: int
) -> Regression:
    """Fit on features (frame feature), class indices (frame,) of which every class occurs, and the person of each frame."""
    mean, deviation = x.mean(0, dtype=np.float64), x.std(0, dtype=np.float64)
    # A feature that is constant here has no effect, also on other data.
    scale = np.divide(1.0, deviation, out=np.zeros_like(deviation), where=deviation > 1e-6) / np.sqrt(x.shape[1])
    ready = ((x - mean) * scale).astype(np.float32)
    fit = _fit_each if one_vs_rest else _fit_all
    strength, chosen = _choose_strength(ready, labels, people, fit, one_vs_rest, seed)
    weight, bias, converged = fit(ready, labels, strength)
    arrays = {"mean": mean, "scale": scale, "weight": weight, "bias": bias}
    as32 = {name: array.astype(np.float32) for name, array in arrays.items()}
    return Regression(**as32, one_vs_rest=one_vs_rest, strength=strength, chosen=chosen, converged=converged)


def fit_weights(members: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Weights (member,), not negative and with sum 1, of the mean of probabilities (member frame class), most likely for labels (frame,).

    By expectation maximisation, which finds the optimum: the likelihood has one maximum.
    """
    given = np.maximum(members[:, np.arange(len(labels)), labels], 1e-12)
    weights = np.full(len(given), 1 / len(given))
    for _ in range(_POOLINGS):
        owed = weights[:, None] * given
        weights = (owed / owed.sum(0)).mean(1)
    return weights


def stacked(logits: NDArray[np.floating]) -> NDArray[np.floating]:
    """Members' logits (member frame class) as features (frame, member x class)."""
    return rearrange(logits, "member frame category -> frame (member category)")


def combine(
    regressions: dict[str, Regression],
    weights: NDArray[np.float64],
    features: NDArray[np.floating],
    logits: NDArray[np.floating],
    members: NDArray[Any],
) -> dict[str, NDArray[np.float64]]:
    """Probabilities (frame class) of every method of `METHODS`; `members` are the members' own (member frame class)."""
    return {
        "average": members.mean(0),
        "weighted": np.tensordot(weights, members, 1),
        "stacking": regressions["stacking"].shares(stacked(logits)),
        "one_vs_rest": regressions["one_vs_rest"].shares(features),
        "multinomial": regressions["multinomial"].shares(features),
    }


_Fitted = tuple[NDArray[Any], NDArray[Any], bool]
_Fit = Callable[[NDArray[Any], NDArray[Any], float], _Fitted]


def _fit_all(x: NDArray[Any], labels: NDArray[Any], strength: float) -> _Fitted:
    weight, bias, converged = _logistic(x, labels, strength)
    if len(weight) == 1:  # scikit-learn keeps one row for two classes
        weight, bias = np.vstack([0 * weight, weight]), np.append(0 * bias, bias)
    return weight, bias, converged


def _fit_each(x: NDArray[Any], labels: NDArray[Any], strength: float) -> _Fitted:
    fitted = [_logistic(x, (labels == k).astype(np.int64), strength) for k in range(int(labels.max()) + 1)]
    weights, biases, converged = zip(*fitted, strict=True)
    return np.vstack(weights), np.concatenate(biases), all(converged)


def _logistic(x: NDArray[Any], labels: NDArray[Any], strength: float) -> _Fitted:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the report states it
        model = LogisticRegression(C=strength, max_iter=_STEPS).fit(x, labels)
    return model.coef_, model.intercept_, bool(np.max(model.n_iter_) < _STEPS)


def _choose_strength(
    x: NDArray[Any], labels: NDArray[Any], people: Sequence[str], fit: _Fit, one_vs_rest: bool, seed: int
) -> tuple[float, bool]:
    """(strength with the lowest cross-validated log-loss, True), or (the fallback, False) where some class has too few people for that."""
    folds = list(_inner_folds(labels, people, seed))
    if not folds:
        return FALLBACK_STRENGTH, False
    losses = []
    for strength in STRENGTHS:
        total = 0.0
        for inside, outside in folds:
            weight, bias, _ = fit(x[inside], labels[inside], strength)
            none = np.zeros(x.shape[1], np.float32)
            model = Regression(none, none + 1, weight, bias, one_vs_rest, strength)
            chosen = model.shares(x[outside])[np.arange(len(outside)), labels[outside]]
            total -= float(np.log(np.maximum(chosen, 1e-12)).sum())
        losses.append(total)
    return STRENGTHS[int(np.argmin(losses))], True


def _inner_folds(labels: NDArray[Any], people: Sequence[str], seed: int) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """Folds by people (training indices, test indices); none at all when a class is missing in one of the training parts."""
    from sklearn.model_selection import GroupKFold

    if len(set(people)) < INNER_FOLDS:
        return
    cuts = list(GroupKFold(INNER_FOLDS, shuffle=True, random_state=seed).split(labels, groups=np.asarray(people)))
    classes = set(labels.tolist())
    if all(set(labels[inside].tolist()) == classes for inside, _ in cuts):
        yield from cuts
