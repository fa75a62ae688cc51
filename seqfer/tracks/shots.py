"""Detects cuts between camera shots, from very small pictures and in one pass.

Original work. A hard cut changes three properties at once, each of which alone also changes without a cut:
- the picture (mean absolute difference, relative to that of the frames before): also with fast motion;
- its colours (histograms of luma and chroma): also with a flash or a sudden change of exposure;
- its structure (normalised correlation of the luma, at the best shift): also when something large passes by.
Black bars around the picture are ignored. Frames without structure (black, overexposed, uniformly grey) cannot be compared: they belong to
the shot before them, and the next frame with structure is compared with the last one that had some, so a flash to white and back is not a
cut, and a cut through black is one cut, at its end.
Not detected by design: dissolves, wipes and slow fades from one picture to the next; cuts between nearly equal pictures; and a cut to
an overexposed picture is detected late, when it has lasted longer than a flash.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from statistics import median

import cv2
import numpy as np

from seqfer.core.errors import InputError

WIDTH_PX, HEIGHT_PX = 32, 18  # size of the compared pictures; finer detail only adds motion
_SHIFT_X_PX, _SHIFT_Y_PX = 5, 3  # largest motion between two frames, in these pixels, that is compensated
_RECENT = 12  # frames before, whose mean change is the reference

STILL = (
    2.0  # mean absolute difference of luma below which no other property of a frame is compared; far below any cut's
)
_FLAT = 4.0  # standard deviation of luma below which a picture has no structure
_BURNT = 247  # level of the strongest colour channel above which a pixel is overexposed
_LONGEST_FLASH = 6  # frames
_BAR = 24  # luma up to which a whole row or column is a black bar
_LEAST_CHANGE = 8.0  # mean absolute difference (of 255) below which a frame is not a cut
_TIMES_USUAL = 2.5  # a cut changes the picture this many times as much as the frames before it did
_ALIKE = 0.80  # correlation at and above which two frames show the same scene, whatever their colours
_LIMIT = 0.50  # sum of lost correlation and changed colours at and above which a frame is a cut


class CutDetector:
    """Decides for each frame in turn whether a new shot begins with it; stores a few kilobytes and one past picture.

    Takes well under 0.1 ms per frame. Deterministic; the first frame is not a cut.
    """

    def __init__(self) -> None:
        self._past: np.ndarray | None = (
            None  # last picture with structure, uint8 (height width 4): Y, Cr, Cb and the largest of B, G, R
        )
        self._usual: deque[float] = deque(maxlen=_RECENT)
        self._flashing = 0  # frames in a row that were left out as overexposed
        self._luma: np.ndarray | None = None  # of the last frame
        self._kept_last = False  # whether that one had structure
        self._left_out: Callable[[], np.ndarray] | None = (
            None  # makes the last frame's picture, where it was not compared
        )

    def is_cut(self, small_bgr: np.ndarray) -> bool:
        """Whether the frame reduced to `small_bgr`, uint8 (height width 3), begins a shot. Any size is accepted; 32 x 18 is fastest.

        Raises InputError for another type or shape.
        """
        if small_bgr.dtype != np.uint8 or small_bgr.ndim != 3 or small_bgr.shape[2] != 3 or not small_bgr.size:
            raise InputError(
                f"picture is {small_bgr.dtype} of shape {small_bgr.shape}; the cut detector takes uint8 (height, width, 3)"
            )
        now = _kept(small_bgr)
        self._kept_last = float(cv2.meanStdDev(now)[1][0, 0]) >= _FLAT and not self._may_be_flash(now)
        if not self._kept_last:
            return False
        before, self._past = self._past, now
        if before is None:
            return False
        change = cv2.norm(now, before, cv2.NORM_L1) / now.size
        usual = median(self._usual) if self._usual else 0.0
        cut = change > max(_LEAST_CHANGE, _TIMES_USUAL * usual) and _differ(before, now)
        if cut:
            self._usual.clear()
        else:
            self._usual.append(change)
        return cut

    def is_cut_of(self, luma: np.ndarray | None, picture: Callable[[], np.ndarray]) -> bool:
        """`is_cut` of the next frame's `picture`, which is not made where the frame's `luma`, uint8 (height width) of always the same few pixels,
        nearly equals that of the frame before. None: the luma is unknown."""
        before, self._luma = self._luma, luma
        if luma is not None and before is not None and self._kept_last:
            change = cv2.norm(luma, before, cv2.NORM_L1) / luma.size
            if change < STILL and float(cv2.meanStdDev(luma)[1][0, 0]) >= _FLAT:
                self._usual.append(change)
                self._left_out = picture
                return False
        if self._left_out is not None:  # the picture to compare this frame with
            self._past, self._left_out = _kept(self._left_out()), None
        return self.is_cut(picture())

    def _may_be_flash(self, now: np.ndarray) -> bool:
        """Whether the picture has suddenly become overexposed. Only for a few frames: after them, the shot itself is overexposed."""
        share = _overexposed(now)
        flash = (
            share > 0.6
            and self._flashing < _LONGEST_FLASH
            and (self._past is None or share > _overexposed(self._past) + 0.3)
        )
        self._flashing = self._flashing + 1 if flash else 0
        return flash


def _kept(small_bgr: np.ndarray) -> np.ndarray:
    """uint8 (height width 3) -> the stored form of a picture, uint8 (height width 4)."""
    bgr = cv2.resize(small_bgr, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_AREA)
    blue, green, red = cv2.split(bgr)
    return cv2.merge([cv2.cvtColor(bgr, cv2.COLOR_BGR2YCrCb), cv2.max(cv2.max(blue, green), red)])


def _overexposed(picture: np.ndarray) -> float:
    """Fraction of a stored picture that is overexposed."""
    return float((picture[..., 3] > _BURNT).mean())


def _differ(before: np.ndarray, now: np.ndarray) -> bool:
    """Whether two pictures, uint8 (height width 4) as the detector stores them, show different scenes."""
    before, now = _without_bars(before, now)
    alike = _correlation(before[..., 0], now[..., 0], np.maximum(before[..., 3], now[..., 3]) <= _BURNT)
    return alike < _ALIKE and (1.0 - max(alike, 0.0)) + 0.5 * _colour_change(before, now) > _LIMIT


def _without_bars(before: np.ndarray, now: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both pictures without the rows and columns at their edges that are black in both."""
    bright = np.maximum(before[..., 0], now[..., 0])
    rows, columns = (np.flatnonzero(bright.max(axis=axis) > _BAR) for axis in (1, 0))
    if len(rows) < 6 or len(columns) < 6:
        return before, now
    inside = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    return before[inside], now[inside]


