"""Describes the appearance of detections and compares it: the aligned grey face, and the colours of hair, skin and clothes.

Only the pixels of a face that both pictures show are compared, so that a partly occluded person still matches.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from seqfer.core.records import Detection
from seqfer.tracks.boxes import same_place
from seqfer.tracks.crops import align_crop, square_of, window

_PATCH_PX = 16  # side of the grey face in an observation's appearance
_HEAD_PX = (16, 24)  # width and height to which the head region is reduced for its colours
_RANGES = ((0, 0, 256), (1, 88, 168), (2, 88, 168))  # channel, lowest value, highest but one
# The index of a value of L, a and b in three histograms of 16 bins; a and b of skin, hair and cloth lie within 88 to 168. Three such
# groups of histograms: hair, face, and the region below the chin.
_BINS = np.stack(
    [16 * c + (np.clip(np.arange(256), low, high - 1) - low) * 16 // (high - low) for c, low, high in _RANGES], axis=-1
)[None].astype(np.uint8)
_BANDS = np.repeat(np.array([0, 48, 96], np.uint8), (6, 10, 8))[:, None, None]

# In units of `appearance_distance`: neighbouring frames of one person lie below 0.1, different people mostly above 0.3.
FITS, MAY_FIT, NOVEL, CLEARLY = 0.22, 0.38, 0.06, 0.05
_LEAST_SHOWN, _UNKNOWN = (
    0.3,
    0.6,
)  # with less than this fraction of a face visible, its correlation is set to the second value


@dataclass(frozen=True)
class Observation:
    """A detection in pixels of the full-size frame, with its appearance.

    `patch` (256,) float32 is the aligned grey face, `shown` (256,) bool its pixels that no other detection covers; None where those are all,
    and then `patch` has zero mean and unit norm. `colours` (n,) float32 of unit norm are square roots of Lab histograms of hair, face and
    clothes.
    """

    detection: Detection
    patch: np.ndarray
    colours: np.ndarray
    shown: np.ndarray | None = None

    @property
    def centre_xy_px(self) -> tuple[float, float]:
        x0, y0, x1, y1 = self.detection.box_xyxy_px
        return (x0 + x1) / 2, (y0 + y1) / 2

    @property
    def size_px(self) -> float:
        x0, y0, x1, y1 = self.detection.box_xyxy_px
        return math.sqrt((x1 - x0) * (y1 - y0))


def observations(
    picture_bgr: np.ndarray, detections: Sequence[Detection], scale: float, min_score: float, min_width_px: float = 0.0
) -> list[Observation]:
    """The observations in a reduced picture, uint8 (height width 3) BGR: one per face, in pixels of the full-size frame (reduced * `scale`).

    Detections below `min_score` or narrower than `min_width_px` in the full-size frame, and the lower-scored of two on one face, are left out.
    In order of score, then from left to right.
    """
    kept: list[Detection] = []
    for found in sorted(detections, key=lambda d: (-d.score, d.box_xyxy_px)):
        wide_enough = scale * (found.box_xyxy_px[2] - found.box_xyxy_px[0]) >= min_width_px
        if found.score < min_score or not wide_enough:
            continue
        if not any(same_place(found.box_xyxy_px, other.box_xyxy_px) for other in kept):
            kept.append(found)
    return [_observation(picture_bgr, found, [other for other in kept if other is not found], scale) for found in kept]


def _observation(picture_bgr: np.ndarray, found: Detection, others: Sequence[Detection], scale: float) -> Observation:
    grey = cv2.cvtColor(align_crop(picture_bgr, found, _PATCH_PX), cv2.COLOR_BGR2GRAY).astype(np.float32)
    patch, shown = grey.ravel(), _shown(found, others)
    x0, y0, x1, y1 = (scale * v for v in found.box_xyxy_px)
    marks = found.landmarks_xy_px
    whole = Detection((x0, y0, x1, y1), found.score, marks and tuple((scale * x, scale * y) for x, y in marks))
    return Observation(whole, _unit(patch) if shown is None else patch, _colours(picture_bgr, found), shown)


def _shown(found: Detection, others: Sequence[Detection]) -> np.ndarray | None:
    """(256,) bool: the pixels of the patch outside the other heads, each a box widened by a fifth of its width on both sides; None for all."""
    centre_x, centre_y, side, _, _ = square_of(found)
    places = ((np.arange(_PATCH_PX) + 0.5) / _PATCH_PX - 0.5) * side
    x, y = centre_x + places[None, :], centre_y + places[:, None]
    covered = np.zeros((_PATCH_PX, _PATCH_PX), dtype=bool)
    for x0, y0, x1, _ in (other.box_xyxy_px for other in others):
        hair = 0.2 * (x1 - x0)
        covered |= (x > x0 - hair) & (x < x1 + hair) & (y > y0 - hair)
    return ~covered.ravel() if covered.any() else None


def _colours(picture_bgr: np.ndarray, found: Detection) -> np.ndarray:
    """Square roots of histograms of L, a and b, in three bands: hair, face, and below the chin; (n,) of unit norm."""
    x0, y0, x1, y1 = found.box_xyxy_px
    width, height = x1 - x0, y1 - y0
    region = (x0 - 0.2 * width, y0 - 0.4 * height, x1 + 0.2 * width, y1 + 0.8 * height)
    head = window(picture_bgr, *(round(edge) for edge in region))
    stride = max(1, head.shape[1] // (4 * _HEAD_PX[0]))  # a histogram of a large head needs no more pixels
    head = cv2.resize(np.ascontiguousarray(head[::stride, ::stride]), _HEAD_PX, interpolation=cv2.INTER_AREA)
    places = cv2.LUT(cv2.cvtColor(head, cv2.COLOR_BGR2LAB), _BINS) + _BANDS
    counts = np.bincount(places.ravel(), minlength=9 * 16).reshape(9, 16) / 4
    smooth = 2 * counts
    smooth[:, 1:] += counts[:, :-1]
    smooth[:, :-1] += counts[:, 1:]
    roots = np.sqrt(smooth / smooth.sum(1, keepdims=True)).astype(np.float32).ravel()
    result: np.ndarray = roots / np.linalg.norm(roots)
    return result


def appearance_distance(first: Observation, second: Observation) -> float:
    """Difference in appearance of two observations, from 0 (equal) to 2; only face pixels visible in both are compared."""
    return 0.5 * (1.0 - _correlation(first, second)) + (1.0 - float(first.colours @ second.colours))


def _correlation(first: Observation, second: Observation) -> float:
    if first.shown is None and second.shown is None:
        return float(first.patch @ second.patch)
    shown = np.ones(len(first.patch), dtype=bool)
    for one in (first, second):
        shown &= True if one.shown is None else one.shown
    if shown.mean() < _LEAST_SHOWN:
        return _UNKNOWN
    a, b = _unit(first.patch[shown]), _unit(second.patch[shown])
    return float(a @ b)


def _unit(values: np.ndarray) -> np.ndarray:
    values = values - values.mean()
    return values / max(float(np.linalg.norm(values)), 1e-6)
