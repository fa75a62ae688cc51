"""Beards, hair and glasses: where they are drawn, and that nothing is where a person has none."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from seqfer import posed
from seqfer.posed.features import Plane
from seqfer.posed.people import BEARDS, HAIR_STYLES
from seqfer.posed.wear import beard, glasses, hair

PERSON = dataclasses.replace(posed.sample_person(3), hair_rgb=(0.0, 0.0, 0.0), skin_rgb=(0.8, 0.6, 0.5))
SIZE = 160


def plane() -> Plane:
    """A plain light plane of two half face widths around the face's middle, without grain."""
    places = ((np.arange(SIZE) + 0.5) / SIZE * 2 - 1) * 2
    u, v = np.meshgrid(places, places + 0.3)
    return Plane(u, v, v, np.zeros((SIZE, SIZE, 4)), np.full((SIZE, SIZE, 3), 0.8), 4 / SIZE, (0.0, 0.0, 1.0))


def bearded(kind: str) -> tuple[Plane, np.ndarray]:
    """The plane, and how much darker each of its pixels became."""
    one = plane()
    colour = np.full((SIZE, SIZE, 3), 0.6)
    beard(one, dataclasses.replace(PERSON, beard=kind), colour)
    return one, 0.6 - colour.min(axis=2)


def hairy(kind: str) -> tuple[Plane, np.ndarray]:
    one, alpha = plane(), np.zeros((SIZE, SIZE))
    hair(one, dataclasses.replace(PERSON, hair=kind), (one.u, one.v), posed.Light(), alpha)
    return one, alpha


def test_beards_grow_below_the_nose_and_a_moustache_above_the_lip_only() -> None:
    assert not bearded("none")[1].any()
    for kind in BEARDS[1:]:
        one, darker = bearded(kind)
        assert darker.max() > 0.1
        assert not darker[one.v < 0.3].any()
    one, darker = bearded("moustache")
    assert darker[(np.abs(one.u) < 0.1) & (np.abs(one.v - PERSON.mouth_height + 0.15) < 0.03)].min() > 0.2
    assert not darker[one.v > PERSON.mouth_height + 0.1].any()
    chin = (np.abs(plane().u) < 0.1) & (np.abs(plane().v - PERSON.mouth_height - 0.45) < 0.05)
    assert bearded("full")[1][chin].min() > bearded("stubble")[1][chin].max() > 0.1


def test_hair_lies_above_the_hairline_and_the_bald_have_none() -> None:
    one, alpha = hairy("bald")
    assert not alpha.any()
    assert (one.rgb == 0.8).all()
    for kind in HAIR_STYLES[1:]:
        one, alpha = hairy(kind)
        crown = (np.abs(one.u) < 0.2) & (np.abs(one.v + PERSON.skull - 0.1) < 0.05)
        assert alpha[crown].min() > 0.9
        assert not alpha[(np.abs(one.u) < 0.4) & (one.v > -0.3)].any()  # the face stays free
    assert (
        alpha[(np.abs(np.abs(one.u) - 1.02) < 0.05) & (np.abs(one.v - 0.8) < 0.1)].max() > 0.5
    )  # the last style is long


@pytest.mark.parametrize("kind", ["round", "square"])
def test_glasses_are_two_rims_a_bridge_and_arms(kind: str) -> None:
    one = plane()
    glasses(one, dataclasses.replace(PERSON, glasses=kind, seed=4))  # every third seed has brown frames
    darker = 0.8 - one.rgb.max(axis=2)
    assert darker == pytest.approx(darker[:, ::-1], abs=0.25)
    bridge = (np.abs(one.u) < 0.02) & (np.abs(one.v) < 0.03)
    assert darker[bridge].max() > 0.5
    lens = np.hypot(np.abs(one.u) - PERSON.eye_distance, one.v - 0.045) < 0.1
    assert darker[lens].max() < 0.1  # one sees through them
    half_u = 0.27 if kind == "round" else 0.3
    rim = (np.abs(np.abs(one.u) - PERSON.eye_distance - half_u) < 0.02) & (np.abs(one.v - 0.045) < 0.03)
    assert darker[rim].max() > 0.5
    assert not darker[one.v > 0.5].any()
