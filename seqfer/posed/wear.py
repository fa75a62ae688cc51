"""Draws beard, hair and glasses.

Source: original work, MIT. All three follow the rotation of the head; long hair behind the head is drawn in `head`.
"""

from __future__ import annotations

import numpy as np

from seqfer.posed.features import Plane, mix
from seqfer.posed.people import Light, Person
from seqfer.posed.surface import bump, step


def beard(plane: Plane, person: Person, colour: np.ndarray) -> None:
    """Stubble, moustache or full beard over the skin's lit `colour` (h, w, 3), in place."""
    if person.beard == "none":
        return
    side, v = np.abs(plane.u), plane.skin_v
    grain = plane.maps[..., 3] * 0.6 + plane.maps[..., 2] * 0.5
    lip = person.mouth_height
    upper = step(0.085 - np.abs(v - (lip - 0.15) - 0.25 * side**2), 0.07) * step(0.44 - side, 0.1)
    edge = v - (lip + 0.22 - 0.75 * np.minimum(side, 0.9) ** 1.6)
    lower = step(edge, 0.16) * step(v - 0.2, 0.3) * (1 - bump(plane.u, v, 0, lip, 0.3, 0.14))
    cover = upper if person.beard == "moustache" else np.maximum(upper, lower)
    strength = 0.32 if person.beard == "stubble" else 0.85
    lit = colour.mean(axis=-1, keepdims=True) / max(float(np.mean(person.skin_rgb)), 0.05)
    mix(colour, np.array(person.hair_rgb) * (0.35 + 0.5 * lit), np.clip(cover * strength * (1 + 0.25 * grain), 0, 1))


def hair(plane: Plane, person: Person, place: tuple[np.ndarray, np.ndarray], light: Light, alpha: np.ndarray) -> None:
    """Hair above the hairline, with a sheen and its shadow on the forehead; adds its coverage to `alpha` (h, w)."""
    if person.hair == "bald":
        return
    u, v, strands = plane.u, plane.v, plane.maps[..., 2]
    x, y = place
    volume = person.volume + (0.06 if person.hair == "long" else 0.0)
    outer = 1 - np.hypot(x / (1.03 + 0.6 * volume), np.minimum(y - 0.1, 0) / (person.skull + 0.12 + volume))
    ragged = 0.05 * strands
    line = -person.hairline + 0.95 * np.abs(u) ** 4 + ragged
    if person.hair == "parted":
        line = line - 0.16 * np.exp(-(((u + 0.35) / 0.16) ** 2)) + 0.18 * np.exp(-(((u - 0.35) / 0.4) ** 2))
    elif person.hair == "fringe":
        line = -0.5 + 0.5 * np.abs(u) ** 4 + 0.11 * strands
    stop = 1.2 if person.hair == "long" else 0.12
    cover = step(outer, 0.05) * step(line - v, 0.05) * step(stop + ragged - y, 0.1)
    if person.hair == "long":
        curtain = (
            step(np.abs(u) - 0.93 + 0.06 * np.sin(4 * v) - ragged, 0.06) * step(outer + 0.1, 0.05) * step(1.4 - y, 0.2)
        )
        cover = np.maximum(cover, curtain * step(y + 0.8, 0.2))
    sheen = np.exp(-(((v + 1.05 - 0.2 * plane.light[0] * u + 0.04 * strands) / 0.16) ** 2))
    side_light = 0.75 + 0.35 * np.clip(x * plane.light[0] * 1.2 - 0.25 * (y + 0.9), -1, 1)
    glow = (0.75 + 0.22 * strands) * side_light * (light.ambient + 0.7 * light.key) + 0.35 * sheen * light.key
    shadow = step(line + 0.1 - v, 0.18) * step(outer, 0.05) * step(0.1 - y, 0.2)
    plane.rgb *= (1 - 0.25 * shadow * (1 - cover))[..., None]
    mix(plane.rgb, np.array(person.hair_rgb) * np.maximum(glow, 0.1)[..., None], cover)
    np.maximum(alpha, cover, out=alpha)


def glasses(plane: Plane, person: Person) -> None:
    """Rims, bridge, arms and a reflection on the lenses."""
    where = plane.window(0.0, 1.1, -0.35, 0.4)
    if where is None:
        return
    u, v, rgb = plane.u[where], plane.v[where], plane.rgb[where]
    power, half_u, half_v = (2.2, 0.27, 0.24) if person.glasses == "round" else (5.0, 0.3, 0.2)
    side = np.abs(u)
    far = ((np.abs(side - person.eye_distance) / half_u) ** power + (np.abs(v - 0.045) / half_v) ** power) ** (
        1 / power
    )
    width = 0.02 + 0.4 * plane.pixel
    rim = step(width - np.abs(far - 1) * half_v, plane.pixel * 1.3)
    bridge = step(width - np.abs(v + 0.0 - 0.8 * side**2), plane.pixel * 1.3) * step(
        person.eye_distance - half_u - side, 0.02
    )
    arm = (
        step(width - np.abs(v + 0.04), plane.pixel * 1.3)
        * step(side - person.eye_distance - half_u, 0.02)
        * step(1.02 - side, 0.04)
    )
    glare = step(1 - far, 0.05) * np.exp(-((((u * 0.8 + v) % 0.86 - 0.3) / 0.07) ** 2))
    mix(rgb, (0.9, 0.92, 0.95), 0.12 * step(1 - far, 0.05) * 0.4 + 0.16 * glare)
    frame = np.array((0.06, 0.055, 0.06)) if person.seed % 3 else np.array((0.32, 0.24, 0.12))
    mix(rgb, frame, 0.95 * np.clip(rim + bridge + arm, 0, 1))
