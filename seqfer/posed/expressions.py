"""Generates the expression of a clip over time: action-unit curves from a neutral face to an apex, with their valence.

Source: original work, MIT. The action units of each expression follow the usual FACS prototypes (Ekman and Friesen 1978, EMFACS lists); all
intensities and timings are invented. It differs from real faces by design: expressions form three pairs, and on a `crossed` path
the two of a pair show the same frames in another order - the partner's expression first, then the clip's own, then a blend of both - so that
only the order in time, and not the set of frames, distinguishes them. On a `straight` path the own expression rises after a weak one of the
partner's.
"""

from __future__ import annotations

import numpy as np

from seqfer.core.errors import InputError
from seqfer.posed.people import AUS, Person

PARTS: dict[str, dict[int, float]] = {
    "anger": {4: 0.95, 7: 0.7, 23: 0.75, 5: 0.15, 17: 0.2},
    "disgust": {9: 0.9, 10: 0.8, 17: 0.25, 6: 0.2},
    "fear": {1: 0.75, 4: 0.6, 5: 0.8, 20: 0.95, 25: 0.5},
    "happiness": {6: 0.75, 12: 0.95, 25: 0.6},
    "sadness": {1: 0.85, 4: 0.45, 15: 0.9, 17: 0.55},
    "surprise": {1: 0.85, 2: 0.95, 5: 0.6, 25: 0.6, 26: 0.85},
    "neutral": {},
}
EXPRESSIONS = tuple(PARTS)
PARTNER = {"anger": "disgust", "fear": "surprise", "happiness": "sadness"}
PARTNER |= {second: first for first, second in PARTNER.items()}
PATHS = ("straight", "crossed")
# Valence of a full expression in [-1, 1]: invented for this generator, in the same order as published norms.
VALENCE = {
    "anger": -0.65,
    "disgust": -0.6,
    "fear": -0.7,
    "happiness": 0.85,
    "sadness": -0.6,
    "surprise": 0.2,
    "neutral": 0.0,
}


def au_vector(emotion: str, intensity: float = 1.0) -> np.ndarray:
    """Action-unit intensities (unit,) in the order of AUS of an expression at `intensity` in [0, 1]. Raises InputError for other words."""
    if emotion not in PARTS:
        raise InputError(f"expression {emotion!r} is not drawn; allowed: {', '.join(EXPRESSIONS)}")
    return intensity * np.array([PARTS[emotion].get(unit, 0.0) for unit in AUS])


def valence_of(activations: dict[str, np.ndarray], person: Person) -> np.ndarray:
    """Valence (t,) in [-1, 1] shown by expressions at these activations (t,): their weighted mean, times this person's intensity of expression."""
    total = np.zeros(len(next(iter(activations.values()))))
    weight = np.zeros_like(total)
    for emotion, level in activations.items():
        used = [gain for unit, gain in zip(AUS, person.au_gain, strict=True) if unit in PARTS[emotion]]
        total += VALENCE[emotion] * level * (np.mean(used) if used else 1.0)
        weight += level
    return np.clip(total / np.maximum(weight, 1.0), -1.0, 1.0)


