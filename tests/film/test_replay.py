"""What an earlier run computed is used again, call by call and block by block, until it does not fit."""

from __future__ import annotations

import numpy as np
import pytest

from seqfer.core.records import Detection
from seqfer.film.replay import ReplayCache

MARKS = tuple((float(k), float(k + 1)) for k in range(5))
ANSWERS = [
    [Detection((1.0, 2.0, 30.0, 40.0), 0.9, MARKS), Detection((5.0, 5.0, 9.0, 9.0), 0.4)],
    [],
    [Detection((0.0, 0.0, 8.0, 8.0), 1.0)],
]
PICTURE = np.zeros((4, 4, 3), np.uint8)


class Log:
    """Blocks in memory."""

    def __init__(self, **blocks) -> None:
        self.blocks = blocks

    def get(self, number: int):
        return self.blocks.get(f"b{number}")

    def put(self, number: int, arrays) -> None:
        self.blocks[f"b{number}"] = arrays


def detector(answers):
    """A detector that gives one answer after the other, and the list of its calls."""
    calls, left = [], list(answers)

    def detect(picture):
        calls.append(picture)
        return left.pop(0)

    return detect, calls


def recorded(answers, faces: int = 2):
    """The record of one block: the calls and the encoded faces."""
    replay = ReplayCache(detector(answers)[0], None)
    for _ in answers:
        replay(PICTURE)
    return {**replay.record(), "inputs": np.full((faces, 3), 0.5, np.float32)}


def test_without_a_log_every_call_is_made() -> None:
    detect, calls = detector(ANSWERS)
    replay = ReplayCache(detect, None)
    assert [replay(PICTURE) for _ in ANSWERS] == ANSWERS
    assert len(calls) == 3
    assert replay.block(0, {"inputs": (2, 3)}) is None


def test_a_record_comes_back_as_the_same_detections() -> None:
    detect, calls = detector([[Detection((9.0, 9.0, 19.0, 19.0), 0.7)]])
    replay = ReplayCache(detect, Log(b0=recorded(ANSWERS)))
    assert [replay(PICTURE) for _ in ANSWERS] == ANSWERS
    assert not calls
    known = replay.block(0, {"inputs": (2, 3)})
    assert known is not None
    assert np.array_equal(known["inputs"], np.full((2, 3), 0.5))
    assert replay(PICTURE)[0].score == pytest.approx(0.7)  # beyond the record
    assert len(calls) == 1


def test_only_calls_since_the_last_record_are_recorded() -> None:
    replay = ReplayCache(detector(ANSWERS)[0], None)
    replay(PICTURE)
    assert replay.record()["calls"].tolist() == [2]
    replay(PICTURE)
    replay(PICTURE)
    later = replay.record()
    assert later["calls"].tolist() == [0, 1]
    assert later["boxes"].tolist() == [[0, 0, 8, 8]]
    assert np.isnan(later["landmarks"]).all()
    assert replay.record()["boxes"].shape == (0, 4)


def test_a_record_of_other_frames_ends_the_replay() -> None:
    detect, calls = detector(ANSWERS)
    replay = ReplayCache(detect, Log(b0=recorded(ANSWERS), b1=recorded(ANSWERS)))
    assert replay(PICTURE) == ANSWERS[0]
    assert replay.block(0, {"inputs": (5, 3)}) is None  # five faces now, two in the record
    assert replay(PICTURE) == ANSWERS[0]  # the detector's own first answer
    assert len(calls) == 1
    assert replay.block(1, {"inputs": (2, 3)}) is None


def test_blocks_are_read_in_order_also_without_calls() -> None:
    replay = ReplayCache(detector([])[0], Log(b0=recorded([]), b1=recorded([[]], faces=1)))
    assert replay.block(1, {"inputs": (1, 3)}) is not None
    assert replay.block(0, {"inputs": (2, 3)}) is not None
    assert replay.block(0, {"inputs": (2, 3)}) is None  # given once
