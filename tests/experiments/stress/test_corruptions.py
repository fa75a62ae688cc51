"""The changes of `seqfer stress`: level 0 is the picture, more is more, the same seed gives the same bytes, strengths are what they say."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from seqfer.core.errors import InputError, SettingsError
from seqfer.experiments.stress.corruptions import CORRUPTIONS, KINDS, LEVELS, NAMES, choose

CHANGE = {corruption.name: corruption for corruption in CORRUPTIONS}
# What is random from picture to picture; all else is one function of the picture.
DRAWN = {
    "side_light",
    "shift",
    "blur_motion",
    "noise_gaussian",
    "noise_salt_pepper",
    "glasses",
    "hand_mouth",
    "hand_eyes",
}
DRAWN |= {"rectangle"}


@pytest.fixture(scope="module")
def pictures():
    """Five smooth grey pictures (5, 48, 48) with an eye-like dark spot off the middle."""
    y, x = np.mgrid[0:48, 0:48]
    one = 90 + 1.2 * x + 0.8 * y - 70 * np.exp(-((x - 14) ** 2 + (y - 18) ** 2) / 20)
    return np.clip(np.stack([one + 4 * k for k in range(5)]), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("name", NAMES)
def test_shape_type_purity_and_repetition(name, pictures):
    change = CHANGE[name]
    for batch in (pictures, np.stack([pictures[:2, :, :40]] * 3, axis=3)):
        before = batch.copy()
        assert np.array_equal(change(batch, 0, 3), batch)
        last = change(batch, change.levels[-1], 3)
        assert last.shape == batch.shape
        assert last.dtype == np.uint8
        assert not np.array_equal(last, batch)
        assert np.array_equal(batch, before)
        assert np.array_equal(change(batch, change.levels[-1], 3), last)
        assert not np.shares_memory(change(batch, 0), batch)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "mirror"])
def test_more_is_more(name, pictures):
    assert len(CHANGE[name].strengths) == LEVELS
    far = [np.abs(CHANGE[name](pictures, k, 1).astype(int) - pictures).mean() for k in range(LEVELS + 1)]
    assert all(a < b for a, b in pairwise(far)), far


@pytest.mark.parametrize("name", NAMES)
def test_seed_and_number_decide_what_is_drawn_and_nothing_else_does(name, pictures):
    change, one = CHANGE[name], np.stack([pictures[0]] * 4)
    level = change.levels[-1] // 2 + 1
    made = change(one, level, seed=0, numbers=[7, 8, 7, 9])
    assert np.array_equal(made[0], made[2])
    assert np.array_equal(made[3], change(one[:1], level, seed=0, numbers=[9])[0])
    other = [made[1], made[3], *change(one, level, seed=1)]
    assert any(not np.array_equal(made[0], picture) for picture in other) == (name in DRAWN)


def test_the_accident_is_the_same_at_every_level(pictures):
    dead = [CHANGE["noise_salt_pepper"](pictures[:1], k) for k in (2, 4)]
    hit = [np.isin(picture, (0, 255)) for picture in dead]
    assert (hit[1] & hit[0]).sum() == hit[0].sum() > 0
    covered = [CHANGE["rectangle"](pictures[:1], k)[0] for k in (1, 5)]
    greys = [set(np.unique(c[c != pictures[0]])) for c in covered]
    assert len(greys[0]) == 1
    assert greys[0] == greys[1]


def test_strengths_are_what_they_say(pictures):
    flat = np.full((1, 48, 48), 100, np.uint8)
    assert (CHANGE["gain_up"](flat, 2) == 150).all()
    assert (CHANGE["gain_down"](flat, 2) == 50).all()
    assert (CHANGE["gamma_up"](flat, 4) == round(255 * (100 / 255) ** 3)).all()
    noisy = np.stack([CHANGE["noise_gaussian"](flat, 3, seed) for seed in range(5)]).astype(float)
    assert noisy.std() == pytest.approx(20, rel=0.03)
    assert noisy.mean() == pytest.approx(100, abs=1)
    large = CHANGE["noise_gaussian"](np.full((1, 96, 96), 100, np.uint8), 3)[0]
    assert np.array_equal(large[::2, ::2], large[1::2, 1::2])  # grains, whatever the size
    dead = CHANGE["noise_salt_pepper"](flat, 5)[0]
    assert np.mean(dead != 100) == pytest.approx(0.2, abs=0.03)
    lit = CHANGE["side_light"](flat, 2).astype(float)
    assert lit.max() == pytest.approx(140, abs=1)
    assert lit.min() == pytest.approx(60, abs=1)
    assert lit.mean() == pytest.approx(100, abs=1)
    spread = [CHANGE["contrast_down"](pictures, k).std((1, 2)) / pictures.std((1, 2)) for k in (1, 3)]
    assert spread[0] == pytest.approx([0.7] * 5, abs=0.01)
    assert spread[1] == pytest.approx([0.3] * 5, abs=0.02)
    rest = CHANGE["rectangle"](flat, 3, 1)
    assert np.mean(rest != 100) == pytest.approx(0.2, abs=0.01)


def test_bad_input(pictures):
    change = CHANGE["rotation_left"]
    with pytest.raises(SettingsError, match=r"rotation_left has no level 6; allowed: 0 to 5"):
        change(pictures, 6)
    with pytest.raises(SettingsError, match=r"mirror has no level 2; allowed: 0 to 1"):
        CHANGE["mirror"](pictures, 2)
    with pytest.raises(SettingsError, match=r"seed = -1; allowed: 0 or more"):
        change(pictures, 1, -1)
    for wrong in (pictures / 255, pictures[0], np.zeros((1, 4, 4, 4), np.uint8)):
        with pytest.raises(InputError, match=r"allowed: uint8 \(n, h, w\) or \(n, h, w, 3\)"):
            change(wrong, 1)


def test_choice_by_name_first_word_and_kind():
    assert choose(()) == CORRUPTIONS
    assert [c.name for c in choose(["blur", "rotation"])] == [
        "rotation_left",
        "rotation_right",
        "blur_gaussian",
        "blur_motion",
    ]
    assert {c.kind for c in choose(["light"])} == {"light"}
    assert [c.name for c in choose([" hand_eyes ", "hand"])] == ["hand_mouth", "hand_eyes"]
    with pytest.raises(
        SettingsError, match=r"unknown corruption 'fog'; allowed: gain_down, .*, or a kind: light, geometry"
    ) as error:
        choose(["mirror", "fog"])
    assert all(name in str(error.value) for name in (*NAMES, *KINDS))


def test_strengths_in_words():
    assert [CHANGE["rotation_left"].strength(k) for k in (0, 1, 5)] == ["as it is", "9°", "45°"]
    assert CHANGE["side_light"].strength(5) == "±95 %"
    assert CHANGE["resolution"].strength(5) == "12 px"
    assert all(len(c.strength(k)) <= 7 for c in CORRUPTIONS for k in c.levels)  # fits under a picture
