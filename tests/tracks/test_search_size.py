"""The size of the pictures that are searched."""

from __future__ import annotations

import numpy as np
import pytest

from seqfer.core.records import Detection
from seqfer.tracks.search_size import EVERY, FIRST, SearchSize


class Frame:
    """A picture of `longest_px`, with one face of `face_px`."""

    def __init__(self, longest_px: int, face_px: float, score: float = 0.9) -> None:
        self.longest_px, self.face_px, self.score = longest_px, face_px, score

    def small(self, longest_px: int) -> tuple[np.ndarray, float]:
        scale = max(1.0, self.longest_px / longest_px)
        self.shown_px = self.face_px / scale
        return np.zeros((1, round(self.longest_px / scale), 3), np.uint8), scale

    def detect(self, picture: np.ndarray) -> list[Detection]:
        self.searched = [*getattr(self, "searched", []), picture.shape[1]]
        return [Detection((0, 0, self.shown_px, self.shown_px), self.score)] if self.shown_px >= 15 else []


def searched(size: SearchSize, frame: Frame) -> list[int]:
    frame.searched = []
    picture, found, scale = size.search(frame, frame.detect)
    assert picture.shape[1] in frame.searched
    assert all(face.box_xyxy_px[2] * scale == pytest.approx(frame.face_px) for face in found)
    return frame.searched


@pytest.mark.parametrize(("longest_px", "face_px"), [(1920, 60), (1920, 85), (3840, 100), (3840, 140)])
def test_small_faces_are_searched_in_larger_pictures_from_then_on(longest_px: int, face_px: float) -> None:
    size, frame = SearchSize(320, 1280, 0.7), Frame(longest_px, face_px)
    assert searched(size, frame) == [320, 1280]
    assert searched(size, frame) == [1280]
    assert searched(size, Frame(longest_px, 1)) == [1280]


def test_large_faces_settle_the_detectors_own_size() -> None:
    size = SearchSize(320, 1280, 0.7)
    assert searched(size, Frame(1920, 300)) == [320]
    assert searched(size, Frame(1920, 60)) == [320]


def test_a_false_detection_settles_nothing() -> None:
    size = SearchSize(320, 1280, 0.7)
    assert searched(size, Frame(1920, 300, score=0.62)) == [320, 1280]
    assert searched(size, Frame(1920, 60)) == [320, 1280]


def test_small_pictures_and_a_chosen_size_are_searched_once() -> None:
    assert searched(SearchSize(320, 1280, 0.7), Frame(1280, 20)) == [320]
    assert searched(SearchSize(640, 0, 0.7), Frame(3840, 20)) == [640]


def test_empty_pictures_cost_little() -> None:
    size, frame = SearchSize(320, 1280, 0.7), Frame(1920, 1)
    assert [searched(size, frame) for _ in range(FIRST)] == [[320, 1280]] * FIRST
    later = [len(searched(size, frame)) for _ in range(3 * EVERY)]
    assert sum(later) == 3 * EVERY + 3
    assert searched(size, Frame(1920, 60))[0] == 320
