"""Estimates of one action unit against a coder's labels: correlation, ICC(3,1), MAE, F1 and area under the ROC curve, with intervals over people.

Protocol of DISFA (Mavadati et al., IEEE Transactions on Affective Computing 4, 2013) and BP4D (Zhang et al., Image and Vision Computing 32, 2014):
frames of all people are pooled. ICC(3,1) is Shrout & Fleiss' (1979) of two raters, coder and scaled estimate; the area is that of Mann and Whitney,
ties counting half. Intervals are percentiles of a bootstrap over people (Davison & Hinkley 1997, section 3.8), because the frames of one person are
correlated; lines and thresholds stay as they were fitted.

Every measure is a function of sums over the frames of a person (the area: over pairs of people), so that a draw of people costs no pass through
their frames. A measure that is undefined is NaN.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_curve

from seqfer.core.errors import InputError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Interval = tuple[float, float]

MEASURES = ("pcc", "icc31", "mae", "f1", "auc")
_ROUNDING = 1e-12  # a variance below this share of the mean square is a rounding error of zero
_CHUNK = 100  # draws at a time


@dataclass(frozen=True)
class AuFrames:
    """The frames of one action unit, each array (frame,): the coder's label, whether it counts as active, the estimate, the estimate scaled to the
    labels, whether it is decided active, and the person."""

    truth: Floats
    active: Flags
    estimate: Floats
    scaled: Floats
    decided: Flags
    person: NDArray[np.int64]

    def __post_init__(self) -> None:
        shapes = {name: getattr(self, name).shape for name in self.__dataclass_fields__}
        if len(set(shapes.values())) > 1 or self.truth.ndim != 1:
            raise InputError(f"frames of shapes {shapes}; give arrays (frame,) of one length")


@dataclass(frozen=True)
class AuScores:
    """The measures by name, with the ends of their intervals; NaN where undefined."""

    values: dict[str, float]
    intervals: dict[str, Interval]


def au_scores(frames: AuFrames, *, samples: int = 1000, seed: int = 0, level: float = 0.95) -> AuScores:
    """All measures with intervals from `samples` draws of people.

    An interval is NaN with fewer than two people, and where a measure is undefined in half of the draws or more. Raises InputError without frames.

    Example:
        >>> import numpy as np
        >>> from seqfer.metrics.action_units import AuFrames, au_scores
        >>> truth = np.array([0.0, 1, 2, 5, 0, 3])
        >>> found = au_scores(AuFrames(truth, truth >= 2, truth, truth, truth >= 3, np.array([0, 0, 0, 1, 1, 1])))
        >>> {name: round(value, 2) for name, value in found.values.items()}
        {'pcc': 1.0, 'icc31': 1.0, 'mae': 0.0, 'f1': 0.8, 'auc': 1.0}
    """
    if not frames.truth.size:
        raise InputError("an action unit without frames; give one frame or more")
    owner = np.unique(frames.person, return_inverse=True)[1].ravel()
    people = int(owner.max()) + 1
    sums, wins = _sums(frames, owner, people), _wins(frames, owner, people)
    whole = _measures(np.ones((1, people)), sums, wins)
    random, even = np.random.default_rng(seed), np.full(people, 1 / people)
    sizes = [min(_CHUNK, samples - start) for start in range(0, samples, _CHUNK)] if people > 1 else []
    drawn = [_measures(random.multinomial(people, even, size=size).astype(float), sums, wins) for size in sizes]
    intervals = {
        name: _interval(np.concatenate([d[name] for d in drawn]), level) if drawn else (math.nan, math.nan)
        for name in MEASURES
    }
    return AuScores({name: float(whole[name][0]) for name in MEASURES}, intervals)


def fit_line(estimate: Floats, truth: Floats) -> tuple[float, float]:
    """Slope and intercept of the least squares line from estimates to labels, both (frame,); a slope of 0 where all estimates are equal."""
    centred = estimate - estimate.mean()
    spread = float(centred @ centred)
    slope = float(centred @ (truth - truth.mean())) / spread if spread > 0 else 0.0
    return slope, float(truth.mean() - slope * estimate.mean())


def best_threshold(estimate: Floats, active: Flags) -> float:
    """The estimate from which on frames count as active so that F1 is highest; infinite where no frame is active."""
    if not active.any():
        return math.inf
    precision, recall, thresholds = precision_recall_curve(active, estimate)
    both = precision + recall
    f1 = np.divide(2 * precision * recall, both, out=np.zeros_like(both), where=both > 0)
    return float(thresholds[int(np.argmax(f1[:-1]))])


def _sums(frames: AuFrames, owner: NDArray[np.int64], people: int) -> dict[str, Floats]:
    """Sums (person,) that the measures are made of. Products are of values about their means, or small variances would be lost in rounding."""
    x, z = (values - values.mean() for values in (frames.estimate, frames.truth))
    scaled = frames.scaled - frames.scaled.mean()
    terms: dict[str, Floats] = {
        "n": np.ones_like(z),
        "z": z,
        "zz": z * z,
        "x": x,
        "xx": x * x,
        "xz": x * z,
        "s": scaled,
        "ss": scaled * scaled,
        "sz": scaled * z,
        "apart": np.abs(frames.scaled - frames.truth),
        "hits": (frames.decided & frames.active).astype(np.float64),
        "both": frames.decided.astype(np.float64) + frames.active,
        "active": frames.active.astype(np.float64),
        "rest": (~frames.active).astype(np.float64),
    }
    return {name: np.asarray(np.bincount(owner, values, people), np.float64) for name, values in terms.items()}


def _wins(frames: AuFrames, owner: NDArray[np.int64], people: int) -> Floats:
    """(person, other): in how many pairs of an active frame of the person and an inactive one of the other the active one has the larger
    estimate, ties counting half."""
    active, result = frames.estimate[frames.active], np.zeros((people, people))
    for other in range(people):
        rest = np.sort(frames.estimate[(owner == other) & ~frames.active])
        below = (np.searchsorted(rest, active, "left") + np.searchsorted(rest, active, "right")) / 2
        result[:, other] = np.bincount(owner[frames.active], below, people)
    return result


def _measures(drawn: Floats, sums: dict[str, Floats], wins: Floats) -> dict[str, Floats]:
    """Each measure (draw,) of `drawn` (draw, person), how often each person was drawn."""
    total = {name: drawn @ values for name, values in sums.items()}
    n = total["n"]
    mean = {name: values / n for name, values in total.items()}
    var_z, var_x, var_s = (
        _variance(mean[one], mean[square]) for one, square in (("z", "zz"), ("x", "xx"), ("s", "ss"))
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        pcc = (mean["xz"] - mean["x"] * mean["z"]) / np.sqrt(var_x * var_z)
        # of two raters, ICC(3,1) is twice the covariance over the sum of the variances
        icc = 2 * (mean["sz"] - mean["s"] * mean["z"]) / (var_s + var_z)
        f1 = 2 * total["hits"] / total["both"]
        auc = np.einsum("dp,pq,dq->d", drawn, wins, drawn) / (total["active"] * total["rest"])
    return {"pcc": pcc, "icc31": icc, "mae": mean["apart"], "f1": f1, "auc": auc}


def _variance(mean: Floats, square: Floats) -> Floats:
    """The variance (draw,) from the means of a value and of its square; exactly 0 where it is a rounding error."""
    variance = square - mean * mean
    return np.where(variance > _ROUNDING * square, variance, 0.0)


def _interval(values: Floats, level: float) -> Interval:
    defined = values[~np.isnan(values)]
    if 2 * len(defined) <= len(values):
        return math.nan, math.nan
    low, high = np.percentile(defined, [50 * (1 - level), 50 * (1 + level)])
    return float(low), float(high)
