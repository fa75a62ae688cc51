"""Converts action-unit intensities to geometry: the positions of brows, lids, lips and folds, left and right.

Source: original work, MIT. Directions of movement follow the FACS descriptions (Ekman and Friesen 1978); their sizes were chosen by eye.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from seqfer.core.errors import InputError
from seqfer.posed.people import AUS, Person


@dataclass(frozen=True)
class Geometry:
    """Each value is (left, right) in units of half face widths, v pointing down; `left` is the left half of the picture."""

    brow_inner: tuple[float, float]  # v of the ends and the middle
    brow_middle: tuple[float, float]
    brow_outer: tuple[float, float]
    brow_squeeze: tuple[float, float]  # towards the nose
    lid_upper: tuple[float, float]  # height of the opening above and below the eye's axis
    lid_lower: tuple[float, float]
    corner_u: tuple[float, float]
    corner_v: tuple[float, float]
    lip_raise: tuple[float, float]  # the upper lip's sides
    nose_wrinkle: tuple[float, float]
    cheek_raise: tuple[float, float]
    fold: tuple[float, float]  # nasolabial depth
    squint: tuple[float, float]
    furrow: float  # between the brows
    forehead: float
    chin_boss: float
    gap: float  # opening between the lips
    jaw: float
    press: float  # lips thinned


def intensities(person: Person, aus: Mapping[int, float] | np.ndarray) -> dict[int, np.ndarray]:
    """AU number -> (left, right) intensity after the person's gains. Raises InputError for a wrong length or an unknown unit."""
    if isinstance(aus, Mapping):
        unknown = sorted(set(aus) - set(AUS))
        if unknown:
            raise InputError(f"action unit {unknown[0]} is not drawn; allowed: {', '.join(map(str, AUS))}")
        values = np.array([aus.get(unit, 0.0) for unit in AUS], dtype=float)
    else:
        values = np.asarray(aus, dtype=float)
    if values.shape != (len(AUS),) or not np.isfinite(values).all():
        raise InputError(
            f"action units of shape {values.shape}; give {len(AUS)} finite intensities in the order of AUS, or a dict"
        )
    gains = np.array(person.au_gain)
    gains[AUS.index(45)] = 1.0  # blinks close the eyes of every person completely
    return dict(zip(AUS, np.clip(values[:, None] * gains, 0, 1.5), strict=True))


def geometry(person: Person, aus: Mapping[int, float] | np.ndarray) -> Geometry:
    """The face of `person` at these action-unit intensities."""
    a = intensities(person, aus)
    up = -person.brow_height
    lid = person.eye_open + 0.05 * a[5] - 0.022 * a[7] - 0.012 * a[4] - 0.012 * a[6] - 0.012 * a[9]
    low = 0.052 - 0.026 * a[7] - 0.026 * a[6] - 0.012 * a[9] - 0.006 * a[12]
    open_now = 1 - np.clip(a[45], 0, 1)
    jaw = 0.30 * float(a[26].mean())
    parted = float(np.mean(0.05 * a[25] * (1 + a[12]) + 0.02 * a[10]))
    pressed = float(np.clip(a[23].mean() * 0.5 + a[17].mean() * 0.2, 0, 0.8))
    corner = person.mouth_height + person.rest_corner + jaw * 0.3

    def pair(value: np.ndarray) -> tuple[float, float]:
        return float(value[0]), float(value[1])

    return Geometry(
        brow_inner=pair(up + 0.035 - 0.15 * a[1] - 0.02 * a[2] + 0.115 * a[4] + 0.05 * a[9]),
        brow_middle=pair(up - person.brow_arch - 0.07 * a[1] - 0.12 * a[2] + 0.1 * a[4] + 0.025 * a[9] + 0.012 * a[6]),
        brow_outer=pair(up + 0.04 + 0.012 * a[1] - 0.12 * a[2] + 0.045 * a[4] + 0.015 * a[6]),
        brow_squeeze=pair(0.05 * a[4] + 0.015 * a[9]),
        lid_upper=pair((lid + low) * open_now - low),
        lid_lower=pair(low - 0.008 * a[45]),
        corner_u=pair(
            person.mouth_width + 0.11 * a[12] + 0.1 * a[20] + 0.02 * a[14] - 0.05 * a[23] - 0.03 * a[17] - 0.13 * jaw
        ),
        corner_v=pair(corner - 0.15 * a[12] - 0.02 * a[14] + 0.11 * a[15] + 0.035 * a[20]),
        lip_raise=pair(0.075 * a[10] + 0.04 * a[9] + 0.02 * a[12] * np.minimum(1, a[25] + 0.2)),
        nose_wrinkle=pair(a[9]),
        cheek_raise=pair(0.6 * a[6] + 0.5 * a[12] + 0.25 * a[9]),
        fold=pair(
            0.025 + 0.03 * person.age + 0.075 * a[12] + 0.065 * a[10] + 0.045 * a[9] + 0.03 * a[20] + 0.03 * a[14]
        ),
        squint=pair(0.7 * a[6] + 0.3 * a[7]),
        furrow=float(np.mean(a[4] + 0.4 * a[9])),
        forehead=float(np.mean(0.6 * a[1] + 0.6 * a[2])),
        chin_boss=float(a[17].mean()),
        gap=parted + 0.85 * jaw,
        jaw=jaw,
        press=pressed,
    )
