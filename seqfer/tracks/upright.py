"""Finds by which quarter turn the pictures of a video must be turned so that its faces are upright.

Cameras that were held sideways or hung upside down store pictures without a word about it. Networks such as YuNet find turned faces too, only with
somewhat lower scores, and their landmarks are drawn as if the face were upright. Viola and Jones's cascade finds upright faces almost only, but
not all of them. So a turn needs both: the cascade finds faces in it, and the detector scores them higher than as stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import cv2
import numpy as np

from seqfer.core.records import Detection

SAMPLES = 8  # pictures that are looked at
TURNS_DEG = (0, 90, 180, 270)
_CODES = (None, cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_180, cv2.ROTATE_90_COUNTERCLOCKWISE)
# Of the cascade: the score of a face that is upright beyond doubt, and how many such pictures end the search.
_CLEAR_SCORE, _CLEAR_PICTURES = 0.2, 3
_LEAST_PICTURES, _LEAST_SCORE = 3, 0.12  # pictures of a turn with a face, and the mean of their scores
_LEAD = 2.0  # a turn's sum of scores over that of every other turn
_MARGIN = 0.02  # by which the detector's scores are higher than as stored, in the mean

Detect = Callable[[np.ndarray], Sequence[Detection]]


def upright_turn(pictures: Iterable[np.ndarray], cascade: Detect, detect: Detect | None = None) -> int:
    """0, 90, 180 or 270 degrees clockwise, 0 unless the evidence for another turn is clear. `pictures` are uint8 (height width 3) BGR, read as far
    as needed. `detect` is None where the cascade itself is the detector."""
    seen: list[np.ndarray] = []
    scores: list[float] = []
    clear = 0
    for picture in pictures:
        score = _best(cascade, picture)
        clear += score >= _CLEAR_SCORE
        if clear == _CLEAR_PICTURES:
            return 0
        seen.append(picture)
        scores.append(score)
    if not seen:
        return 0
    found = np.array([scores, *([_best(cascade, _turned(p, turn)) for p in seen] for turn in (1, 2, 3))])
    turn = int(found.sum(axis=1).argmax())
    others = np.delete(found.sum(axis=1), turn).max()
    here = found[turn] > 0
    if here.sum() < min(_LEAST_PICTURES, len(seen)) or found[turn][here].mean() < _LEAST_SCORE:
        return 0
    if turn == 0 or found[turn].sum() < _LEAD * others:
        return 0
    if detect is not None:
        with_face = [picture for picture, face in zip(seen, here, strict=True) if face]
        gain = [_best(detect, _turned(picture, turn)) - _best(detect, picture) for picture in with_face]
        if np.mean(gain) < _MARGIN:
            return 0
    return TURNS_DEG[turn]


def _turned(picture: np.ndarray, turn: int) -> np.ndarray:
    code = _CODES[turn]
    return picture if code is None else cv2.rotate(picture, code)


def _best(detect: Detect, picture: np.ndarray) -> float:
    return max((face.score for face in detect(picture)), default=0.0)
