"""Draws the rows of an annotated video on its pictures: a box per face, its name, its top emotion, a small bar of valence.

All sizes are proportional to the height of the picture, so that text is equally readable at 360 lines and at 2160. Text is placed outside the
face, where it covers as little of this and other faces as possible.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

import cv2
import numpy as np

from seqfer.core.records import FaceRow
from seqfer.film.output.extra_files import AnnotatedVideo
from seqfer.video import open_source
from seqfer.video.writing import H264Writer

FILE = "overlay.mp4"
ABOUT = "video with boxes, names, emotions and its audio"
NEEDS_VIDEO_FILE = True

# Okabe and Ito's colours (2008), which colour-blind people can distinguish too; face 9 repeats the first. RGB.
FACE_RGB = (
    (86, 180, 233),
    (230, 159, 0),
    (0, 190, 140),
    (240, 228, 66),
    (204, 121, 167),
    (213, 94, 0),
    (90, 140, 255),
    (225, 225, 225),
)
PANEL_RGB, INK_RGB, UNPLEASANT_RGB, PLEASANT_RGB = (18, 18, 17), (255, 255, 255), (91, 159, 240), (242, 185, 44)
FONT = cv2.FONT_HERSHEY_DUPLEX
Box = tuple[int, int, int, int]  # x1 y1 x2 y2 in pixels


def draw_overlay(picture_rgb: np.ndarray, rows: Sequence[FaceRow], classes: Sequence[str]) -> np.ndarray:
    """A copy of the picture, uint8 (height width 3), with the faces of its rows drawn on it.

    A row without a box is ignored; one without probabilities has only its name, one without valence (NaN) no bar.
    """
    out = np.ascontiguousarray(picture_rgb).copy()
    shown = [row for row in rows if row.face is not None and row.box_xyxy_px is not None]
    taken = [_whole(row) for row in shown]
    for row, box in zip(shown, list(taken)):
        colour = face_rgb(row.face or 1)
        _frame(out, box, colour)
        lines = _lines(row, classes)
        has_bar = not math.isnan(row.valence)
        place = _place(out, box, _panel_size(out.shape[0], lines, has_bar), taken)
        taken.append(place)
        _panel(out, place, lines, colour, row.valence)
    return out


def face_rgb(face: int) -> tuple[int, int, int]:
    """The colour of a face, the same on every frame."""
    return FACE_RGB[(face - 1) % len(FACE_RGB)]


def write(path: Path, video: AnnotatedVideo) -> None:
    """The video with its rows drawn on it, see `write_overlay`."""
    write_overlay(path, video)


def write_overlay(path: Path, video: AnnotatedVideo) -> int:
    """Write the video with its rows drawn on it, with its audio, as H.264 that browsers play; returns its number of frames.

    The rows may have fewer frames than the video: the last rows are drawn until the next analysed frame. Without valence there is no
    bar. Raises InputError when the video cannot be read or the file cannot be written.
    """
    groups, start_s = _Groups(video.rows), video.start_s
    with open_source(video.source, video.folder_fps) as source:
        source.turn(video.turned_deg)
        info = source.info
        rate_hz = info.frame_rate_hz if math.isfinite(info.frame_rate_hz) and info.frame_rate_hz > 0 else 25.0
        sound = Path(video.source) if info.kind == "file" and info.has_sound else None
        zero_s = max(start_s or 0.0, info.zero_s)
        with H264Writer(path, info.width, info.height, rate_hz, sound, zero_s) as writer:
            for frame in source.frames(start_s=start_s, end_s=video.end_s):
                here = groups.at(frame.index, frame.time_s)
                if not video.has_valence:
                    here = [_without_valence(row) for row in here]
                writer.write(draw_overlay(frame.rgb(), here, video.classes), frame.time_s)
            return writer.frames


class _Groups:
    """Rows by frame, in step with the video. The rows of the last group are shown only as long as those of the group before."""

    def __init__(self, rows: Iterable[FaceRow]) -> None:
        self._rest: Iterator[tuple[int, list[FaceRow]]] = (
            (frame, list(group)) for frame, group in groupby(rows, lambda row: row.frame)
        )
        self._here: list[FaceRow] = []
        self._next = next(self._rest, None)
        self._step_s = 0.0

    def at(self, index: int, time_s: float) -> list[FaceRow]:
        """The rows to draw on a frame."""
        while self._next is not None and self._next[0] <= index:
            if self._here:
                self._step_s = self._next[1][0].time_s - self._here[0].time_s
            self._here = self._next[1]
            self._next = next(self._rest, None)
        # half a millisecond for times that were rounded in a file
        over = self._here and self._next is None and time_s - self._here[0].time_s > max(self._step_s, 0.0) - 0.0005
        last = self._here and self._here[0].frame == index
        return [] if over and not last else self._here


def _without_valence(row: FaceRow) -> FaceRow:
    return FaceRow(row.frame, row.time_s, row.shot, row.face, row.box_xyxy_px, row.score, row.probabilities)


def _whole(row: FaceRow) -> Box:
    assert row.box_xyxy_px is not None
    x1, y1, x2, y2 = (round(value) for value in row.box_xyxy_px)
    return x1, y1, x2, y2


def _lines(row: FaceRow, classes: Sequence[str]) -> list[str]:
    lines = [f"Face {row.face}"]
    if row.probabilities:
        top = max(range(len(row.probabilities)), key=row.probabilities.__getitem__)
        lines.append(f"{classes[top]} {100 * row.probabilities[top]:.0f}%")
    return lines


def _unit(height: int) -> int:
    """The height of a capital letter: 11 pixels at 360 lines, 45 at 2160."""
    return max(5, round(4 + height * 0.019))


def _font(height: int) -> tuple[float, int]:
    thick = max(1, round(_unit(height) / 14))
    return cv2.getFontScaleFromHeight(FONT, _unit(height), thick), thick


def _panel_size(height: int, lines: Sequence[str], has_bar: bool) -> tuple[int, int]:
    unit, (scale, thick) = _unit(height), _font(height)
    wide = max(cv2.getTextSize(line, FONT, scale, thick)[0][0] for line in lines)
    tall = len(lines) * unit + (len(lines) - 1) * unit * 3 // 4 + (unit * 5 // 4 if has_bar else 0)
    return wide + 2 * unit * 3 // 4, tall + 2 * unit * 3 // 4


def _place(picture: np.ndarray, box: Box, size: tuple[int, int], taken: Sequence[Box]) -> Box:
    """The position of the panel: above, below, right or left of the box, where it covers the least of faces and other panels."""
    (height, width), (wide, tall) = picture.shape[:2], size
    x1, y1, x2, y2 = box
    gap = max(2, _unit(height) // 3)
    corners = ((x1, y1 - gap - tall), (x1, y2 + gap), (x2 + gap, y1), (x1 - gap - wide, y1), (x1 + gap, y1 + gap))
    places = []
    for x, y in corners:
        x, y = min(max(x, 0), max(width - wide, 0)), min(max(y, 0), max(height - tall, 0))
        places.append((x, y, x + wide, y + tall))
    return min(places, key=lambda place: sum(_shared(place, other) for other in taken))


def _shared(a: Box, b: Box) -> int:
    """Area that two boxes share, in pixels."""
    return max(0, min(a[2], b[2]) - max(a[0], b[0])) * max(0, min(a[3], b[3]) - max(a[1], b[1]))


def _frame(out: np.ndarray, box: Box, colour: tuple[int, int, int]) -> None:
    """Draw the box, with a dark rim so that it is visible on any background."""
    thick = max(1, round(out.shape[0] / 300))
    cv2.rectangle(out, box[:2], box[2:], PANEL_RGB, thick + 2 * max(1, thick // 2))
    cv2.rectangle(out, box[:2], box[2:], colour, thick)


def _panel(out: np.ndarray, place: Box, lines: Sequence[str], colour: tuple[int, int, int], valence: float) -> None:
    x1, y1, x2, y2 = place
    unit, (scale, thick) = _unit(out.shape[0]), _font(out.shape[0])
    ground = out[y1:y2, x1:x2]
    ground[:] = (ground * 0.22 + np.array(PANEL_RGB) * 0.78).astype(np.uint8)
    pad = unit * 3 // 4
    y = y1 + pad + unit
    for k, line in enumerate(lines):
        cv2.putText(out, line, (x1 + pad, y), FONT, scale, INK_RGB if k else colour, thick, cv2.LINE_AA)
        y += unit + unit * 3 // 4
    if not math.isnan(valence):
        _bar(out, (x1 + pad, y2 - pad - unit // 2, x2 - pad, y2 - pad), valence)


def _bar(out: np.ndarray, box: Box, valence: float) -> None:
    """Draw valence from -1 (left) over 0 (the mark in the middle) to +1 (right)."""
    x1, y1, x2, y2 = box
    middle, half = (x1 + x2) // 2, (x2 - x1) / 2
    cv2.rectangle(out, (x1, y1), (x2, y2), (90, 90, 86), -1)
    end = round(middle + half * min(max(valence, -1.0), 1.0))
    left, right = min(middle, end), max(middle, end)
    cv2.rectangle(out, (left, y1), (right, y2), PLEASANT_RGB if valence > 0 else UNPLEASANT_RGB, -1)
    reach = max(1, (y2 - y1) // 3)
    cv2.line(out, (middle, y1 - reach), (middle, y2 + reach), INK_RGB, max(1, (y2 - y1) // 4))
