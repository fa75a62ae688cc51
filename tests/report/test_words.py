"""Numbers in words, and the small pieces of the pictures."""

from __future__ import annotations

import math

import pytest

from seqfer.report import words


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.31, "p = 0.31"),
        (0.0312, "p = 0.031"),
        (0.0499, "p = 0.0499"),
        (0.0502, "p = 0.0502"),
        (0.00099, "p < 0.001"),
        (0.0, "p < 0.001"),
        (None, "p undefined"),
    ],
)
def test_p_value(p, text):
    assert words.p_value(p).replace(words.SPACE, " ") == text


@pytest.mark.parametrize("p", [0.04999, 0.049999, 0.0500001, 0.0500499])
def test_p_value_never_contradicts_the_verdict(p):
    printed = float(words.p_value(p).split(words.SPACE)[-1])
    assert (printed < 0.05) == (words.verdict(p).startswith("significant"))


@pytest.mark.parametrize(
    ("seconds", "text"), [(4.25, "4.2 s"), (59.4, "59 s"), (125, "2 min 5 s"), (3590, "1 h 0 min"), (3725, "1 h 2 min")]
)
def test_duration(seconds, text):
    assert words.duration(seconds).replace(words.SPACE, " ") == text


def test_undefined_everywhere():
    for shape in (words.percent, words.decimal, words.points, words.freedom, words.duration, words.verdict):
        for value in (None, math.nan, math.inf):
            assert shape(value) == "undefined"


def test_flat_settings():
    assert words.flat({"a": {"b": 1, "c": [1, 2]}, "d": None, "e": True}) == [
        ("a.b", "1"),
        ("a.c", "1, 2"),
        ("d", "none"),
        ("e", "yes"),
    ]


def test_moment():
    assert words.moment("2025-01-31T12:00:05+00:00") == "2025-01-31 12:00 UTC"
    assert words.moment("yesterday") == "yesterday"


def test_a_count_has_its_noun() -> None:
    assert [words.counted(number, "frame") for number in (0, 1, 1500)] == ["0 frames", "1 frame", "1,500 frames"]
