"""Makes the texture maps of a person's head, once per person: relief of the neutral face, skin blotches, hair strands and fine grain.

Source: original work, MIT. Coordinates are the face plane's: u to the right, v down, the origin between the eyes, one half face width as unit.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from seqfer.posed.people import Person

U_MIN, V_MIN, WIDTH, HEIGHT = -1.7, -2.1, 3.4, 4.8
FINEST = 128  # map pixels per unit


def bump(u: np.ndarray, v: np.ndarray, u0: float, v0: float, su: float, sv: float) -> np.ndarray:
    """A Gaussian hill of height 1 at (u0, v0) with the two spreads."""
    return np.exp(-(((u - u0) / su) ** 2) - ((v - v0) / sv) ** 2)


def plateau(d: np.ndarray, half: float) -> np.ndarray:
    """1 around d = 0, falling off at about +-half, flatter than a Gaussian."""
    square = (d / half) ** 2
    return np.exp(-square * square)


def step(d: np.ndarray, soft: float) -> np.ndarray:
    """Coverage of an edge: 0 well outside (d < 0), 1 well inside, a ramp of width `soft` between."""
    return np.clip(d / soft + 0.5, 0.0, 1.0)


def radius(person: Person, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """1 on the outline of the head, smaller inside: half an ellipse above the eyes, half a superellipse below."""
    power = np.where(v > 0, person.jaw_power, 2.1).astype(np.float32)
    across = np.abs(u) / (1.0 - (1.0 - person.jaw_width) * np.clip(v, 0, 1))
    along = np.abs(v) / np.where(v > 0, person.chin, person.skull).astype(np.float32)
    result: np.ndarray = (across**power + along**power) ** (1 / power)
    return result


@lru_cache(maxsize=128)
def maps(person: Person, per_unit: int) -> np.ndarray:
    """(h, w, 4) float32: relief, skin blotches, strands, grain (the last three with mean about 0), `per_unit` pixels to a unit."""
    if per_unit < FINEST:
        fine = maps(person, FINEST)
        size = (round(WIDTH * per_unit), round(HEIGHT * per_unit))
        return cv2.resize(fine, size, interpolation=cv2.INTER_AREA)
    shape = (round(HEIGHT * FINEST), round(WIDTH * FINEST))
    v, u = np.meshgrid(
        V_MIN + (np.arange(shape[0]) + 0.5) / FINEST, U_MIN + (np.arange(shape[1]) + 0.5) / FINEST, indexing="ij"
    )
    rng = np.random.default_rng([20241, person.seed])
    noise = rng.standard_normal((3, *shape)).astype(np.float32)
    skin = cv2.GaussianBlur(noise[0], (0, 0), 9) * 16 + cv2.GaussianBlur(noise[1], (0, 0), 1.5) * 1.5
    strands = cv2.GaussianBlur(noise[2], (0, 0), sigmaX=1.1, sigmaY=14) * 6
    layers = [_relief(person, u.astype(np.float32), v.astype(np.float32)), skin, strands, noise[1]]
    return np.stack(layers, axis=-1).astype(np.float32)


def sample(person: Person, u: np.ndarray, v: np.ndarray, per_unit: float) -> np.ndarray:
    """The maps (h, w, 4) at face-plane positions u, v, from the coarsest map that is at least as fine as the picture."""
    level = next((fineness for fineness in (32, 64) if fineness >= per_unit), FINEST)
    columns = ((u - U_MIN) * level - 0.5).astype(np.float32)
    rows = ((v - V_MIN) * level - 0.5).astype(np.float32)
    return cv2.remap(maps(person, level), columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _relief(person: Person, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    side = np.abs(u)
    r = radius(person, u, v)
    height = 0.85 * np.sqrt(np.maximum(1.0 - r**2.4, 0.0))
    tip, wide, tall = person.nose_length, person.nose_width, person.nose_height
    along = np.clip((v + 0.08) / (tip + 0.08), 0, 1)
    ridge = np.exp(-((u / (0.075 + 0.06 * along)) ** 2)) * along**1.3 * step(tip + 0.03 - v, 0.12)
    height += tall * 0.85 * ridge + tall * 0.45 * bump(u, v, 0, tip - 0.03, 0.11, 0.09)
    height += 0.10 * bump(side, v, wide * 0.82, tip + 0.0, 0.065, 0.075)  # wings
    height -= 0.10 * bump(side, v, person.eye_distance - 0.03, 0.0, 0.22, 0.15)  # sockets
    height += 0.05 * bump(side, v, person.eye_distance, 0.01, 0.17, 0.085)  # eyeballs
    height += 0.045 * bump(side, v, 0.42, -person.brow_height + 0.02, 0.3, 0.09)  # brow ridge
    height += person.cheek * bump(side, v, 0.6, 0.42, 0.22, 0.2)
    height -= 0.05 * bump(side, v, 0.62, 0.9, 0.16, 0.25)  # below the cheekbones
    mouth = person.mouth_height
    height += 0.06 * bump(u, v, 0, mouth, 0.34, 0.2)  # the teeth behind the lips
    height -= 0.022 * bump(u, v, 0, mouth - 0.17, 0.035, 0.07)  # philtrum
    height -= 0.045 * bump(u, v, 0, mouth + 0.2, 0.22, 0.05)
    height += 0.07 * bump(u, v, 0, person.chin - 0.24, 0.2, 0.13)
    return height
