"""Pictures whose faces are known: faces pasted on backgrounds, turned, darkened, blurred and covered. Used by `bench_detectors.py`; writes nothing.

Faces are drawn people and, with the research data, cut from real videos and stills. Real faces stay in memory.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from seqfer import posed
from seqfer.tracks.crops import window

KINDS = ("plain", "turned", "dark", "blurred", "covered")
WIDTH, HEIGHT = 1280, 720
SMALLEST_PX, LARGEST_PX, MOST = 20, 400, 16
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Cutout:
    """A face with its surroundings, uint8 (height width 3) BGR, how much of each pixel is shown, float32 in [0, 1], and the face's box in it."""

    picture: np.ndarray
    shown: np.ndarray
    box: Box
    where: str


@dataclass(frozen=True)
class Face:
    """A face of a composite: its box, how it was changed, and whether it is "drawn" or "real"."""

    box: Box
    kind: str
    where: str

    @property
    def side_px(self) -> float:
        return math.sqrt((self.box[2] - self.box[0]) * (self.box[3] - self.box[1]))


def drawn_cutout(number: int, rng: np.random.Generator) -> Cutout:
    """A drawn person with some expression."""
    emotion = str(rng.choice(("happiness", "sadness", "anger", "surprise")))
    canvas, blank = np.full((640, 560, 3), 255, np.uint8), np.zeros((640, 560, 3), np.uint8)
    person, aus = posed.sample_person(number), posed.au_vector(emotion, float(rng.uniform(0.2, 1.0)))
    pose = (float(rng.uniform(-20, 20)), float(rng.uniform(-10, 10)), 0.0, 0.0, 0.0, 1.0)
    light = posed.sample_light(rng)
    for part in (canvas, blank):
        box = posed.paint_head(part, person, aus, pose, centre_xy_px=(280, 260), unit_px=110, light=light)
    shown = 1 - (canvas.astype(np.float32) - blank).mean(axis=2) / 255  # what differs between two walls is the wall
    return Cutout(blank[..., ::-1], shown.clip(0, 1) * _oval(box, blank.shape), box, "drawn")


def real_cutout(picture_bgr: np.ndarray, box: Box) -> Cutout:
    """The head of a real picture, in an ellipse with a soft edge."""
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    left, top = math.floor(x0 - 0.5 * width), math.floor(y0 - 0.5 * height)
    part = window(picture_bgr, left, top, math.ceil(x1 + 0.5 * width), math.ceil(y1 + 0.5 * height))
    inside = (x0 - left, y0 - top, x1 - left, y1 - top)
    return Cutout(np.ascontiguousarray(part), _oval(inside, part.shape), inside, "real")


def _oval(box: Box, shape: Sequence[int]) -> np.ndarray:
    """float32 (height width): 1 around a face, 0 farther away, with a soft edge."""
    x0, y0, x1, y1 = box
    y, x = np.mgrid[: shape[0], : shape[1]] + 0.5
    middle = (y0 + y1) / 2 - 0.05 * (y1 - y0)
    far = np.hypot((x - (x0 + x1) / 2) / (0.95 * (x1 - x0)), (y - middle) / (0.9 * (y1 - y0)))
    return ((1 - far) / 0.12).clip(0, 1).astype(np.float32)


