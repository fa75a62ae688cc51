"""Draws an invented person from a seed: face shape, skin, hair, occluders and style of expression.

Source: original work, MIT. Lengths are in half face widths (about 70 mm; anthropometric means put the pupils at +-0.44 and the chin 1.65
below the eyes). The skin tones are six invented colours in the order of the Fitzpatrick scale, not measurements.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

# FACS action units of the face, by number (Ekman and Friesen 1978); each has an intensity in [0, 1], times the person's left and right gains.
AUS = (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23, 25, 26, 45)

SKIN_RGB = ((240, 205, 184), (228, 184, 155), (204, 156, 122), (174, 122, 88), (128, 84, 60), (88, 58, 44))
HAIR_RGB = ((28, 23, 22), (52, 36, 28), (92, 62, 40), (150, 112, 70), (196, 164, 112), (122, 58, 34), (150, 148, 146))
IRIS_RGB = ((62, 40, 26), (84, 58, 34), (96, 96, 60), (92, 120, 140), (74, 100, 88))
HAIR_STYLES = ("bald", "short", "parted", "fringe", "long")
BEARDS = ("none", "stubble", "moustache", "full")
STYLES = ("open", "reserved", "lopsided")


@dataclass(frozen=True)
class Person:
    """One invented person. `au_gain` has one (left, right) pair of intensity gains per action unit, in the order of AUS."""

    seed: int
    tone: int  # 1 (lightest) .. 6
    skin_rgb: tuple[float, float, float]  # in [0, 1]
    hair_rgb: tuple[float, float, float]
    iris_rgb: tuple[float, float, float]
    cloth_rgb: tuple[float, float, float]
    hair: str
    beard: str
    glasses: str  # "no", "round" or "square"
    style: str
    jaw_width: float
    jaw_power: float  # 2 is an ellipse, larger is squarer
    chin: float  # eyes to chin
    skull: float  # eyes to crown
    eye_distance: float
    eye_width: float
    eye_open: float
    eye_tilt: float
    brow_height: float
    brow_thick: float
    brow_arch: float
    nose_length: float
    nose_width: float
    nose_height: float
    mouth_height: float
    mouth_width: float
    lip_thick: float
    cheek: float
    age: float  # 0 (smooth) .. 1 (lined)
    rest_corner: float  # mouth corners at rest: > 0 droops, < 0 smiles
    hairline: float
    volume: float  # of the hair
    speed: float  # of expressions: 1 is average
    au_gain: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Light:
    """One key light and an ambient term. Angles in degrees: azimuth > 0 comes from the picture's right, elevation > 0 from above."""

    azimuth: float = -25.0
    elevation: float = 35.0
    ambient: float = 0.45
    key: float = 0.75
    warmth: float = 0.0  # -1 bluish .. 1 reddish

    def direction(self) -> tuple[float, float, float]:
        """Unit vector towards the light: x right, y down, z to the camera."""
        azimuth, elevation = np.radians([self.azimuth, self.elevation])
        return (
            float(np.sin(azimuth) * np.cos(elevation)),
            float(-np.sin(elevation)),
            float(np.cos(azimuth) * np.cos(elevation)),
        )


def sample_light(rng: np.random.Generator) -> Light:
    """A room's light: mostly from the front and above, sometimes from the side."""
    return Light(
        azimuth=float(np.clip(rng.normal(0, 17), -45, 45)),
        elevation=float(rng.uniform(10, 45)),
        ambient=float(rng.uniform(0.32, 0.55)),
        key=float(rng.uniform(0.5, 0.85)),
        warmth=float(rng.uniform(-0.6, 0.8)),
    )


def sample_person(seed: int) -> Person:
    """The person of this seed: the same seed always gives the same person."""
    rng = np.random.default_rng([20240, seed])
    tone = int(rng.integers(1, 7))
    grey = rng.random() < 0.15
    hair_colour = 6 if grey else int(rng.integers(0, 6 if tone <= 2 else 3 if tone <= 4 else 2))
    bearded = rng.random() < 0.35
    hair = str(rng.choice(HAIR_STYLES, p=(0.08, 0.27, 0.25, 0.18, 0.22) if not bearded else (0.2, 0.4, 0.3, 0.1, 0)))
    style = str(rng.choice(STYLES, p=(0.55, 0.22, 0.23)))

    loud = {"open": 1.3, "reserved": 0.95, "lopsided": 1.2}[style]
    lean = 0.35 * rng.choice((-1, 1)) if style == "lopsided" else rng.normal(0, 0.06)
    gains = loud * np.exp(rng.normal(0, 0.12, len(AUS)))
    # The order of the draws decides who is drawn: colours, accessories, shape.
    colours = _colours(rng, tone, hair_colour)
    beard = str(rng.choice(BEARDS[1:])) if bearded else "none"
    glasses = str(rng.choice(("round", "square"))) if rng.random() < 0.27 else "no"
    return Person(
        seed=seed,
        tone=tone,
        hair=hair,
        beard=beard,
        glasses=glasses,
        style=style,
        au_gain=tuple((float(g * (1 - lean)), float(g * (1 + lean))) for g in gains),
        **colours,
        **_shape(rng),
    )


def _colours(rng: np.random.Generator, tone: int, hair_colour: int) -> dict[str, Any]:
    """The colours of a person, each RGB in [0, 1]."""

    def near(rgb: tuple[int, int, int], spread: float) -> tuple[float, ...]:
        varied = np.array(rgb) / 255 * (1 + rng.normal(0, spread)) + rng.normal(0, 0.012, 3)
        return tuple(float(v) for v in np.clip(varied, 0.03, 0.97))

    return {
        "skin_rgb": near(SKIN_RGB[tone - 1], 0.04),
        "hair_rgb": near(HAIR_RGB[hair_colour], 0.1),
        "iris_rgb": near(IRIS_RGB[int(rng.integers(0, 5 if tone <= 2 else 2))], 0.1),
        "cloth_rgb": tuple(float(v) for v in rng.uniform(0.1, 0.75, 3)),
    }


def _shape(rng: np.random.Generator) -> dict[str, Any]:
    """The proportions of a head in half face widths, the age, and the speed of expressions."""

    def near(mean: float, spread: float) -> float:
        return float(mean + 0.7 * spread * np.clip(rng.normal(), -2, 2))

    return {
        "jaw_width": near(0.97, 0.05),
        "jaw_power": near(2.25, 0.16),
        "chin": near(1.64, 0.08),
        "skull": near(1.5, 0.06),
        "eye_distance": near(0.43, 0.022),
        "eye_width": near(0.2, 0.013),
        "eye_open": near(0.088, 0.012),
        "eye_tilt": near(0.02, 0.018),
        "brow_height": near(0.3, 0.03),
        "brow_thick": near(0.044, 0.012),
        "brow_arch": near(0.05, 0.025),
        "nose_length": near(0.68, 0.045),
        "nose_width": near(0.2, 0.028),
        "nose_height": near(0.24, 0.04),
        "mouth_height": near(1.03, 0.04),
        "mouth_width": near(0.35, 0.03),
        "lip_thick": near(0.085, 0.018),
        "cheek": near(0.07, 0.025),
        "age": float(rng.beta(1.6, 2.2)),
        "rest_corner": near(0.005, 0.018),
        "hairline": near(0.92, 0.08),
        "volume": float(rng.uniform(0.05, 0.2)),
        "speed": float(np.exp(rng.normal(0, 0.15))),
    }
