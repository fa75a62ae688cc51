"""The table of all corruptions with the strength of each of their levels.

A corruption is a pure function: the same pictures, level and seed give the same bytes. The random choices for a picture (a direction, a position,
a noise pattern) depend on the seed and on the picture's number and not on the level, so that level 4 is the same corruption as level 2,
only stronger. Level 0 is the unchanged picture.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from seqfer.core.errors import InputError, SettingsError
from seqfer.experiments.stress import detail, geometry, light, occlusion

LEVELS = 5
# Part of what a resumed run must agree on. Raise it when a corruption of this folder gives other pixels than before.
# tests/golden/test_cache_versions.py fails when it must be raised.
CORRUPTIONS_VERSION = 1


@dataclass(frozen=True)
class Corruption:
    """One corruption. `strengths` are those of levels 1, 2, ...; `shown` formats one for display; `what` describes it.

    `per_frame`: drawn again for every frame of a clip (noise), not once for the clip (the direction of the light).
    """

    name: str
    kind: str
    what: str
    shown: str
    strengths: tuple[float, ...]
    change: Callable[[np.ndarray, float, Generator], np.ndarray]
    percent: bool = False
    per_frame: bool = False

    @property
    def levels(self) -> range:
        """Its levels above 0."""
        return range(1, len(self.strengths) + 1)

    def strength(self, level: int) -> str:
        """The physical strength of a level as text: "27°"; "as it is" for level 0."""
        self._check(level)
        value = self.strengths[level - 1] * (100 if self.percent else 1) if level else 0.0
        return self.shown.format(value) if level else "as it is"

    def __call__(
        self, pictures: np.ndarray, level: int, seed: int = 0, numbers: Iterable[int] | None = None
    ) -> np.ndarray:
        """uint8 (picture height width) or (picture height width 3) -> the same, changed. Level 0 is a copy.

        `numbers` (picture,), 0 or more, determine the random choices for each; by default they count from 0. Raises InputError for
        other arrays, SettingsError for a level or a seed that does not exist.
        """
        self._check(level)
        if seed < 0:
            raise SettingsError(f"seed = {seed}; allowed: 0 or more")
        shape = pictures.shape
        if pictures.dtype != np.uint8 or not (pictures.ndim == 3 or (pictures.ndim == 4 and shape[3] == 3)):
            raise InputError(f"pictures are {pictures.dtype} {shape}; allowed: uint8 (n, h, w) or (n, h, w, 3)")
        result = pictures.copy()
        if not level:
            return result
        name = zlib.crc32(self.name.encode())
        for index, number in enumerate(range(len(pictures)) if numbers is None else numbers):
            rng = np.random.default_rng([seed, name, int(number)])
            result[index] = self.change(np.ascontiguousarray(pictures[index]), self.strengths[level - 1], rng)
        return result

    def _check(self, level: int) -> None:
        if not 0 <= level <= len(self.strengths):
            raise SettingsError(f"{self.name} has no level {level}; allowed: 0 to {len(self.strengths)}")


CORRUPTIONS: tuple[Corruption, ...] = (
    Corruption("gain_down", "light", "too little light: gain", "×{:g}", (0.7, 0.5, 0.35, 0.22, 0.12), light.gain),
    Corruption("gain_up", "light", "too much light: gain, clipped", "×{:g}", (1.25, 1.5, 1.8, 2.2, 2.8), light.gain),
    Corruption(
        "gamma_down", "light", "tone curve that lightens: exponent", "{:g}", (0.8, 0.6, 0.45, 0.33, 0.22), light.gamma
    ),
    Corruption("gamma_up", "light", "tone curve that darkens: exponent", "{:g}", (1.3, 1.7, 2.2, 3, 4), light.gamma),
    Corruption(
        "side_light",
        "light",
        "light from one side: gain at the edges, more and less by",
        "±{:g} %",
        (0.2, 0.4, 0.6, 0.8, 0.95),
        light.side_light,
        percent=True,
    ),
    Corruption(
        "contrast_down",
        "light",
        "flat contrast: distance from the mean",
        "×{:g}",
        (0.7, 0.5, 0.3, 0.2, 0.1),
        light.contrast,
    ),
    Corruption(
        "contrast_up",
        "light",
        "hard contrast: distance from the mean, clipped",
        "×{:g}",
        (1.4, 1.8, 2.4, 3.2, 4.5),
        light.contrast,
    ),
    Corruption(
        "rotation_left", "geometry", "rotation counter-clockwise", "{:g}°", (9, 18, 27, 36, 45), geometry.rotate_left
    ),
    Corruption("rotation_right", "geometry", "rotation clockwise", "{:g}°", (9, 18, 27, 36, 45), geometry.rotate_right),
    Corruption("scale_up", "geometry", "face larger in the crop", "×{:g}", (1.1, 1.2, 1.3, 1.45, 1.6), geometry.scale),
    Corruption(
        "scale_down", "geometry", "face smaller in the crop", "×{:g}", (0.9, 0.8, 0.7, 0.6, 0.5), geometry.scale
    ),
    Corruption(
        "shift",
        "geometry",
        "face beside the middle, in any direction: share of the crop's width",
        "{:g} %",
        (0.04, 0.08, 0.12, 0.16, 0.2),
        geometry.shift,
        percent=True,
    ),
    Corruption("mirror", "geometry", "left and right exchanged", "mirror", (1,), geometry.mirror),
    Corruption(
        "resolution",
        "detail",
        "width of the face before it is enlarged again",
        "{:g} px",
        (32, 24, 20, 16, 12),
        detail.resolution,
    ),
    Corruption(
        "blur_gaussian",
        "detail",
        "out of focus: sigma, of the crop's width",
        "{:g} %",
        (0.01, 0.02, 0.03, 0.045, 0.06),
        detail.gaussian_blur,
        percent=True,
    ),
    Corruption(
        "blur_motion",
        "detail",
        "moved while the shutter was open: path, of the crop's width",
        "{:g} %",
        (0.06, 0.1, 0.15, 0.2, 0.3),
        detail.motion_blur,
        percent=True,
    ),
    Corruption(
        "noise_gaussian",
        "detail",
        "sensor noise: sigma in grey levels of 255",
        "σ {:g}",
        (5, 10, 20, 30, 45),
        detail.gaussian_noise,
        per_frame=True,
    ),
    Corruption(
        "noise_salt_pepper",
        "detail",
        "pixels turned black or white",
        "{:g} %",
        (0.01, 0.03, 0.06, 0.12, 0.2),
        detail.salt_and_pepper,
        percent=True,
        per_frame=True,
    ),
    Corruption("jpeg", "detail", "stored as JPEG: quality", "q {:g}", (50, 30, 20, 10, 5), detail.jpeg),
    Corruption(
        "glasses",
        "occlusion",
        "glasses: light swallowed by their lenses",
        "{:g} %",
        (0, 0.25, 0.5, 0.75, 1),
        occlusion.glasses,
        percent=True,
    ),
    Corruption(
        "hand_mouth",
        "occlusion",
        "hand over the mouth, from one side: reach, of the crop's width",
        "{:g} %",
        (0.3, 0.45, 0.6, 0.75, 0.9),
        occlusion.hand_over_mouth,
        percent=True,
    ),
    Corruption(
        "hand_eyes",
        "occlusion",
        "hand over the eyes, from one side: reach, of the crop's width",
        "{:g} %",
        (0.3, 0.45, 0.6, 0.75, 0.9),
        occlusion.hand_over_eyes,
        percent=True,
    ),
    Corruption(
        "rectangle",
        "occlusion",
        "a grey rectangle anywhere: share of the area",
        "{:g} %",
        (0.05, 0.1, 0.2, 0.3, 0.4),
        occlusion.rectangle,
        percent=True,
    ),
)
NAMES = tuple(corruption.name for corruption in CORRUPTIONS)
KINDS = tuple(dict.fromkeys(corruption.kind for corruption in CORRUPTIONS))


def choose(words: Iterable[str]) -> tuple[Corruption, ...]:
    """The corruptions with these names ("rotation_left"), first words of names ("rotation") or kinds ("light"), in the table's order; none: all.

    Raises SettingsError, listing the allowed words, for any other.
    """
    wanted = [word.strip() for word in words if word.strip()]
    for word in wanted:
        if not any(_means(word, corruption) for corruption in CORRUPTIONS):
            raise SettingsError(
                f"unknown corruption {word!r}; allowed: {', '.join(NAMES)}, or a kind: {', '.join(KINDS)}"
            )
    return tuple(c for c in CORRUPTIONS if not wanted or any(_means(word, c) for word in wanted))


def _means(word: str, corruption: Corruption) -> bool:
    return word in (corruption.name, corruption.kind) or corruption.name.startswith(f"{word}_")
