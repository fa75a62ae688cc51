"""The least assignment, compared with SciPy's."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from seqfer.tracks import assignment
from seqfer.tracks.assignment import assign


@pytest.mark.parametrize("whole", [False, True])
def test_costs_are_those_of_scipy(whole: bool) -> None:
    rng = np.random.default_rng(0)
    for _ in range(400):
        rows, columns = rng.integers(1, 9, 2)
        cost = rng.integers(-3, 4, (rows, columns)).astype(float) if whole else rng.normal(size=(rows, columns))
        pairs = assign(cost)
        assert len(pairs) == min(rows, columns)
        assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)
        assert pairs == sorted(pairs)
        least = cost[linear_sum_assignment(cost)].sum()
        assert sum(cost[row, column] for row, column in pairs) == pytest.approx(least, abs=1e-9)


def test_nothing_to_assign() -> None:
    assert assign(np.zeros((0, 3))) == []
    assert assign(np.zeros((3, 0))) == []


def test_the_example_runs() -> None:
    assert doctest.testmod(assignment).failed == 0
