"""Maps pictures of high dynamic range to the standard one: PQ and HLG of ITU-R BT.2100 to BT.709 by lookup tables.

Reference white, 203 cd/m2 (ITU-R BT.2408), becomes white; what is brighter is compressed into the uppermost part of the range. HLG is shown as on
a display of 1000 cd/m2. Below the compression the mapping inverts BT.1886, by which a display shows BT.709, so that a picture of standard range that
was converted to PQ or HLG is restored.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

PQ, HLG = 16, 18  # AVCOL_TRC_SMPTE2084 and AVCOL_TRC_ARIB_STD_B67
HDR_TRANSFERS = (PQ, HLG)
BT2020 = 9  # AVCOL_PRI_BT2020

_WHITE_CD_M2 = 203.0
_GAMMA = 2.4  # ITU-R BT.1886
_KNEE = 0.9  # of the range of standard pictures, beyond which brighter ones are compressed
_LEVELS = 1 << 16
_LINEAR_STEPS = 1 << 14
# linear BT.2020 to linear BT.709, ITU-R BT.2087
_TO_709 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32)


def to_standard_grey(levels: np.ndarray, transfer: int) -> np.ndarray:
    """uint16 luma of full range -> uint8 of the same shape."""
    standard: np.ndarray = _grey_table(transfer)[levels]
    return standard


def to_standard_rgb(levels: np.ndarray, transfer: int, primaries: int) -> np.ndarray:
    """uint16 (height width 3) RGB of full range -> uint8."""
    if primaries != BT2020:
        return to_standard_grey(levels, transfer)
    linear = cv2.transform(_linear_table(transfer)[levels], _TO_709)
    brightest = float(_linear_table(transfer)[-1])
    steps = (
        np.sqrt(np.clip(linear / brightest, 0, 1)) * (_LINEAR_STEPS - 1) + 0.5
    )  # the root gives dark tones enough steps
    standard: np.ndarray = _code_table(transfer)[steps.astype(np.uint16)]
    return standard


@cache
def _linear_table(transfer: int) -> np.ndarray:
    """float32 (level,): light as multiples of reference white."""
    code = np.linspace(0, 1, _LEVELS)
    return ((_pq_cd_m2(code) if transfer == PQ else _hlg_cd_m2(code)) / _WHITE_CD_M2).astype(np.float32)


@cache
def _grey_table(transfer: int) -> np.ndarray:
    return _standard(_linear_table(transfer))


@cache
def _code_table(transfer: int) -> np.ndarray:
    return _standard(np.linspace(0, 1, _LINEAR_STEPS) ** 2 * float(_linear_table(transfer)[-1]))


def _standard(linear: np.ndarray) -> np.ndarray:
    """Light as multiples of reference white -> uint8 levels of BT.709."""
    code = np.asarray(linear, float) ** (1 / _GAMMA)
    over = np.maximum(code - _KNEE, 0) / (1 - _KNEE)
    compressed = _KNEE + (1 - _KNEE) * np.tanh(over)
    return (255 * np.where(code > _KNEE, compressed, code) + 0.5).astype(np.uint8)


def _pq_cd_m2(code: np.ndarray) -> np.ndarray:
    """Levels in [0, 1] -> cd/m2, by the EOTF of SMPTE ST 2084."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    root = code ** (1 / m2)
    light: np.ndarray = 10_000 * (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1)
    return light


def _hlg_cd_m2(code: np.ndarray) -> np.ndarray:
    """Levels in [0, 1] -> cd/m2 on a display of 1000 cd/m2, by the inverse OETF and the OOTF of ITU-R BT.2100, channel by channel."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12)
    light: np.ndarray = 1000 * scene**1.2
    return light
