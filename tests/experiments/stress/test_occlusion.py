"""Glasses, hands and rectangles cover what they are meant to cover."""

from __future__ import annotations

import numpy as np
import pytest

from seqfer.experiments.stress import occlusion
from seqfer.experiments.stress.corruptions import CORRUPTIONS

CHANGE = {corruption.name: corruption for corruption in CORRUPTIONS}


def test_occluders_cover_what_they_are_meant_to():
    face = np.full((1, 48, 48), 180, np.uint8)
    eyes = [(round(48 * occlusion.EYES_Y), round(48 * (0.5 + s * occlusion.EYE_X))) for s in (-1, 1)]
    mouth = (round(48 * occlusion.MOUTH_Y), 24)
    dark, clear = CHANGE["glasses"](face, 5)[0], CHANGE["glasses"](face, 1)[0]
    assert all(dark[eye] < 30 and clear[eye] > 170 for eye in eyes)
    assert clear.min() < 60  # rims
    assert dark[mouth] == 180
    over_mouth, over_eyes = CHANGE["hand_mouth"](face, 5)[0], CHANGE["hand_eyes"](face, 5)[0]
    assert over_mouth[mouth] != 180
    assert all(over_mouth[eye] == 180 for eye in eyes)
    assert over_eyes[mouth] == 180
    assert all(over_eyes[eye] != 180 for eye in eyes)


FACE = np.full((96, 96), 180, np.uint8)


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5])
def test_a_rectangle_covers_its_share_in_one_grey(share):
    for seed in range(6):
        changed = occlusion.rectangle(FACE, share, rng(seed)) != FACE
        rows, columns = np.flatnonzero(changed.any(1)), np.flatnonzero(changed.any(0))
        if not rows.size:  # the drawn grey is that of the face
            continue
        assert changed[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()
        assert changed.mean() == pytest.approx(share, abs=0.02)
        assert 0.45 <= len(columns) / len(rows) <= 2.2


def test_lenses_take_their_share_of_the_light():
    eye = (round(96 * occlusion.EYES_Y), round(96 * (0.5 - occlusion.EYE_X)))
    for tint in (0.0, 0.5, 1.0):
        assert occlusion.glasses(FACE, tint, rng())[eye] == pytest.approx(180 * (1 - tint), abs=1)


def test_a_hand_comes_from_either_side_in_the_colour_of_the_skin_and_reaches_as_far_as_it_says():
    skin = np.full((96, 96, 3), (200, 150, 120), np.uint8)
    sides = set()
    for seed in range(8):
        made = occlusion.hand_over_mouth(skin, 0.5, rng(seed))
        covered = np.flatnonzero((made != skin).any(axis=(0, 2)))
        left = covered[0] == 0
        sides.add(bool(left))
        assert (covered[-1] if left else 95 - covered[0]) == pytest.approx(0.5 * 96, abs=5)
        hand = made[(made != skin).any(axis=2)].astype(float)
        shares = hand / hand.sum(1, keepdims=True)
        assert np.abs(shares - np.array((200, 150, 120)) / 470).max() < 0.02  # darker, of the same colour
    assert sides == {True, False}


def test_occluders_are_the_same_on_grey_and_on_colour():
    grey = occlusion.glasses(FACE, 0.7, rng(3))
    colour = occlusion.glasses(np.stack([FACE] * 3, axis=2), 0.7, rng(3))
    assert np.array_equal(colour, np.stack([grey] * 3, axis=2))
