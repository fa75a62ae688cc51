"""Averages the readings of one face over the moments at which it looks the same, so that a change of expression is never averaged away.

A reading changes with the crop: a face that is cut out two pixels higher reads up to a tenth more pleasant. Averaging over time removes that and
shortens no expression as long as it takes in only moments with the same expression. Three passes, all of the bilateral kind (Tomasi and
Manduchi 1998): the first averages over a quarter of a second, weighted by how alike the frames look; each later one compares frames by the averages
of the one before, which the crop moves less and less, with stricter limits, and averages the frames themselves over more time. It is the
rolling guidance of Zhang et al. 2014 over time in place of pixels. Original work.

Chosen on drawn people (`tools/measure_response.py`), of six people with four lengths of smiles and sad faces.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn


class Alike(NamedTuple):
    """When two frames count as alike: standard deviation of the Gaussian weight of their times, and the distance of their appearance and the
    difference of their readings at which the weight is halved."""

    within_s: float
    appearance: float
    reading: float


PASSES = (Alike(0.25, 0.82, 0.1), Alike(0.5, 0.51, 0.05), Alike(1.0, 0.26, 0.04))
_STEEPNESS = 8  # of the weight around its half: nearly a threshold


def unit_of_appearance(projection: nn.Linear) -> Tensor:
    """The distance of two faces drawn at random, for features of unit variance without correlation: the unit of `Alike.appearance`; a tensor
    without dimensions, because torch.export accepts no numbers read out of tensors."""
    length: Tensor = projection.weight.detach().norm()
    return math.sqrt(2) * length.double()


def average_where_alike(
    values: Tensor, appearance: Tensor, mask: Tensor, times_s: Tensor, readings: Tensor | None = None
) -> Tensor:
    """(batch time value), (batch time number) in units of `unit_of_appearance`, (batch time) bool, (batch time) seconds -> (batch time value).

    `readings` (batch time reading) are compared in place of the values, by the sum of their absolute differences, in units of
    `Alike.reading`. Frames that `mask` leaves out count for nothing.
    """
    own, looks = values.double(), appearance.double()
    read = own if readings is None else readings.double()
    averaged, compared_looks, compared = own, looks, read
    for alike in PASSES:
        weights = _weights(compared, compared_looks, mask, times_s, alike)
        averaged, compared_looks = weights @ own, weights @ looks
        compared = averaged if readings is None else weights @ read
    return averaged.to(values.dtype)


def _weights(values: Tensor, looks: Tensor, mask: Tensor, times_s: Tensor, alike: Alike) -> Tensor:
    """(batch time time) of rows that add up to 1."""
    apart_s = times_s[:, :, None] - times_s[:, None, :]
    weights = torch.exp(-0.5 * (apart_s / alike.within_s) ** 2) * mask[:, None, :]
    for distance, half in (
        (_distances(looks, 2), alike.appearance),
        (_distances(values, 1), alike.reading),
    ):
        weights = weights / (1 + (distance / half) ** _STEEPNESS)
    return weights / weights.sum(2, keepdim=True).clamp(min=1e-6)


def _distances(values: Tensor, norm: int) -> Tensor:
    """(batch time number) -> (batch time time)."""
    if torch.onnx.is_in_onnx_export():  # which writes cdist with signed differences
        apart = values[:, :, None] - values[:, None]
        distances: Tensor = torch.linalg.vector_norm(apart, norm, dim=-1)
    else:
        distances = torch.cdist(values, values, p=norm, compute_mode="donot_use_mm_for_euclid_dist")
    return distances
