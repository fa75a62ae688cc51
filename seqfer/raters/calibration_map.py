"""Maps from predicted valence to a study's ratings: a line, or an increasing curve, with values in [-1, 1].

The line is fitted by least squares, the curve by isotonic regression (scikit-learn), linear between its knots and constant outside. Neither
decreases: a decreasing map would reverse positive and negative valence, which indicates an error in the data.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqfer.core.errors import InputError, SettingsError

Floats = NDArray[np.float64]
KINDS = ("affine", "monotone")


@dataclass(frozen=True)
class AffineMap:
    """slope * x + intercept, clipped to [-1, 1]; slope >= 0."""

    slope: float
    intercept: float

    def __post_init__(self) -> None:
        """Raises InputError."""
        if not (math.isfinite(self.slope) and math.isfinite(self.intercept) and self.slope >= 0):
            raise InputError(
                f"an affine map of slope {self.slope}, intercept {self.intercept}; the slope must be 0 or more"
            )

    def __call__(self, values: ArrayLike) -> Floats:
        """Mapped values of the same shape, NaN kept."""
        return np.clip(self.slope * np.asarray(values, np.float64) + self.intercept, -1.0, 1.0)

    def in_words(self) -> str:
        """The map as text for the terminal."""
        return f"{self.slope:.3f} x {self.intercept:+.3f}"


@dataclass(frozen=True)
class MonotoneMap:
    """Linear between the knots (x ascending, y not decreasing), constant before the first and after the last."""

    x: tuple[float, ...]
    y: tuple[float, ...]

    def __post_init__(self) -> None:
        """Raises InputError."""
        x, y = np.asarray(self.x, np.float64), np.asarray(self.y, np.float64)
        right = x.ndim == 1 and x.shape == y.shape and x.size > 0 and bool(np.isfinite([x, y]).all())
        if not right or (np.diff(x) <= 0).any() or (np.diff(y) < 0).any() or (np.abs(y) > 1).any():
            raise InputError(
                "a monotone map needs knots with ascending x and as many y in [-1, 1] that do not decrease"
            )

    def __call__(self, values: ArrayLike) -> Floats:
        """Mapped values of the same shape, NaN kept."""
        return np.interp(np.asarray(values, np.float64), self.x, self.y)

    def in_words(self) -> str:
        """The map as text for the terminal."""
        return f"{len(self.x)} knots from ({self.x[0]:.2f}, {self.y[0]:.2f}) to ({self.x[-1]:.2f}, {self.y[-1]:.2f})"


Map = AffineMap | MonotoneMap


def fit_map(kind: str, predicted: ArrayLike, truth: ArrayLike, weights: ArrayLike | None = None) -> Map:
    """Fit on predicted and true values (time,), each with its weight; pairs with a NaN are left out.

    Raises SettingsError for an unknown kind, InputError where predictions are constant: then no map can be fitted.
    """
    if kind not in KINDS:
        raise SettingsError(f"--map is {kind!r}; allowed: {', '.join(KINDS)}")
    x, y = np.asarray(predicted, np.float64), np.asarray(truth, np.float64)
    w = np.ones(x.shape) if weights is None else np.asarray(weights, np.float64)
    known = ~(np.isnan(x) | np.isnan(y)) & (w > 0)
    x, y, w = x[known], y[known], w[known]
    if not x.size or x.min() == x.max():
        raise InputError(f"the predictions to fit on are the same at all {x.size} seconds; no map can be fitted")
    return _line(x, y, w) if kind == "affine" else _curve(x, y, w)


def map_as_dict(fitted: Map) -> dict[str, Any]:
    """The map as a dict for JSON; `map_from_dict` reads it."""
    return {"kind": "affine" if isinstance(fitted, AffineMap) else "monotone", **asdict(fitted)}


def map_from_dict(value: Any, where: str = "the map") -> Map:
    """A map from what `map_as_dict` gave. Raises InputError, naming `where`, for anything else."""
    try:
        if not isinstance(value, Mapping):
            raise TypeError("no object")
        if value["kind"] == "affine":
            return AffineMap(float(value["slope"]), float(value["intercept"]))
        if value["kind"] == "monotone":
            return MonotoneMap(tuple(map(float, value["x"])), tuple(map(float, value["y"])))
        raise ValueError(f"kind {value['kind']!r}")
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{where}: has no map ({error}); make it with `seqfer calibrate-valence`") from None
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def _line(x: Floats, y: Floats, w: Floats) -> AffineMap:
    mean_x, mean_y = np.average(x, weights=w), np.average(y, weights=w)
    covariance, variance = np.average((x - mean_x) * (y - mean_y), weights=w), np.average((x - mean_x) ** 2, weights=w)
    slope = max(float(covariance / variance), 0.0)
    return AffineMap(slope, float(mean_y - slope * mean_x))


def _curve(x: Floats, y: Floats, w: Floats) -> MonotoneMap:
    from sklearn.isotonic import IsotonicRegression

    fitted = IsotonicRegression(y_min=-1.0, y_max=1.0, out_of_bounds="clip").fit(x, y, sample_weight=w)
    knots, heights = fitted.X_thresholds_, np.maximum.accumulate(fitted.y_thresholds_)
    return MonotoneMap(tuple(float(v) for v in knots), tuple(float(v) for v in heights))
