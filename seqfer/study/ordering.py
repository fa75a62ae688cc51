"""The order in which a rater sees the videos: as given, random, or by a Latin square in which each video has each place equally often."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def ordered(videos: Sequence[T], order: str, place: int, seed: int) -> list[T]:
    """The videos in the order of the rater who is number `place` (from 0).

    `fixed`: as given. `random`: drawn for each rater from `seed`. `latin_square`: Williams' design, in which over as many raters as videos (twice as
    many for an odd number) each video has each place equally often, and follows each other one equally often.

    >>> ordered("abcd", "latin_square", 0, 0), ordered("abcd", "latin_square", 1, 0)
    (['a', 'b', 'd', 'c'], ['b', 'c', 'a', 'd'])
    """
    if order == "random":
        found = list(videos)
        random.Random(f"{seed}:{place}").shuffle(found)
        return found
    if order == "latin_square":
        return [videos[index] for index in _williams_row(len(videos), place)]
    return list(videos)


def _williams_row(count: int, place: int) -> list[int]:
    """Row `place` of Williams' square. Source: Williams, Australian Journal of Scientific Research 2, 1949: the first row is 0, 1, n-1, 2, n-2, ...;
    for an odd number of videos a second square has the rows reversed."""
    first = [(step + 1) // 2 if step % 2 else (count - step // 2) % count for step in range(count)]
    row = [(index + place) % count for index in first]
    return row[::-1] if count % 2 and (place // count) % 2 else row
