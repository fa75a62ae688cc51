"""Invented people: the same seed gives the same person, and people differ."""

from __future__ import annotations

import numpy as np
import pytest

from seqfer import posed

GOLDEN = (
    (4, "bald", "moustache", "no", "lopsided"),
    (1.65809133774938, 0.5827913516913916, 1.021274081355518, 1.7328659270073972, 0.8343428537443023),
)


def test_people_differ_in_every_way_the_card_names() -> None:
    people = [posed.sample_person(seed) for seed in range(60)]
    for name, values in (
        ("tone", {1, 2, 3, 4, 5, 6}),
        ("glasses", {"no", "round", "square"}),
        ("style", {"open", "reserved", "lopsided"}),
    ):
        assert {getattr(person, name) for person in people} == values, name
    assert {person.beard for person in people} == {"none", "stubble", "moustache", "full"}
    assert {person.hair for person in people} == {"bald", "short", "parted", "fringe", "long"}


def test_a_person_is_the_same_everywhere_and_always() -> None:
    """The corpus `posed` is drawn anew on every machine: other values would be another corpus."""
    one = posed.sample_person(3)
    assert (one.tone, one.hair, one.beard, one.glasses, one.style) == GOLDEN[0]
    assert (one.chin, one.age, one.speed, *one.au_gain[-1]) == pytest.approx(GOLDEN[1], abs=1e-12)
    assert posed.sample_person(3) == one


def test_lopsided_people_show_more_on_one_side_and_the_others_on_both() -> None:
    for person in map(posed.sample_person, range(80)):
        left, right = (np.mean([pair[side] for pair in person.au_gain]) for side in (0, 1))
        lean = abs(right - left) / (right + left)
        assert (lean == pytest.approx(0.35)) == (person.style == "lopsided")
        assert lean == pytest.approx(0.35) or lean < 0.25


def test_colours_and_lengths_stay_in_their_ranges() -> None:
    for person in map(posed.sample_person, range(200)):
        for rgb in (person.skin_rgb, person.hair_rgb, person.iris_rgb, person.cloth_rgb):
            assert all(0.03 <= value <= 0.97 for value in rgb)
        assert 1.64 - 1.4 * 0.08 <= person.chin <= 1.64 + 1.4 * 0.08
        assert 0 <= person.age <= 1
        assert person.beard == "none" or person.hair != "long"


def test_skin_is_darker_from_tone_to_tone() -> None:
    people = [posed.sample_person(seed) for seed in range(200)]
    means = [np.mean([np.mean(p.skin_rgb) for p in people if p.tone == tone]) for tone in range(1, 7)]
    assert means == sorted(means, reverse=True)


@pytest.mark.parametrize(
    ("azimuth", "elevation", "direction"),
    [
        (0, 0, (0, 0, 1)),
        (90, 0, (1, 0, 0)),
        (0, 90, (0, -1, 0)),
        (-90, 0, (-1, 0, 0)),
        (0, 45, (0, -(0.5**0.5), 0.5**0.5)),
    ],
)
def test_the_direction_of_a_light(azimuth: float, elevation: float, direction: tuple[float, ...]) -> None:
    assert posed.Light(azimuth, elevation).direction() == pytest.approx(direction, abs=1e-12)


def test_a_rooms_light_comes_from_the_front_and_above() -> None:
    rng = np.random.default_rng(0)
    lights = [posed.sample_light(rng) for _ in range(100)]
    assert all(abs(light.azimuth) <= 45 and 10 <= light.elevation <= 45 for light in lights)
    assert len({light.key for light in lights}) == 100
    assert posed.sample_light(np.random.default_rng(7)) == posed.sample_light(np.random.default_rng(7))
