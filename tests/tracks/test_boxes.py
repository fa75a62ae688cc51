"""Boxes: intersection over union, and two on one face."""

from __future__ import annotations

import pytest

from seqfer.tracks.boxes import overlap, same_place


def test_overlap_is_intersection_over_union() -> None:
    assert overlap((0, 0, 2, 2), (1, 0, 3, 2)) == pytest.approx(1 / 3)
    assert overlap((0, 0, 2, 2), (2, 0, 4, 2)) == 0
    assert overlap((0, 0, 2, 2), (0, 0, 2, 2)) == 1
    assert overlap((0, 0, 4, 4), (1, 1, 3, 3)) == pytest.approx(4 / 16)
    assert overlap((0, 0, 1, 1), (5, 5, 6, 6)) == 0


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ((0, 0, 10, 10), True),
        ((0, 3, 10, 13), True),  # 70 of 130: more than half
        ((0, 4, 10, 14), False),  # 60 of 140
        ((2, 2, 5, 5), True),  # inside
        ((8, 0, 13, 10), False),  # two fifths of it inside
        ((-30, -30, 40, 40), True),  # around
        ((20, 20, 30, 30), False),
    ],
)
def test_two_boxes_on_one_face(other: tuple[float, ...], same: bool) -> None:
    assert same_place((0, 0, 10, 10), other) is same
    assert same_place(other, (0, 0, 10, 10)) is same
