"""Draws eyes, brows, lips and folds as soft-edged functions of the face plane, equally sharp at every size.

Source: original work, MIT. Each function takes the `Plane` and changes `plane.rgb` (or adds to the relief) in a window around the feature.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seqfer.posed.people import Person
from seqfer.posed.shape import Geometry
from seqfer.posed.surface import bump, plateau, step

Window = tuple[slice, slice]


@dataclass
class Plane:
    """The picture being drawn: face-plane positions u, v (h, w) of the pixels, the maps there, the picture (h, w, 3), and a pixel's width."""

    u: np.ndarray
    v: np.ndarray
    skin_v: np.ndarray  # v in the neutral face, without the opening of the jaw
    maps: np.ndarray
    rgb: np.ndarray
    pixel: float
    light: tuple[float, float, float]

    def window(self, u0: float, u1: float, v0: float, v1: float) -> Window | None:
        """The rows and columns that hold |u| in [u0, u1], v in [v0, v1]; None when the picture shows none of it."""
        side = np.abs(self.u)
        inside = (side >= u0) & (side <= u1) & (self.v >= v0) & (self.v <= v1)
        rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
        if not rows.size:
            return None
        return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def mix(rgb: np.ndarray, colour: np.ndarray | tuple[float, float, float], cover: np.ndarray) -> None:
    """Blend a colour into the picture, in place."""
    rgb += cover[..., None] * (np.asarray(colour, dtype=np.float32) - rgb)


def sided(pair: tuple[float, float], u: np.ndarray) -> np.ndarray | float:
    """A left-right value over the face: constant on each side, blended across the midline."""
    left, right = pair
    if abs(left - right) < 1e-4:
        return 0.5 * (left + right)
    return 0.5 * (left + right) + 0.5 * (right - left) * np.clip(u / 0.15, -1, 1)


def folds(plane: Plane, person: Person, face: Geometry) -> np.ndarray:
    """The relief that expressions and age add: nasolabial folds, furrows, forehead lines, cheeks, chin (h, w)."""
    u, v, skin_v = plane.u, plane.v, plane.skin_v
    side = np.abs(u)
    nose = person.nose_length
    lift = sided(face.cheek_raise, u)
    mouth = person.mouth_height
    down = np.clip((skin_v - nose + 0.1) / 0.5, 0, 1.4)
    line = side - (person.nose_width + 0.03 + 0.3 * down + 0.08 * (sided(face.corner_u, u) - person.mouth_width) * down)
    along = plateau(skin_v - mouth + 0.13, 0.24)
    height = (
        sided(face.fold, u)
        * along
        * (np.tanh(line / 0.035) * np.exp(-((line / 0.2) ** 2)) - 0.45 * np.exp(-((line / 0.035) ** 2)))
    )
    height += 0.11 * lift * bump(side, v, 0.55, 0.43 - 0.06 * float(np.mean(lift)), 0.2, 0.16)
    crow = np.sin(46 * (v + 0.02) * (1 - 0.3 * side)) * bump(side, v, 0.76, 0.03, 0.1, 0.13)
    height += 0.011 * (sided(face.squint, u) + 0.25 * person.age) * crow
    height -= (
        0.03
        * (sided(face.squint, u) + 0.4 * person.age)
        * bump(side, v - 0.25 * (side - 0.43) ** 2, person.eye_distance, 0.13, 0.19, 0.022)
    )
    height -= 0.05 * (face.furrow + 0.15 * person.age) * bump(side, v + 0.3 * side, 0.075, -0.27, 0.022, 0.13)
    height += 0.035 * face.furrow * bump(side, v, 0.17, -0.27, 0.07, 0.09)
    ripples = np.sin(30 * (v + 0.06 * side)) * plateau(v + 0.62, 0.2) * plateau(side, 0.6)
    height += 0.014 * (face.forehead + 0.12 * person.age) * ripples
    wrinkle = sided(face.nose_wrinkle, u)
    height += 0.02 * wrinkle * np.sin(55 * (v - 0.35 * side)) * bump(u, v, 0, 0.05, 0.16, 0.15)
    height += 0.07 * wrinkle * bump(side, v, person.nose_width, nose - 0.08, 0.09, 0.12)
    height += 0.05 * face.chin_boss * bump(u, skin_v, 0, person.chin - 0.27, 0.15, 0.1)
    height += 0.012 * face.chin_boss * plane.maps[..., 1] * bump(u, skin_v, 0, person.chin - 0.25, 0.2, 0.12)
    corner_u, corner_v = sided(face.corner_u, u), sided(face.corner_v, u)
    result: np.ndarray = height - 0.05 * np.exp(
        -(((side - corner_u - 0.015) / 0.045) ** 2) - ((v - corner_v) / 0.055) ** 2
    )
    return result


