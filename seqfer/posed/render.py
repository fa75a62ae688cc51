"""Renders a person with given action-unit intensities, pose and light at any size: a face crop, a portrait, or a head in a video frame.

Source: original work, MIT. Pictures depend on NumPy and OpenCV only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from seqfer.core.errors import InputError
from seqfer.posed.head import draw_head
from seqfer.posed.people import Light, Person

NEUTRAL_POSE = (0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
# centre of the picture on the head (face units below the eyes) and half the picture's side in face units
FRAMINGS = {"crop": (0.5, 1.0), "face": (0.35, 1.75), "shoulders": (0.55, 2.6)}

Aus = Mapping[int, float] | np.ndarray  # intensities in [0, 1] by AU number, or in the order of AUS


@dataclass(frozen=True)
class Scene:
    """Where a person is: the light, None for a standard one, and the colour of the background, RGB in [0, 1]."""

    light: Light | None = None
    background: tuple[float, float, float] = (0.55, 0.57, 0.6)


@dataclass(frozen=True)
class Camera:
    """`noise` is the standard deviation of pixels in [0, 1], drawn from `rng`; `blur_px` that of a Gaussian blur. Raises InputError for noise
    without a generator."""

    noise: float = 0.0
    blur_px: float = 0.0
    rng: np.random.Generator | None = None

    def __post_init__(self) -> None:
        if self.noise > 0 and self.rng is None:
            raise InputError(f"noise {self.noise} without a generator; pass rng=numpy.random.default_rng(seed)")


PLAIN_SCENE, PERFECT_CAMERA = Scene(), Camera()


def render(
    person: Person,
    aus: Aus,
    pose: Sequence[float] = NEUTRAL_POSE,
    size_px: int = 128,
    *,
    framing: str = "face",
    scene: Scene = PLAIN_SCENE,
    camera: Camera = PERFECT_CAMERA,
) -> np.ndarray:
    """A square picture (h, w, 3) uint8 RGB of one person on a plain background.

    `aus`: intensities in [0, 1] by AU number, or an array in the order of AUS. `pose`: yaw, pitch, roll in degrees (positive: towards the
    picture's right, up, clockwise), dx, dy in half face widths, scale.
    Raises InputError for unknown action units, framing or size.
    """
    rgba = _picture(person, aus, pose, size_px, framing, scene.light)
    alpha = rgba[..., 3:]
    picture = rgba[..., :3] * alpha + np.asarray(scene.background, dtype=np.float32) * (1 - alpha)
    if camera.blur_px > 0:
        picture = cv2.GaussianBlur(picture, (0, 0), camera.blur_px)
    if camera.noise > 0 and camera.rng is not None:
        picture = picture + camera.rng.standard_normal(picture.shape, dtype=np.float32) * np.float32(camera.noise)
    return _bytes(picture)


def cut_out(
    person: Person,
    aus: Aus,
    pose: Sequence[float] = NEUTRAL_POSE,
    size_px: int = 256,
    *,
    framing: str = "shoulders",
    light: Light | None = None,
) -> np.ndarray:
    """The same picture without a background: (h, w, 4) uint8 RGBA, straight alpha."""
    return _bytes(_picture(person, aus, pose, size_px, framing, light))


def paint_head(
    canvas: np.ndarray,
    person: Person,
    aus: Aus,
    pose: Sequence[float] = NEUTRAL_POSE,
    *,
    centre_xy_px: tuple[float, float],
    unit_px: float,
    light: Light | None = None,
) -> tuple[float, float, float, float]:
    """Draw head and shoulders into `canvas` (h, w, 3) uint8 RGB, in place, and return the face's box x1 y1 x2 y2 in pixels.

    `centre_xy_px` is the point between the eyes before the pose's dx, dy; `unit_px` is half a face width. Clipped at the edges.
    """
    if canvas.ndim != 3 or canvas.shape[2] != 3 or canvas.dtype != np.uint8:
        raise InputError(f"canvas is {canvas.dtype} {canvas.shape}; it must be uint8 (height, width, 3)")
    height, width = canvas.shape[:2]
    reach = 2.3 * unit_px * pose[5]
    centre_x, centre_y = centre_xy_px[0] + pose[3] * unit_px, centre_xy_px[1] + pose[4] * unit_px
    x0, x1 = (int(np.clip(x, 0, width)) for x in (centre_x - reach, centre_x + reach))
    y0, y1 = (int(np.clip(y, 0, height)) for y in (centre_y - reach, centre_y + 1.6 * reach))
    if x0 < x1 and y0 < y1:
        x, y = np.meshgrid(np.arange(x0, x1) + 0.5, np.arange(y0, y1) + 0.5)
        rgba = draw_head(
            person, aus, pose, (x - centre_xy_px[0]) / unit_px, (y - centre_xy_px[1]) / unit_px, unit_px, light
        )
        patch = canvas[y0:y1, x0:x1]
        patch[:] = _bytes(patch / np.float32(255) * (1 - rgba[..., 3:]) + rgba[..., :3] * rgba[..., 3:])
    unit = unit_px * pose[5]
    return centre_x - unit, centre_y - 0.75 * unit, centre_x + unit, centre_y + person.chin * unit


def _bytes(picture: np.ndarray) -> np.ndarray:
    result: np.ndarray = (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)
    return result


def _picture(
    person: Person, aus: Aus, pose: Sequence[float], size_px: int, framing: str, light: Light | None
) -> np.ndarray:
    if framing not in FRAMINGS:
        raise InputError(f"unknown framing {framing!r}; allowed: {', '.join(FRAMINGS)}")
    if not 16 <= size_px <= 4096:
        raise InputError(f"size {size_px} px; allowed: 16 to 4096")
    below, half = FRAMINGS[framing]
    places = ((np.arange(size_px, dtype=np.float32) + 0.5) / size_px * 2 - 1) * half
    x, y = np.meshgrid(places, places + below)
    return draw_head(person, aus, pose, x, y, size_px / (2 * half), light)