def clip_curves(
    person: Person, emotion: str, seed: int, *, frames: int | None = None, path: str | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One clip from a neutral face to the apex: action units (t, unit) in [0, 1], valence (t,) in [-1, 1], pose (t, 6) as `render` takes it.

    `frames` (8 to 24 when not given) and `path` ("straight" or "crossed") are drawn from `seed` when None. The first frame is always neutral.
    Length, pose and the distractors (blinks, speech, twitches) do not depend on the emotion. Raises InputError for unknown words.
    """
    au_vector(emotion)  # raises InputError for an unknown emotion
    rng = np.random.default_rng([20242, person.seed, seed])
    drawn = int(rng.integers(8, 25)), str(rng.choice(PATHS, p=(0.6, 0.4)))
    frames, path = frames or drawn[0], path or drawn[1]
    if path not in PATHS:
        raise InputError(f"path {path!r} is unknown; allowed: {', '.join(PATHS)}")
    if frames < 2:
        raise InputError(f"{frames} frames; a clip from neutral to apex needs at least 2")
    time = np.linspace(0, 1, frames)
    pose, extra = _pose(rng, time), _distractors(rng, time)
    gate = np.minimum(time / 0.06, 1)  # the first frame is always neutral
    activations = {name: gate * level for name, level in _activations(rng, time, emotion, path, person.speed).items()}
    aus = sum((level[:, None] * au_vector(name) for name, level in activations.items()), np.zeros((frames, len(AUS))))
    aus = np.clip(np.maximum(aus, extra * gate[:, None]), 0, 1)
    return aus, valence_of(activations, person), pose


def _rise(time: np.ndarray, start: float, end: float) -> np.ndarray:
    ramp = np.clip((time - start) / (end - start), 0, 1)
    return ramp * ramp * (3 - 2 * ramp)


def _activations(
    rng: np.random.Generator, time: np.ndarray, emotion: str, path: str, speed: float
) -> dict[str, np.ndarray]:
    """Level in [0, 1] of the own expression and its partner over the clip's time in [0, 1]."""
    if emotion == "neutral":
        return {"neutral": np.zeros_like(time)}
    jitter = rng.normal(0, 0.015, 4)
    peak = rng.uniform(0.8, 1.0)
    partner = PARTNER[emotion]
    if path == "crossed":
        swap, blend = 0.465 + jitter[1], 0.79 + jitter[2]
        first = _rise(time, 0.05 + jitter[0], 0.2) * (1 - _rise(time, swap - 0.06, swap + 0.06))
        second = _rise(time, swap - 0.06, swap + 0.06) * (1 - 0.4 * _rise(time, blend, blend + 0.1))
        return {emotion: peak * second, partner: peak * (first + 0.6 * _rise(time, blend, blend + 0.1))}
    start, hint = 0.14 + rng.uniform(-0.04, 0.08), rng.uniform(0.05, 0.25)
    own = _rise(time, start, start + 0.36 / speed)
    before = _rise(time, start - 0.12, start) * (1 - _rise(time, start + 0.06, start + 0.2))
    leak = rng.uniform(0.0, 0.12) * own
    return {emotion: peak * own, partner: peak * np.maximum(hint * before, leak)}


def _distractors(rng: np.random.Generator, time: np.ndarray) -> np.ndarray:
    """Movements unrelated to the emotion: blinks, a few syllables, a twitch of one unit; (t, unit)."""
    extra = np.zeros((len(time), len(AUS)))
    for _ in range(int(rng.integers(0, 3))):
        extra[:, AUS.index(45)] += np.exp(-(((time - rng.uniform(0.1, 1)) / 0.045) ** 2))
    if rng.random() < 0.2:
        syllables = np.abs(np.sin(np.pi * (rng.uniform(2, 5) * time + rng.random()))) * _rise(time, 0.0, 0.15)
        extra[:, AUS.index(25)] = 0.6 * syllables
        extra[:, AUS.index(26)] = rng.uniform(0.15, 0.4) * syllables
    unit = int(rng.choice((2, 4, 6, 10, 12, 14, 15, 17, 23)))
    if rng.random() < 0.5:
        begin = rng.uniform(0.05, 0.7)
        extra[:, AUS.index(unit)] += rng.uniform(0.2, 0.45) * _rise(time, begin, begin + 0.15)
    return extra


def _pose(rng: np.random.Generator, time: np.ndarray) -> np.ndarray:
    """Slow movement of the head: yaw, pitch, roll in degrees, dx, dy in half face widths, scale; (t, 6)."""
    at_rest = rng.normal(0, (2, 1.5, 1, 0.012, 0.012, 0.01))
    sway = rng.normal(0, (3, 2, 1.2, 0.012, 0.012, 0.006))
    phase = rng.uniform(0, 2 * np.pi, 6)
    moving = sway * np.sin(rng.uniform(1, 5, 6) * time[:, None] + phase)
    pose = np.clip(at_rest + moving, (-20, -14, -12, -0.2, -0.2, -0.15), (20, 14, 12, 0.2, 0.2, 0.15))
    result: np.ndarray = pose + np.array((0, 0, 0, 0, 0, 1.0))
    return result
