"""Searches around known faces."""

from __future__ import annotations

import numpy as np
import pytest

from seqfer.core.records import Detection
from seqfer.tracks.tiles import Box, moved, search_tiles


class Drawn:
    """A picture whose faces are white squares; finds those that a part of it shows, cut ones too, and notes the parts' sizes."""

    def __init__(self, *boxes: Box) -> None:
        self.picture = np.zeros((720, 1280, 3), np.uint8)
        self.sizes: list[tuple[int, int]] = []
        for number, (x0, y0, x1, y1) in enumerate(boxes):
            self.picture[int(y0) : int(y1), int(x0) : int(x1)] = number + 1

    def detect(self, part: np.ndarray) -> list[Detection]:
        assert part.flags.c_contiguous
        self.sizes.append(part.shape[1::-1])
        found = []
        for number in set(part.ravel()) - {0}:
            rows, columns = np.nonzero(part[..., 0] == number)
            box = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
            found.append(Detection(tuple(map(float, box)), 0.9))
        return found


def test_a_face_is_found_where_it_was_and_beside_it() -> None:
    face = (600.0, 300.0, 630.0, 330.0)
    drawn = Drawn(face)
    for known in (face, (560.0, 300.0, 590.0, 330.0), (600.0, 335.0, 630.0, 365.0)):
        (found,) = search_tiles(drawn.picture, [(known, 1.0)], drawn.detect)
        assert found.box_xyxy_px == face
    assert set(drawn.sizes) == {(128, 128)}


def test_a_larger_factor_finds_what_has_moved_farther() -> None:
    drawn, known = Drawn((720.0, 300.0, 750.0, 330.0)), (600.0, 300.0, 630.0, 330.0)
    assert search_tiles(drawn.picture, [(known, 1.0)], drawn.detect) == []
    assert len(search_tiles(drawn.picture, [(known, 3.0)], drawn.detect)) == 1


def test_tiles_stay_inside_the_picture_and_a_face_at_its_edge_is_kept() -> None:
    face = (0.0, 690.0, 30.0, 720.0)
    drawn = Drawn(face)
    (found,) = search_tiles(drawn.picture, [(face, 1.0)], drawn.detect)
    assert found.box_xyxy_px == face
    assert drawn.sizes == [(128, 128)]
    assert search_tiles(drawn.picture[:50, :60], [((10.0, 5.0, 40.0, 35.0), 1.0)], drawn.detect) == []
    assert drawn.sizes[1:] == [(60, 50)]


def test_a_face_that_a_tile_cuts_is_left_out() -> None:
    drawn = Drawn((600.0, 300.0, 630.0, 330.0), (670.0, 300.0, 700.0, 330.0))
    (found,) = search_tiles(drawn.picture, [((600.0, 300.0, 630.0, 330.0), 1.0)], drawn.detect)
    assert found.box_xyxy_px == (600.0, 300.0, 630.0, 330.0)


def test_tiles_that_cover_each_other_are_searched_once() -> None:
    drawn = Drawn((600.0, 300.0, 630.0, 330.0), (640.0, 300.0, 670.0, 330.0))
    boxes = [((600.0, 300.0, 630.0, 330.0), 1.0), ((640.0, 300.0, 670.0, 330.0), 1.0), ((90.0, 90.0, 99.0, 99.0), 1.0)]
    assert len(search_tiles(drawn.picture, boxes, drawn.detect)) == 2
    assert len(drawn.sizes) == 2
    assert search_tiles(drawn.picture, [], drawn.detect) == []


def test_moved_faces_keep_their_landmarks() -> None:
    face = Detection((10.0, 20.0, 30.0, 40.0), 0.5, ((12.0, 24.0),) * 5)
    made = moved(face, 3.0, 4.0, 2.0)
    assert made.box_xyxy_px == pytest.approx((23, 44, 63, 84))
    assert made.landmarks_xy_px == ((27.0, 52.0),) * 5
    assert made.score == 0.5
