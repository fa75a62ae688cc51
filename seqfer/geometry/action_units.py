"""Estimates of facial action units: which blendshape scores are nearest to each action unit of FACS, and their combination.

Source: the definitions of the action units in Ekman, Friesen & Hager, "Facial Action Coding System: The Manual", 2002, and those of the blendshapes
in ARKit's `ARFaceAnchor.BlendShapeLocation`; the assignment is seqfer's. No person coded the faces that the scores were learned from, seqfer has no
faces with coded action units, and no accuracy is claimed: an estimate is a blendshape score from 0 to 1, neither an intensity from A to E nor the
probability of an action. `seqfer evaluate-aus` measures how good the estimates are on coded videos of your own.

No estimate: AU06 (cheek raiser), AU09 (nose wrinkler), AU29 (jaw thrust) and AD34 (puff), because the scores nearest to them (`cheekSquint`,
`noseSneer`, `jawForward`, `cheekPuff`) hardly leave zero on any face; AU23 and AU25, which no score is nearest to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqfer.core.errors import InputError
from seqfer.geometry.blendshapes import BLENDSHAPES

Floats = NDArray[np.float32]

_COLUMN = re.compile(r"AU(\d\d)_estimate")


@dataclass(frozen=True)
class ActionUnit:
    """An action unit of FACS: its number, its name there, the blendshapes nearest to it, and how their scores become one estimate.

    `mean`: of both sides of the face, or of both lips. `min`: the smaller one, for what takes both eyes. `max`: the larger one, for a movement to
    one side or the other.
    """

    number: int
    name: str
    blendshapes: tuple[str, ...]
    combined: Literal["mean", "min", "max"] = "mean"

    @property
    def column(self) -> str:
        """The name of its column: `AU12_estimate`."""
        return column_of(self.number)


def column_of(number: int) -> str:
    """The column of an action unit, with two digits as py-feat and OpenFace write them: `AU01_estimate`."""
    return f"AU{number:02d}_estimate"


def number_of(column: str) -> int | None:
    """The action unit of a column, or None where the column is no estimate of one."""
    found = _COLUMN.fullmatch(column)
    return int(found[1]) if found else None


def _sides(name: str) -> tuple[str, str]:
    return f"{name}Left", f"{name}Right"


ACTION_UNITS = (
    ActionUnit(1, "inner brow raiser", ("browInnerUp",)),
    ActionUnit(2, "outer brow raiser", _sides("browOuterUp")),
    ActionUnit(4, "brow lowerer", _sides("browDown")),
    ActionUnit(5, "upper lid raiser", _sides("eyeWide")),
    ActionUnit(7, "lid tightener", _sides("eyeSquint")),
    ActionUnit(10, "upper lip raiser", _sides("mouthUpperUp")),
    ActionUnit(12, "lip corner puller", _sides("mouthSmile")),
    ActionUnit(14, "dimpler", _sides("mouthDimple")),
    ActionUnit(15, "lip corner depressor", _sides("mouthFrown")),
    ActionUnit(16, "lower lip depressor", _sides("mouthLowerDown")),
    ActionUnit(17, "chin raiser", ("mouthShrugLower", "mouthShrugUpper")),
    ActionUnit(18, "lip pucker", ("mouthPucker",)),
    ActionUnit(20, "lip stretcher", _sides("mouthStretch")),
    ActionUnit(22, "lip funneler", ("mouthFunnel",)),
    ActionUnit(24, "lip pressor", _sides("mouthPress")),
    ActionUnit(26, "jaw drop", ("jawOpen",)),
    ActionUnit(28, "lip suck", ("mouthRollLower", "mouthRollUpper")),
    ActionUnit(30, "jaw sideways", ("jawLeft", "jawRight"), "max"),
    ActionUnit(45, "blink", _sides("eyeBlink"), "min"),
    ActionUnit(61, "eyes turn left", ("eyeLookOutLeft", "eyeLookInRight")),
    ActionUnit(62, "eyes turn right", ("eyeLookInLeft", "eyeLookOutRight")),
    ActionUnit(63, "eyes up", _sides("eyeLookUp")),
    ActionUnit(64, "eyes down", _sides("eyeLookDown")),
)
COLUMNS = tuple(unit.column for unit in ACTION_UNITS)


def action_unit_estimates(scores: ArrayLike) -> Floats:
    """float32 (face, action unit) from 0 to 1, in the order of `ACTION_UNITS`, of blendshape scores (face, 52); NaN where a score is NaN.

    Raises InputError for another shape.

    Example:
        >>> import numpy as np
        >>> from seqfer.geometry.action_units import COLUMNS, action_unit_estimates
        >>> from seqfer.geometry.blendshapes import BLENDSHAPES
        >>> scores = np.zeros((1, 52))
        >>> scores[0, BLENDSHAPES.index("mouthSmileLeft")] = 0.8
        >>> round(float(action_unit_estimates(scores)[0, COLUMNS.index("AU12_estimate")]), 2)
        0.4
    """
    given = np.asarray(scores, np.float32)
    if given.ndim != 2 or given.shape[1] != len(BLENDSHAPES):
        raise InputError(f"blendshape scores of shape {given.shape}; give (face, {len(BLENDSHAPES)})")
    return np.stack([_combined(unit, given) for unit in ACTION_UNITS], axis=1)


def _combined(unit: ActionUnit, scores: Floats) -> Floats:
    """The estimate (face,) of one action unit from scores (face, 52)."""
    own = scores[:, [BLENDSHAPES.index(name) for name in unit.blendshapes]]
    if unit.combined == "mean":
        return np.asarray(own.mean(axis=1))
    return np.asarray(own.min(axis=1) if unit.combined == "min" else own.max(axis=1))
