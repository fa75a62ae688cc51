"""Assigns rows to columns at the least total cost (Kuhn 1955, Munkres 1957), for the few faces of a frame.

SciPy's `linear_sum_assignment` gives assignments of the same cost; importing it takes half a second, a frame's few faces less than a millisecond.
"""

from __future__ import annotations

import numpy as np


def assign(cost: np.ndarray) -> list[tuple[int, int]]:
    """(row, column) pairs for (row column) finite costs: every row has a column, or every column a row where there are fewer, and the sum is least.

    The pairs are in the order of their rows.

    Example:
        >>> assign(np.array([[4.0, 1.0, 3.0], [2.0, 0.0, 5.0]]))
        [(0, 1), (1, 0)]
    """
    if cost.shape[0] > cost.shape[1]:
        return sorted((row, column) for column, row in assign(cost.T))
    if len(cost) == 1:
        return [(0, int(cost[0].argmin()))]
    row_of = np.full(cost.shape[1], -1)
    row_price, column_price = np.zeros(cost.shape[0]), np.zeros(cost.shape[1])
    for row in range(len(cost)):
        _add_row(row, cost, row_of, row_price, column_price)
    return sorted((int(row), column) for column, row in enumerate(row_of) if row >= 0)


def _add_row(row: int, cost: np.ndarray, row_of: np.ndarray, row_price: np.ndarray, column_price: np.ndarray) -> None:
    """Assign one more row: along the path of least reduced cost to a free column, the rows on it move on by one column; prices stay feasible."""
    columns = cost.shape[1]
    distance, reached_from = np.full(columns, np.inf), np.full(columns, -1)
    visited = np.zeros(columns, dtype=bool)
    current, last_column, total = row, -1, 0.0
    while True:
        reduced = total + cost[current] - row_price[current] - column_price
        closer = ~visited & (reduced < distance)
        distance[closer], reached_from[closer] = reduced[closer], last_column
        last_column = int(np.where(visited, np.inf, distance).argmin())
        total = float(distance[last_column])
        visited[last_column] = True
        if row_of[last_column] < 0:
            break
        current = int(row_of[last_column])
    seen = visited & (distance <= total)
    row_price[row] += total
    assigned = seen & (row_of >= 0)
    row_price[row_of[assigned]] += total - distance[assigned]
    column_price[seen] -= total - distance[seen]
    while last_column >= 0:
        before = int(reached_from[last_column])
        row_of[last_column] = row if before < 0 else row_of[before]
        last_column = before
