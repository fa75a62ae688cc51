"""Numbers as they are written."""

from __future__ import annotations

import math

import pytest
from annotation_rows import CLASSES, shares

from seqfer.film.output.rounding import rounded_probabilities, rounded_time, second_of, text, top_index


@pytest.mark.parametrize(
    ("time_s", "second"),
    [
        (0.0, 0),
        (0.9999999, 1),
        (0.99999, 0),
        (2.9999999, 3),
        (3.0, 3),
        (3.0000001, 3),
        (-0.04, -1),
        (1001.0 - 1e-10, 1001),
    ],
)
def test_a_second_begins_at_its_whole_number(time_s, second):
    assert second_of(time_s) == second


def test_numbers_as_text():
    assert [text(math.nan), text(-1e-9), text(0.5), text(-0.25, 1)] == ["", "0.000000", "0.500000", "-0.2"]
    assert top_index(shares("sadness")) == CLASSES.index("sadness")


def test_times_are_whole_microseconds_without_a_negative_zero():
    assert [rounded_time(t) for t in (2.9999999, 1 / 3, -1e-9)] == [3.0, 0.333333, 0.0]
    assert math.copysign(1, rounded_time(-1e-9)) == 1


def test_probabilities_are_written_with_six_digits_and_the_first_of_equal_ones_is_on_top():
    assert rounded_probabilities((1 / 3, 0.1234567)) == (0.333333, 0.123457)
    assert top_index((0.2, 0.4, 0.4 + 4e-7)) == 1
    assert top_index((0.2, 0.4, 0.4 + 6e-7)) == 2