def background(rng: np.random.Generator, empty: Sequence[np.ndarray]) -> np.ndarray:
    """A picture without a face: drawn shapes and textures, or one of the `empty` pictures, enlarged."""
    if len(empty) and rng.random() < 0.3:
        chosen = empty[int(rng.integers(len(empty)))]
        return cv2.resize(chosen[:, ::-1] if rng.random() < 0.5 else chosen, (WIDTH, HEIGHT))
    cells = int(rng.choice((3, 8, 30)))
    coarse = rng.integers(30, 226, (max(2, cells * 9 // 16), cells, 3), np.uint8)
    picture = cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    for _ in range(int(rng.integers(5, 40))):
        colour = [int(level) for level in rng.integers(0, 256, 3)]
        place = int(rng.integers(WIDTH)), int(rng.integers(HEIGHT))
        size = int(rng.uniform(8, 160))
        if rng.random() < 0.5:
            axes = size, int(size * rng.uniform(0.4, 1.6))
            cv2.ellipse(picture, place, axes, float(rng.uniform(0, 180)), 0, 360, colour, -1, cv2.LINE_AA)
        else:
            cv2.rectangle(picture, place, (place[0] + size, place[1] + int(size * rng.uniform(0.3, 2))), colour, -1)
    grain = rng.normal(0, rng.uniform(0, 10), picture.shape)
    return (picture + grain).clip(0, 255).astype(np.uint8)


def composite(
    rng: np.random.Generator,
    cutouts: Sequence[Cutout],
    empty: Sequence[np.ndarray],
    sizes_px: tuple[float, float] = (SMALLEST_PX, LARGEST_PX),
) -> tuple[np.ndarray, list[Face]]:
    """(picture uint8 (720 1280 3) BGR, its faces): 1 to 16 of them that do not touch, of these sizes; in one of six pictures none."""
    picture = background(rng, empty).astype(np.float32)
    wanted = 0 if rng.random() < 1 / 6 else int(rng.integers(1, MOST + 1))
    faces: list[Face] = []
    for _ in range(wanted):
        side = math.exp(rng.uniform(*map(math.log, sizes_px)))
        _paste(picture, faces, cutouts[int(rng.integers(len(cutouts)))], side, rng)
    return picture.clip(0, 255).astype(np.uint8), faces


def _paste(picture: np.ndarray, faces: list[Face], cutout: Cutout, side_px: float, rng: np.random.Generator) -> None:
    """Paste a face of this size where it is free; leaves it out where no place is found."""
    x0, y0, x1, y1 = cutout.box
    scale = side_px / math.sqrt((x1 - x0) * (y1 - y0))
    width, height = (x1 - x0) * scale, (y1 - y0) * scale
    reach = 0.75 * max(width, height)
    if 2 * reach >= HEIGHT:
        return
    for _ in range(30):
        x, y = rng.uniform(reach, WIDTH - reach), rng.uniform(reach, HEIGHT - reach)
        if all(math.hypot(x - _centre(f)[0], y - _centre(f)[1]) > reach + 0.95 * f.side_px for f in faces):
            break
    else:
        return
    kind = str(rng.choice(KINDS))
    angle = float(rng.uniform(15, 45) * rng.choice((-1, 1))) if kind == "turned" else 0.0
    reduced, shown, scale = _reduced(cutout, scale)
    small_centre = tuple(
        (a + b) / 2 * side / full
        for a, b, side, full in zip((x0, y0), (x1, y1), reduced.shape[1::-1], cutout.picture.shape[1::-1], strict=True)
    )
    matrix = cv2.getRotationMatrix2D(small_centre, angle, scale)
    matrix[:, 2] += (x - small_centre[0], y - small_centre[1])
    here = cv2.warpAffine(reduced, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR).astype(np.float32)
    cover = cv2.warpAffine(shown, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)[..., None]
    picture[:] = picture * (1 - cover) + here * cover
    box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    _change(picture, box, kind, rng)
    faces.append(Face(box, kind, cutout.where))


def _reduced(cutout: Cutout, scale: float) -> tuple[np.ndarray, np.ndarray, float]:
    """The cutout reduced by averaging areas where it must shrink, and the scale that is left for the warp."""
    if scale >= 1:
        return cutout.picture, cutout.shown, scale
    size = tuple(max(1, round(length * scale)) for length in cutout.picture.shape[1::-1])
    picture, shown = (cv2.resize(part, size, interpolation=cv2.INTER_AREA) for part in (cutout.picture, cutout.shown))
    return picture, shown, 1.0


def _change(picture: np.ndarray, box: Box, kind: str, rng: np.random.Generator) -> None:
    """Darken, blur or cover the region around a face, in place."""
    x0, y0, x1, y1 = box
    side = math.sqrt((x1 - x0) * (y1 - y0))
    left, top = max(0, int(x0 - 0.4 * side)), max(0, int(y0 - 0.4 * side))
    part = picture[top : int(y1 + 0.4 * side), left : int(x1 + 0.4 * side)]
    if kind == "dark":
        part *= rng.uniform(0.12, 0.35)
        part += rng.normal(0, 3, part.shape)
    elif kind == "blurred":
        part[:] = cv2.GaussianBlur(part, (0, 0), max(0.5, side * rng.uniform(0.03, 0.07)))
    elif kind == "covered":
        colour = [float(level) for level in rng.integers(0, 256, 3)]
        if rng.random() < 0.5:  # a bar over the mouth, as a mask, or over one side
            across = (x0 - 0.1 * side, y0 + 0.6 * (y1 - y0)), (x1 + 0.1 * side, y1 + 0.1 * side)
            beside = (x0 - 0.1 * side, y0 - 0.2 * side), (x0 + 0.38 * (x1 - x0), y1 + 0.1 * side)
            start, end = across if rng.random() < 0.5 else beside
            cv2.rectangle(picture, tuple(map(int, start)), tuple(map(int, end)), colour, -1)
        else:
            place = int(rng.uniform(x0, x1)), int(rng.uniform(y0 + 0.3 * side, y1))
            cv2.circle(picture, place, max(2, int(0.28 * side)), colour, -1, cv2.LINE_AA)


def _centre(face: Face) -> tuple[float, float]:
    return (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2


def drawn_picture(seed: int) -> np.ndarray:
    """uint8 (180 320 3) BGR: two drawn people on a drawn background. The same seed gives the same picture."""
    rng = np.random.default_rng(seed)
    picture = np.ascontiguousarray(cv2.resize(background(rng, ()), (320, 180), interpolation=cv2.INTER_AREA)[..., ::-1])
    for number, x in enumerate((85, 235)):
        person, aus = posed.sample_person(2 * seed + number), posed.au_vector("happiness", float(rng.uniform(0, 1)))
        pose = (float(rng.uniform(-20, 20)), float(rng.uniform(-10, 10)), float(rng.uniform(-20, 20)), 0.0, 0.0, 1.0)
        unit_px, light = float(rng.uniform(14, 34)), posed.sample_light(rng)
        posed.paint_head(picture, person, aus, pose, centre_xy_px=(x, 80), unit_px=unit_px, light=light)
    return np.ascontiguousarray(picture[..., ::-1])
