"""Valence on nine levels, and the valence of a still image from its raters' emotion votes: the mean of the valence norms of the voted emotions.

These are derived labels: no rater was asked how pleasant the face looks (docs/decisions/0005). The nine levels are those of the Self-Assessment
Manikin, 1 very negative to 9 very positive, spread evenly over [-1, 1] as in Liu et al. 2020 (liu2020).
"""

from __future__ import annotations

import numpy as np

from seqfer.core.emotions import EMOTIONS, VALENCE_NORMS

LEVELS = 9
LEVEL_NAMES = tuple(f"level {level}" for level in range(1, LEVELS + 1))


def mean_valence(votes: np.ndarray) -> np.ndarray:
    """Votes (image, emotion), counts or fractions over `EMOTIONS` -> valence (image,) in [-1, 1], NaN where an image has no vote."""
    counts = np.asarray(votes, dtype=np.float64)
    total = counts.sum(1)
    result: np.ndarray = np.divide(counts @ _norms(), total, out=np.full(len(counts), np.nan), where=total > 0)
    return result


def votes_to_level_probabilities(votes: np.ndarray) -> np.ndarray:
    """Votes (image, emotion) -> probabilities of the nine levels (image, 9), zeros where an image has no vote.

    A vote whose norm lies between two levels is divided linearly between both, so that the expectation over the levels equals the mean of
    the votes exactly; rounding each vote to a level would change it.
    """
    counts = np.asarray(votes, dtype=np.float64)
    total = np.maximum(counts.sum(1, keepdims=True), 1e-12)
    result: np.ndarray = counts @ valence_to_level_probabilities(_norms()) / total
    return result


def valence_to_level_probabilities(valence: np.ndarray) -> np.ndarray:
    """Valence (image,) in [-1, 1] -> probabilities of the nine levels (image, 9): the two nearest levels, with this valence as expectation."""
    place = (np.clip(np.asarray(valence, dtype=np.float64), -1, 1) + 1) / 2 * (LEVELS - 1)
    result: np.ndarray = np.maximum(0, 1 - np.abs(place[:, None] - np.arange(LEVELS)))
    return result


def nearest_level(valence: np.ndarray) -> np.ndarray:
    """Valence (image,) in [-1, 1] -> index of the nearest level, 0 to 8 (int64): the label of the paper's variant."""
    return np.rint((np.asarray(valence) + 1) / 2 * (LEVELS - 1)).astype(np.int64)


def level_valence(shares: np.ndarray) -> np.ndarray:
    """Expectation over probabilities of the levels (..., 9) -> valence (...) in [-1, 1]: formula 1 of liu2020."""
    return np.asarray(shares) @ np.linspace(-1, 1, LEVELS)


def _norms() -> np.ndarray:
    return np.array([VALENCE_NORMS[name] for name in EMOTIONS])