def _correlation(before: np.ndarray, now: np.ndarray, shown: np.ndarray) -> float:
    """Normalised correlation of two luma pictures of one size, in [-1, 1]: of the middle at the best of the allowed shifts, or, for
    flashes, without shift and of the pixels `shown` that are overexposed in neither; the larger of both."""
    height, width = now.shape
    x, y = min(_SHIFT_X_PX, width // 4), min(_SHIFT_Y_PX, height // 4)
    middle = now[y : height - y, x : width - x]
    shifted = float(cv2.matchTemplate(before, middle, cv2.TM_CCOEFF_NORMED).max())
    if shown.all() or shown.mean() < 0.3:
        return shifted
    first, second = (p[shown] - p[shown].mean() for p in (before, now))
    norm = float(np.sqrt((first @ first) * (second @ second)))
    return max(shifted, float(first @ second) / norm) if norm > 0 else shifted


def _colour_change(before: np.ndarray, now: np.ndarray) -> float:
    """Fraction of the picture, 0 to 1, whose luma or chroma changed its bin: half the L1 distance of histograms, the largest of three."""
    worst = 0.0
    for channel, bins in ((0, 16), (1, 32), (2, 32)):
        first, second = (cv2.calcHist([p], [channel], None, [bins], [0, 256]).ravel() for p in (before, now))
        # neighbouring bins are smoothed so that a slight change of exposure does not move every pixel into another bin
        first, second = (np.convolve(h, (0.25, 0.5, 0.25), "same") for h in (first, second))
        worst = max(worst, float(np.abs(first - second).sum()) / (2 * before.shape[0] * before.shape[1]))
    return worst
