"""The largest faces of each frame."""

from __future__ import annotations

import math

from seqfer.core.records import TrackedFace
from seqfer.tracks.largest import LargestFaces


def face(number: int, side: float) -> TrackedFace:
    return TrackedFace(number, (0.0, 0.0, side, side), math.nan)


def kept(chooser: LargestFaces, *faces: TrackedFace) -> list[int]:
    return [found.face for found in chooser.of(faces)]


def test_all_without_a_number() -> None:
    assert kept(LargestFaces(0), face(1, 10), face(2, 20)) == [1, 2]


def test_the_largest_and_no_more() -> None:
    assert kept(LargestFaces(1), face(1, 10), face(2, 20)) == [2]
    assert kept(LargestFaces(2), face(1, 10), face(2, 20), face(3, 30)) == [3, 2]
    assert kept(LargestFaces(2), face(1, 10)) == [1]
    assert kept(LargestFaces(1)) == []


def test_nearly_equal_faces_do_not_alternate() -> None:
    chooser = LargestFaces(1)
    assert [kept(chooser, face(1, 20), face(2, 20 + wobble)) for wobble in (-1, 1, 3, -1)] == [[1]] * 4
    assert kept(chooser) == []
    assert kept(chooser, face(1, 20), face(2, 22)) == [1]  # after a frame without a face
    assert kept(chooser, face(1, 20), face(2, 26)) == [2]  # 1.69 times the area
    assert kept(chooser, face(1, 20), face(2, 18)) == [2]
