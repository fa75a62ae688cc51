"""Ratings of any range in [-1, 1]."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from seqfer.core.errors import InputError
from seqfer.traces.scaling import check_range, scaled

LINES = np.array([2, 3, 5])


def scale(values: list[float], low: float, high: float, *, stated: bool = False, what: str = "") -> list[float]:
    return scaled(Path("a.csv"), LINES, np.array(values), (low, high), stated=stated, what=what).tolist()


def test_the_ends_and_the_middle_of_a_range() -> None:
    assert scale([1, 5, 9], 1, 9) == [-1, 0, 1]
    assert scale([-100, 25, 100], -100, 100) == [-1, 0.25, 1]
    assert scale([0, 250, 1000], 0, 1000) == [-1, -0.5, 1]
    found = scale([0.1, math.nan, -0.3], -1, 1)
    assert found[::2] == [0.1, -0.3]  # exactly, where nothing is scaled
    assert math.isnan(found[1])


def test_what_rounding_puts_outside_is_clipped_and_more_is_refused() -> None:
    assert scale([100.019, -100.019, 0], -100, 100) == [1, -1, 0]
    assert scale([1.0001, 0, 0], -1, 1) == [1, 0, 0]
    for stated, what, words in (
        (True, "", r"a\.csv:3: 100\.03 is outside -100 to 100; check the export"),
        (False, "joy", r"a\.csv:3: 100\.03 of 'joy' is outside -100 to 100; give the range of the values"),
    ):
        with pytest.raises(InputError, match=words):
            scale([0, 100.03, 0], -100, 100, stated=stated, what=what)


@pytest.mark.parametrize(("low", "high"), [(1, 1), (9, 1), (math.nan, 1), (0, math.inf)])
def test_what_is_no_range(low: float, high: float) -> None:
    with pytest.raises(InputError, match=f"--range: values from {low:g} to {high:g} are not a range"):
        check_range("--range", low, high)
    with pytest.raises(InputError, match=r"a\.csv: values from"):
        scale([0, 0, 0], low, high)
