"""The size of the pictures that are searched, and the tiles in larger ones."""

from __future__ import annotations

import numpy as np
import pytest

from seqfer.core.records import Detection
from seqfer.tracks.search_size import MISSES, SearchSize

OWN, MIDDLE, LARGE = (320, 180), (640, 360), (1280, 720)


class Frame:
    """A frame of `longest_px` with one square face of `face_px`, which is found where it has 13 pixels and more."""

    def __init__(
        self, longest_px: int, face_px: float, score: float = 0.9, at_px: tuple[float, float] = (0.5, 0.5)
    ) -> None:
        self.longest_px, self.face_px, self.score = longest_px, face_px, score
        self.left, self.top = at_px[0] * longest_px, at_px[1] * longest_px * 9 / 16
        self.searched: list[tuple[int, int]] = []
        self.scale, self.found = 1.0, False

    def small(self, longest_px: int) -> tuple[np.ndarray, float]:
        """Every pixel holds its own place, so that a part of the picture shows where it was."""
        scale = max(1.0, self.longest_px / longest_px)
        width, height = round(self.longest_px / scale), round(self.longest_px * 9 / 16 / scale)
        rows, columns = np.mgrid[:height, :width]
        self.scale = scale
        picture = np.zeros((height, width, 3), np.uint8)
        picture[..., 0], picture[..., 1], picture[..., 2] = (
            columns % 256,
            rows % 256,
            columns // 256 + 16 * (rows // 256),
        )
        return picture, scale

    def detect(self, picture: np.ndarray) -> list[Detection]:
        self.searched.append(picture.shape[1::-1])
        x, y, high = (int(value) for value in picture[0, 0])
        x0, y0 = x + 256 * (high % 16), y + 256 * (high // 16)
        side = self.face_px / self.scale
        left, top = self.left / self.scale - x0, self.top / self.scale - y0
        inside = -side / 2 <= left < picture.shape[1] and -side / 2 <= top < picture.shape[0]
        return [Detection((left, top, left + side, top + side), self.score)] if side >= 13 and inside else []


def searched(size: SearchSize, frame: Frame) -> list[tuple[int, int]]:
    frame.searched = []
    picture, found, scale = size.search(frame, frame.detect)
    assert picture.shape[1] * scale == pytest.approx(frame.longest_px, abs=2)
    assert all(face.box_xyxy_px[2] - face.box_xyxy_px[0] == pytest.approx(frame.face_px / scale) for face in found)
    assert all(face.box_xyxy_px[0] * scale == pytest.approx(frame.left) for face in found)
    frame.found = bool(found)
    return frame.searched


def many(size: SearchSize, frame: Frame, count: int) -> list[tuple[int, int]]:
    return [one for _ in range(count) for one in searched(size, frame)]


def areas(sizes: list[tuple[int, int]]) -> float:
    """Of pictures, in pictures of 320 pixels."""
    return sum(width * height for width, height in sizes) / (320 * 180)


@pytest.mark.parametrize(("longest_px", "face_px"), [(1920, 25), (1920, 60), (3840, 60), (3840, 140)])
def test_small_faces_are_found_at_once_and_then_in_tiles(longest_px: int, face_px: float) -> None:
    size, frame = SearchSize(320, 1280, 0.7), Frame(longest_px, face_px)
    assert searched(size, frame) == [OWN, LARGE]
    assert frame.found
    spent = []
    for number in range(64):
        frame.left += 10 * (-1) ** (number // 8)
        spent += searched(size, frame)
        assert frame.found
    assert areas(spent) / 64 < 6  # 17 without tiles
    assert spent.count(OWN) == 64
    assert 4 <= spent.count(LARGE) <= 8


def test_a_tile_is_searched_at_the_smallest_size_that_shows_its_face() -> None:
    for face_px, scale in ((70.0, 3.0), (30.0, 1.5)):
        size, frame = SearchSize(320, 1280, 0.7), Frame(1920, face_px)
        searched(size, frame)
        own, (width, height) = searched(size, frame)
        assert own == OWN
        assert width == height < 300 / scale
        assert frame.scale == scale


def test_a_face_that_has_jumped_is_searched_in_a_larger_tile() -> None:
    size, frame = SearchSize(320, 1280, 0.7), Frame(1920, 30)
    searched(size, frame)
    frame.left += 90
    first = searched(size, frame)
    assert not frame.found
    second = searched(size, frame)
    assert frame.found
    assert first[-1] < second[-1] < (200, 200)


def test_a_face_that_has_gone_is_forgotten() -> None:
    size = SearchSize(320, 1280, 0.7)
    searched(size, Frame(1920, 30))
    gone = Frame(1920, 1)
    tiles = [len([one for one in searched(size, gone) if one not in (OWN, MIDDLE, LARGE)]) for _ in range(MISSES + 8)]
    assert sum(tiles[:MISSES]) >= MISSES / 2  # none where the whole picture is searched
    assert sum(tiles[MISSES + 1 :]) == 0


def test_large_faces_settle_the_detectors_own_size_up_to_the_next_shot() -> None:
    size = SearchSize(320, 1280, 0.7)
    assert searched(size, Frame(1920, 300)) == [OWN]
    assert searched(size, Frame(1920, 60)) == [OWN]
    size.begin_shot()
    assert searched(size, Frame(1920, 60)) == [OWN, LARGE]


def test_a_large_face_beside_a_known_small_one_settles_nothing() -> None:
    size, frame = SearchSize(320, 1280, 0.7), Frame(1920, 30)
    searched(size, frame)
    searched(size, Frame(1920, 300))
    assert searched(size, frame)[-1] == (96, 96)
    assert frame.found


def test_a_false_detection_settles_nothing() -> None:
    size = SearchSize(320, 1280, 0.7)
    frame = Frame(1920, 300, score=0.62)
    assert searched(size, frame) == [OWN, LARGE]
    assert searched(size, frame) == [OWN]
    assert LARGE in many(size, Frame(1920, 60), 16)


def test_pictures_that_are_not_large_are_searched_at_sizes_that_show_more() -> None:
    assert searched(SearchSize(320, 1280, 0.7), Frame(640, 20)) == [OWN]
    assert searched(SearchSize(320, 1280, 0.7), Frame(1280, 30)) == [OWN, MIDDLE]
    assert searched(SearchSize(640, 0, 0.7), Frame(3840, 20)) == [MIDDLE]


def test_empty_pictures_take_three_times_as_long_at_most() -> None:
    size, frame = SearchSize(320, 1280, 0.7), Frame(1920, 1)
    searched(size, frame)
    spent = many(size, frame, 160)
    assert areas(spent) / 160 <= 3
    assert spent.count(LARGE) == 10
    assert spent.count(MIDDLE) > 20


def test_cuts_at_every_frame_take_five_times_as_long_at_most() -> None:
    size, frame, spent = SearchSize(320, 1280, 0.7), Frame(1920, 1), []
    for _ in range(160):
        size.begin_shot()
        spent += searched(size, frame)
    assert areas(spent) / 160 <= 5.2


def test_stills_are_searched_in_the_largest_picture_wherever_nothing_is_found() -> None:
    size = SearchSize(320, 1280, 0.7, limited=False)
    for _ in range(20):
        size.begin_shot()
        assert searched(size, Frame(1920, 1)) == [OWN, LARGE]
