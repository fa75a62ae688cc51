"""Colours of emotions for figures are those of the pages' light theme."""

from __future__ import annotations

from seqfer.report.colours import colour_of, colours
from seqfer.report.timeline import ORDER


def test_every_emotion_has_the_colour_of_the_light_theme() -> None:
    assert colour_of("fear") == "#4c3aa8"
    assert colour_of("happiness") == "#f2b92c"
    assert len({colour_of(name) for name in ORDER}) == len(ORDER)


def test_other_classes_have_a_colour_of_their_own() -> None:
    assert colour_of("boredom") == colours()["axis"] == "#a9a8a2"