def eyes(plane: Plane, person: Person, face: Geometry, gaze: tuple[float, float] = (0.0, 0.0)) -> None:
    """Sclera, iris, pupil, highlight, the lids' shadow, lashes and crease."""
    where = plane.window(0.1, 0.75, -0.35, 0.25)
    if where is None:
        return
    u, v, rgb = plane.u[where], plane.v[where], plane.rgb[where]
    side, px = np.abs(u), plane.pixel
    lit = 0.25 + 0.75 * float(np.clip(np.mean(rgb) / max(np.mean(person.skin_rgb), 0.05), 0.2, 1.2))
    white = lit * (0.55 + 0.35 * float(np.mean(person.skin_rgb)))
    x = (side - person.eye_distance) / person.eye_width
    axis = -person.eye_tilt * x
    dome = np.maximum(1 - np.abs(x - 0.08 * (1 - x**2)) ** 2.2, 0)
    upper = axis - sided(face.lid_upper, u) * dome
    lower = axis + sided(face.lid_lower, u) * np.maximum(1 - x**2, 0)
    within = step(1.0 - np.abs(x), px / person.eye_width * 1.5)
    opening = step(np.minimum(v - upper, lower - v), px * 1.2) * within
    mix(rgb, (white, 0.96 * white, 0.93 * white), opening)
    mix(rgb, (0.8 * white, 0.5 * white, 0.45 * white), opening * np.exp(-(((x + 0.98) / 0.13) ** 2)))
    centre_u = np.where(u < 0, -person.eye_distance, person.eye_distance) + gaze[0]
    far = np.hypot(u - centre_u, v + 0.012 - gaze[1])
    iris = step(0.088 - far, px * 1.3)
    mix(rgb, np.array(person.iris_rgb) * lit * 0.55, opening * iris)
    mix(rgb, np.array(person.iris_rgb) * lit * 1.25, opening * step(0.074 - far, 0.03) * step(v + 0.03, 0.1))
    mix(rgb, (0.02, 0.02, 0.02), opening * step(0.036 - far, px * 1.3))
    rgb *= (1 - 0.5 * opening * np.exp(-np.maximum(v - upper, 0) / 0.03))[..., None]
    spark = np.exp(
        -(((u - centre_u - 0.03 * np.sign(plane.light[0])) / 0.016) ** 2) - ((v + 0.04 - gaze[1]) / 0.016) ** 2
    )
    mix(rgb, (0.9, 0.9, 0.9), opening * np.clip(spark * 0.9, 0, 1))
    dark = np.array(person.hair_rgb) * 0.25 + np.array(person.skin_rgb) * 0.08
    lash = np.exp(-(((v - upper) / (0.016 + 0.006 * (x > 0.2) + px * 0.35)) ** 2)) * step(1.08 - np.abs(x), 0.12)
    mix(rgb, dark, 0.9 * lash)
    rim = np.exp(-(((v - lower) / (0.011 + px * 0.35)) ** 2)) * within
    mix(rgb, dark * 0.6 + np.array(person.skin_rgb) * 0.4 * lit, 0.45 * rim)
    brow_drop = sided(face.brow_middle, u) + person.brow_height + person.brow_arch
    crease = upper - np.clip(0.05 - 0.25 * brow_drop, 0.02, 0.075)
    fold = np.exp(-(((v - crease) / (0.014 + px * 0.3)) ** 2)) * step(1.15 - np.abs(x), 0.4)
    rgb *= (1 - 0.38 * fold)[..., None]


