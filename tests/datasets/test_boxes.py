"""One square box for a whole clip."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from seqfer import posed
from seqfer.datasets._boxes import box_from_points, central_box, haar_box, square_inside

WIDTH, HEIGHT = 64, 49


def test_boxes_stay_in_the_picture() -> None:
    box = box_from_points(np.array([[50.0, 0.0], [63.0, 30.0]]), WIDTH, HEIGHT)
    assert box[2] == WIDTH
    assert box[1] == 0
    assert square_inside(32, 24, 200, WIDTH, HEIGHT) == (7.5, 0.0, 56.5, 49.0)


def test_haar_finds_nothing_on_a_blank_wall() -> None:
    assert haar_box(np.full((120, 160), 128, np.uint8)) is None


@pytest.mark.parametrize(
    ("centre", "side", "box"),
    [
        ((30, 20), 10, (25, 15, 35, 25)),
        ((2, 20), 10, (0, 15, 10, 25)),  # moved in from the left
        ((63, 48), 10, (54, 39, 64, 49)),  # and from the lower right
        ((30.123, 20.456), 10, (25.12, 15.46, 35.12, 25.46)),  # hundredths of a pixel
    ],
)
def test_a_square_is_moved_until_it_lies_inside(centre, side, box) -> None:
    assert square_inside(*centre, side, WIDTH, HEIGHT) == box


def test_the_box_around_points_by_hand() -> None:
    """The points are 20 px high: a side of 24, whose centre lies 0.06 sides above theirs."""
    points = np.array([[25.0, 20.0], [35.0, 40.0], [30.0, 30.0]])
    assert box_from_points(points, 200, 200) == pytest.approx((18.0, 16.56, 42.0, 40.56))


def test_the_central_square_is_four_fifths_of_the_shorter_side() -> None:
    assert central_box(100, 50) == (30.0, 5.0, 70.0, 45.0)


def test_haar_finds_a_drawn_face_as_a_square_around_it() -> None:
    picture = posed.render(posed.sample_person(1), {}, size_px=256, framing="shoulders")
    box = haar_box(picture)
    assert box is not None
    x1, y1, x2, y2 = box
    assert x2 - x1 == pytest.approx(y2 - y1, abs=0.02)
    # the framing shows 2.6 half face widths to either side: a face is about 98 px wide, centred, its nose below the middle
    assert (x1 + x2) / 2 == pytest.approx(128, abs=12)
    assert 60 < x2 - x1 < 160
    assert np.array_equal(haar_box(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)), box)


def test_of_several_faces_the_largest_counts() -> None:
    large = posed.render(posed.sample_person(1), {}, size_px=256, framing="shoulders")
    small = posed.render(posed.sample_person(3), {}, size_px=160, framing="shoulders")
    both = np.full((256, 420, 3), 140, np.uint8)
    both[:, :256], both[96:, 260:] = large, small
    box = haar_box(both)
    assert box is not None
    assert box[2] < 256
