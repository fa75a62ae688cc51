"""Averages the readings of one face over the moments at which it looks the same, so that a change of expression is never averaged away.

A reading changes with the crop: a face that is cut out two pixels higher reads up to a tenth more pleasant. Averaging over time removes that and
shortens no expression as long as it takes in only moments with the same expression. Three passes, all of the bilateral kind (Tomasi and
Manduchi 1998): the first averages over a quarter of a second, weighted by how alike the frames look; each later one compares frames by the averages
of the one before, which the crop moves less and less, with stricter limits, and averages the frames themselves over more time. It is the
rolling guidance of Zhang et al. 2014 over time in place of pixels. Original work.

Chosen on drawn people (`tools/measure_response.py`), of six people with four lengths of smiles and sad faces.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

# Everything here takes NumPy's arrays and torch's tensors alike: a video of an included model needs no torch, and an exported model no NumPy.
Array = TypeVar("Array", np.ndarray, "Tensor")


class Alike(NamedTuple):
    """When two frames count as alike: standard deviation of the Gaussian weight of their times, and the distance of their appearance and the
    difference of their readings at which the weight is halved."""

    within_s: float
    appearance: float
    reading: float


PASSES = (Alike(0.25, 0.82, 0.1), Alike(0.5, 0.51, 0.05), Alike(1.0, 0.26, 0.04))
READING = 0.28  # of a sum of differences of probabilities, as a difference of valence: chosen on drawn people
_STEEPNESS = 8  # of the weight around its half: nearly a threshold


def unit_of_appearance(projection: Any) -> Any:
    """The distance of two faces drawn at random, for features of unit variance without correlation: the unit of `Alike.appearance`. `projection` has
    the weights (number feature) that turn features into what is compared. Without dimensions, in float64; of a tensor a tensor."""
    return 2**0.5 * (_double(projection) ** 2).sum() ** 0.5


def average_where_alike(
    values: Array, appearance: Array, mask: Array, times_s: Array, readings: Array | None = None
) -> Array:
    """(batch time value), (batch time number) in units of `unit_of_appearance`, (batch time) bool, (batch time) seconds -> (batch time value).

    `readings` (batch time reading) are compared in place of the values, by the sum of their absolute differences, in units of
    `Alike.reading`. Frames that `mask` leaves out count for nothing.
    """
    own, looks = _double(values), _double(appearance)
    read = own if readings is None else _double(readings)
    averaged, compared_looks, compared = own, looks, read
    for alike in PASSES:
        weights = _weights(compared, compared_looks, mask, times_s, alike)
        averaged, compared_looks = weights @ own, weights @ looks
        compared = averaged if readings is None else weights @ read
    result: Array = averaged.astype(values.dtype) if isinstance(values, np.ndarray) else averaged.to(values.dtype)
    return result


def _weights(values: Any, looks: Any, mask: Any, times_s: Any, alike: Alike) -> Any:
    """(batch time time) of rows that add up to 1."""
    apart_s = times_s[:, :, None] - times_s[:, None, :]
    weights = np.e ** (-0.5 * (apart_s / alike.within_s) ** 2) * mask[:, None, :]
    weights = weights / (1 + (_squared_distances(looks) / alike.appearance**2) ** (_STEEPNESS / 2))
    weights = weights / (1 + (_differences(values) / alike.reading) ** _STEEPNESS)
    return weights / weights.sum(2)[:, :, None].clip(1e-6)


def _squared_distances(looks: Any) -> Any:
    """(batch time number) -> squares of Euclidean distances (batch time time)."""
    squares = (looks**2).sum(2)
    return (squares[:, :, None] + squares[:, None, :] - 2 * looks @ looks.swapaxes(1, 2)).clip(0)


def _differences(values: Any) -> Any:
    """(batch time number) -> sums of absolute differences (batch time time), a number at a time: all at once would take more memory."""
    numbers = [values[:, :, number] for number in range(values.shape[2])]
    return sum(abs(one[:, :, None] - one[:, None, :]) for one in numbers)


def _double(values: Any) -> Any:
    return values.astype(np.float64) if isinstance(values, np.ndarray) else values.double()