def brows(plane: Plane, person: Person, face: Geometry) -> None:
    """Two bands of hair whose three anchor heights move with the action units."""
    where = plane.window(0.0, 0.95, -0.75, 0.15)
    if where is None:
        return
    u, v, rgb = plane.u[where], plane.v[where], plane.rgb[where]
    t = (np.abs(u) - 0.15 + sided(face.brow_squeeze, u)) / 0.58
    inner, middle, outer = (sided(pair, u) for pair in (face.brow_inner, face.brow_middle, face.brow_outer))
    centre = (
        inner * (1 - t) * (1 - 2 * t) + 4 * middle * t * (1 - t) + outer * t * (2 * t - 1)
    )  # through the three anchors
    thick = person.brow_thick * np.clip(1.15 - 0.85 * t, 0.1, 1) * np.clip((t + 0.12) / 0.2, 0.2, 1)
    cover = step(thick - np.abs(v - centre), 0.035 + plane.pixel) * step(t + 0.02, 0.1) * step(1.03 - t, 0.1)
    hairs = np.clip(0.85 + 0.12 * plane.maps[where][..., 3], 0.5, 1)
    mix(rgb, np.array(person.hair_rgb) * 0.6 * (0.35 + 0.65 * float(rgb.mean())), np.clip(cover * hairs, 0, 1) * 0.92)


def mouth(plane: Plane, person: Person, face: Geometry) -> None:
    """Lips, the dark opening between them, teeth and tongue."""
    where = plane.window(0.0, 0.75, person.mouth_height - 0.45, person.mouth_height + 0.75)
    if where is None:
        return
    u, v, rgb = plane.u[where], plane.v[where], plane.rgb[where]
    px = plane.pixel
    lit = rgb.mean(axis=(0, 1)) / np.maximum(np.array(person.skin_rgb), 0.05)
    x = u / sided(face.corner_u, u)
    dome = np.maximum(1 - x**2, 0)
    centre = person.mouth_height + 0.012
    line = centre + (sided(face.corner_v, u) - centre) * np.abs(x) ** 2.4 - 0.05 * face.chin_boss * dome
    thin = 1 - 0.75 * face.press
    raised = sided(face.lip_raise, u)
    upper_in = line - (0.12 * face.gap + 0.75 * raised) * dome**0.8
    lower_in = line + (0.88 * face.gap + 0.1 * raised) * dome**0.7
    bow = 1 - 0.32 * np.exp(-((x / 0.14) ** 2))
    upper_out = upper_in - (person.lip_thick * 0.82 * thin * bow + 0.25 * raised) * dome**0.75
    lower_out = lower_in + person.lip_thick * 1.12 * thin * dome**0.6
    red = np.array(person.skin_rgb) * (0.86, 0.62, 0.60) + np.array((0.035, 0.0, 0.005))
    across = step(1.0 - np.abs(x), 0.05 + px)
    lips = step(np.minimum(v - upper_out, lower_out - v), 0.018 + px) * across
    above = v < 0.5 * (upper_in + lower_in)
    shade = np.where(above, 0.74, 0.95 + 0.30 * np.exp(-(((v - lower_in - 0.045) / 0.03) ** 2) - (x / 0.5) ** 2))
    mix(rgb, red * lit * shade[..., None] * (1 + 0.05 * plane.maps[where][..., 2:3]), 0.85 * lips)
    inside = step(np.minimum(v - upper_in, lower_in - v), px * 1.3) * across
    mix(rgb, (0.16, 0.045, 0.045), inside)
    tongue = inside * bump(u, v, 0, centre + 0.95 * face.gap, 0.22, 0.09) * np.clip(face.gap * 5, 0, 1)
    mix(rgb, (0.5, 0.2, 0.2), 0.8 * tongue)
    gaps = 0.86 + 0.14 * np.clip(np.abs(np.sin(u * 26)) * 3, 0, 1)
    teeth = inside * step(centre + 0.035 - 0.2 * raised - v, 0.02 + px) * step(0.9 - np.abs(x), 0.25)
    ivory = np.array((0.84, 0.81, 0.76)) * (0.65 + 0.35 * float(np.mean(person.skin_rgb)))
    mix(rgb, ivory * gaps[..., None] * np.clip(lit.mean(), 0.4, 1.0), teeth)
    seam = np.exp(-(((v - 0.5 * (upper_in + lower_in)) / (0.012 + px * 0.3)) ** 2)) * step(1.04 - np.abs(x), 0.08)
    mix(rgb, (0.2, 0.08, 0.08), 0.75 * seam * (1 - inside))
