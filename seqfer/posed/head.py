"""Draws the head as a relief over the face plane, lit by Lambert's law with a soft terminator, with neck, clothes, hair and occluders.

Source: original work, MIT. Differs from a 3-D model: rotating the head shifts each point of the plane by its depth, which is accurate
to about 25 degrees, and does not move the outline.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from seqfer.posed import features, wear
from seqfer.posed.features import Plane, mix
from seqfer.posed.people import Light, Person
from seqfer.posed.shape import Geometry, geometry
from seqfer.posed.surface import bump, radius, sample, step


def draw_head(
    person: Person,
    aus: Mapping[int, float] | np.ndarray,
    pose: Sequence[float],
    x: np.ndarray,
    y: np.ndarray,
    unit_px: float,
    light: Light | None,
) -> np.ndarray:
    """(h, w, 4) float32 RGBA in [0, 1], straight alpha, of everything at positions x, y (h, w) in half face widths from between the eyes.

    `unit_px` is the width of half a face in pixels: it determines how soft edges are.
    """
    face = geometry(person, aus)
    light = light or Light()
    yaw, pitch, roll, dx, dy, scale = (float(value) for value in pose)
    x, y = ((x - dx) / scale).astype(np.float32), ((y - dy) / scale).astype(np.float32)
    sine, cosine = math.sin(math.radians(roll)), math.cos(math.radians(roll))
    body = (x, y)
    x, y = cosine * x + sine * (y - 1), 1 - sine * x + cosine * (y - 1)  # rotated about the jaw
    u, v = _unturn(person, x, y, math.radians(yaw), math.radians(pitch))
    drop = np.clip((v - 0.5) / (person.mouth_height + 0.1), 0, 1)
    skin_v = v - face.jaw * drop * drop * (3 - 2 * drop)
    pixel = 1 / (unit_px * scale)
    shifted = skin_v + 0.05 * float(np.mean(face.nose_wrinkle)) * bump(u, v, 0, person.nose_length, 0.3, 0.15)
    maps = sample(person, u, shifted, 1 / pixel)
    plane = Plane(u, v, skin_v, maps, np.zeros((*u.shape, 3), np.float32), pixel, light.direction())
    alpha = _behind(plane, person, body, light)
    _skin(plane, person, face, light, alpha)
    features.mouth(plane, person, face)
    features.eyes(plane, person, face)
    features.brows(plane, person, face)
    wear.hair(plane, person, (x, y), light, alpha)
    if person.glasses != "no":
        wear.glasses(plane, person)
    tint = np.array((1 + 0.06 * light.warmth, 1.0, 1 - 0.08 * light.warmth), np.float32)
    rgb = np.maximum(plane.rgb * tint, 0)
    rgb -= 0.55 * np.maximum(rgb - 0.7, 0)  # compresses highlights, so that light skin keeps its shading
    return np.concatenate((np.minimum(rgb, 1), alpha[..., None]), axis=-1).astype(np.float32)


def _unturn(person: Person, x: np.ndarray, y: np.ndarray, yaw: float, pitch: float) -> tuple[np.ndarray, np.ndarray]:
    """The position of each pixel of the rotated head on the frontal face plane, by two fixed-point iterations."""
    u, v = x, y
    for _ in range(2 if yaw or pitch else 0):
        depth = 0.85 * np.sqrt(np.maximum(1 - (u / 1.1) ** 2 - (v / 1.75) ** 2, 0)) + 0.22 * bump(
            u, v, 0, person.nose_length, 0.16, 0.22
        )
        u = (x - math.sin(yaw) * depth) / math.cos(yaw) ** 0.3
        v = y + math.sin(pitch) * depth
    return u, v


def _behind(plane: Plane, person: Person, body: tuple[np.ndarray, np.ndarray], light: Light) -> np.ndarray:
    """Long hair, neck, clothes and ears; returns their coverage."""
    x, y = body
    rgb, soft = plane.rgb, 1.3 * plane.pixel + 0.01
    skin = np.array(person.skin_rgb, np.float32)
    alpha = np.zeros(x.shape, np.float32)

    def lay(colour: np.ndarray, cover: np.ndarray) -> None:
        mix(rgb, colour, cover)
        np.maximum(alpha, cover, out=alpha)

    if person.hair == "long":
        width = 1.12 + person.volume + 0.05 * np.sin(6 * y)
        crown = 1 - np.hypot(x / width, np.minimum(y + 0.1, 0) / (person.skull + person.volume))
        back = step(np.minimum(crown, 1.95 - y + 0.1 * plane.maps[..., 2]), 0.06)
        strands = 0.45 + 0.16 * plane.maps[..., 2:3]
        lay(np.array(person.hair_rgb) * strands, back)
    round_neck = np.sqrt(np.maximum(1 - (x / 0.66) ** 2, 0.0))
    side_light = 0.75 + 0.25 * np.clip(x / 0.66 * plane.light[0] + 0.3, -1, 1)
    shadow = 0.45 + 0.4 * np.clip((y - person.chin - 0.05) / 0.6, 0, 1)
    neck = step(0.58 + 0.12 * np.clip(y - 1.9, 0, 1) ** 2 - np.abs(x), soft) * step(y - 0.9, 0.1)
    lay(skin * (shadow * side_light * (0.55 + 0.45 * round_neck) * (light.ambient + light.key * 0.7))[..., None], neck)
    line = (
        2.0
        + 0.28 * np.abs(x) ** 1.6
        - 0.2 * np.exp(-(((np.abs(x) - 0.6) / 0.2) ** 2))
        + 0.28 * np.exp(-((x / 0.3) ** 2))
    )
    folds = 0.8 + 0.04 * np.sin(5 * x + 3 * y) - 0.12 * np.abs(x) + 0.25 * np.exp(-(((y - line - 0.05) / 0.05) ** 2))
    lay(np.array(person.cloth_rgb) * folds[..., None], step(y - line, soft))
    side = np.abs(plane.u)
    far = np.hypot((side - 1.02 * person.jaw_width**0.3) / 0.13, (plane.v - 0.14) / 0.27)
    inner = 1 - 0.35 * np.exp(-((far - 0.45) ** 2) / 0.05)
    lay(skin * (inner * 0.8 * (light.ambient + light.key * 0.6))[..., None], step(1 - far, soft / 0.15))
    return alpha


def _skin(plane: Plane, person: Person, face: Geometry, light: Light, alpha: np.ndarray) -> None:
    """The head's skin: relief, light, colour variation, nostrils, beard."""
    u, v, skin_v = plane.u, plane.v, plane.skin_v
    side = np.abs(u)
    relief = plane.maps[..., 0] + features.folds(plane, person, face)
    slope_u = cv2.Sobel(relief.astype(np.float32), cv2.CV_32F, 1, 0, ksize=3, scale=1 / (8 * plane.pixel))
    slope_v = cv2.Sobel(relief.astype(np.float32), cv2.CV_32F, 0, 1, ksize=3, scale=1 / (8 * plane.pixel))
    slope_u, slope_v = np.clip(slope_u, -4, 4), np.clip(slope_v, -4, 4)
    lx, ly, lz = plane.light
    length = np.sqrt(1 + slope_u**2 + slope_v**2)
    lambert = (lz - lx * slope_u - ly * slope_v) / length
    diffuse = np.maximum((lambert + 0.25) / 1.25, 0)
    norm = math.hypot(lx, ly, lz + 1)
    gloss = np.maximum(((lz + 1) - lx * slope_u - ly * slope_v) / (norm * length), 0) ** 24
    nose = person.nose_length
    hollow = 0.30 * bump(side, v, person.eye_distance - 0.08, -0.1, 0.22, 0.1) + 0.3 * bump(
        side, v, person.eye_distance, 0.0, 0.25, 0.09
    )
    hollow += 0.42 * bump(u, v, -0.07 * lx, nose + 0.11, 0.17, 0.06) + 0.22 * bump(
        u, skin_v, 0, person.mouth_height + 0.19, 0.2, 0.06
    )
    hollow += 0.25 * np.clip((radius(person, u, skin_v) - 0.8) / 0.2, 0, 1)
    shade = (light.ambient * (1 - 0.3 * slope_v / length) + light.key * diffuse) * (1 - np.clip(hollow, 0, 0.8))
    flush = 0.06 * bump(side, v, 0.55, 0.45, 0.25, 0.2) + 0.05 * bump(u, v, 0, nose, 0.14, 0.12)
    grain = 1 + 0.035 * plane.maps[..., 1] + 0.012 * plane.maps[..., 3]
    colour = np.array(person.skin_rgb, np.float32) * (shade * grain)[..., None]
    colour *= 1 + flush[..., None] * np.array((0.6, -1.2, -1.0), np.float32)
    colour += (0.09 * light.key * gloss)[..., None]
    nostrils = bump(side, v, 0.105, nose + 0.055 - 0.02 * float(np.mean(face.nose_wrinkle)), 0.05, 0.028)
    colour *= (1 - 0.75 * nostrils)[..., None]
    wear.beard(plane, person, colour)
    cover = step(1 - radius(person, u, skin_v), 1.4 * plane.pixel + 0.012)
    mix(plane.rgb, colour, cover)
    np.maximum(alpha, cover, out=alpha)
