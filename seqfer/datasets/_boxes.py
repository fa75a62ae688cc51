"""Computes one square face box for a whole clip, like a detector's crop but fixed, so that only the face moves in it.

Sources: the 68-point scheme of the landmark files (Lucey et al. 2010: jaw line to brows; the forehead has no points, hence the shift up);
Viola and Jones 2001 as OpenCV's `haarcascade_frontalface_alt` for pictures without landmarks.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
import numpy as np

from seqfer.video.images import with_channels

Box = tuple[float, float, float, float]

MARGIN = (
    1.2  # side of the box over the longer side of the landmarks' extent; a detector's box has some cheek and forehead
)
SHIFT_UP = 0.06  # of the side: the points end at the brows
CENTRE = 0.8  # side of the central square over the picture's shorter side, when no face was found
MIN_FACE = 0.2  # of the shorter side: smaller Haar detections in a posed portrait are false


def square_inside(centre_x: float, centre_y: float, side: float, width: int, height: int) -> Box:
    """The square moved, and where necessary shrunk, to fit inside the picture; x1 y1 x2 y2 in pixels."""
    side = min(side, float(width), float(height))
    x1 = min(max(centre_x - side / 2, 0.0), width - side)
    y1 = min(max(centre_y - side / 2, 0.0), height - side)
    return (round(x1, 2), round(y1, 2), round(x1 + side, 2), round(y1 + side, 2))


def box_from_points(points_xy_px: np.ndarray, width: int, height: int) -> Box:
    """The clip's box from the landmarks of all its frames, (point 2) in pixels."""
    low, high = points_xy_px.min(axis=0), points_xy_px.max(axis=0)
    side = MARGIN * float((high - low).max())
    centre_x, centre_y = (float(v) for v in (low + high) / 2)
    return square_inside(centre_x, centre_y - SHIFT_UP * side, side, width, height)


def haar_box(picture: np.ndarray) -> Box | None:
    """The largest frontal face in a uint8 picture (height width) or (height width 3), as a square inside it; None when there is none."""
    grey = with_channels(picture, 1)
    smallest = max(20, int(MIN_FACE * min(grey.shape)))
    found = _cascade().detectMultiScale(cv2.equalizeHist(grey), 1.1, 4, minSize=(smallest, smallest))
    if len(found) == 0:
        return None
    x, y, w, h = (float(v) for v in max(found, key=lambda box: box[2] * box[3]))
    return square_inside(x + w / 2, y + h / 2, max(w, h), grey.shape[1], grey.shape[0])


def central_box(width: int, height: int) -> Box:
    """The central square, for a portrait in which no face was found."""
    return square_inside(width / 2, height / 2, CENTRE * min(width, height), width, height)


@cache
def _cascade() -> cv2.CascadeClassifier:
    return cv2.CascadeClassifier(str(Path(cv2.__file__).parent / "data" / "haarcascade_frontalface_alt.xml"))
