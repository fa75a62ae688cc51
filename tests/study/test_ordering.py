"""Orders of videos: fixed, random from a seed, balanced."""

from collections import Counter
from itertools import pairwise

import pytest

from seqfer.study.ordering import ordered


def test_fixed_and_random_orders():
    videos = list(range(12))
    assert ordered(videos, "fixed", 3, 0) == videos
    one = ordered(videos, "random", 3, 0)
    assert sorted(one) == videos
    assert one == ordered(videos, "random", 3, 0)
    assert one != ordered(videos, "random", 4, 0)
    assert one != ordered(videos, "random", 3, 1)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6, 7, 10])
def test_a_latin_square_balances_places_and_neighbours(count):
    raters = count if count % 2 == 0 else 2 * count
    orders = [ordered(range(count), "latin_square", place, 0) for place in range(raters)]
    places = Counter((at, video) for order in orders for at, video in enumerate(order))
    assert set(places.values()) == {raters // count}
    assert len(places) == count * count
    neighbours = Counter(pair for order in orders for pair in pairwise(order))
    assert len(neighbours) == count * (count - 1)
    assert len(set(neighbours.values())) <= 1  # each video follows each other one equally often
