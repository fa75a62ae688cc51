"""The replay cache: repeats the detections and encoded faces that an earlier run of the same video stored, and stores those of this run."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np

from seqfer.core.records import Detection

Detect = Callable[[np.ndarray], list[Detection]]


class BlockStore(Protocol):
    """The interface of a store of finished blocks."""

    def get(self, number: int) -> dict[str, np.ndarray] | None:
        """A block's arrays, or None."""

    def put(self, number: int, arrays: dict[str, np.ndarray]) -> None:
        """Store a block's arrays."""


class ReplayCache:
    """A detector that first returns the stored detections of the log, in the order of the calls, and then calls the real detector.

    A block's record has the detections of all calls since the previous record and the block's encoded faces. The same video and settings make
    the same calls in the same order, so the log needs no frame numbers. For use in one thread.
    """

    def __init__(self, detect: Detect, log: BlockStore | None) -> None:
        self.detect, self.log = detect, log
        self.recalled: deque[list[Detection]] = deque()
        self.encoded: dict[int, np.ndarray] = {}
        self.records_read, self.fresh = 0, list[list[Detection]]()
        # Up to the first missing record: later records are written by this run.
        self.recalling = log is not None

    def __call__(self, picture: np.ndarray) -> list[Detection]:
        while not self.recalled and self._read_record():
            pass
        if self.recalled:
            return self.recalled.popleft()
        self.fresh.append(self.detect(picture))
        return self.fresh[-1]

    def inputs(self, number: int, shape: tuple[int, int]) -> np.ndarray | None:
        """The encoded faces of block `number` (face input), or None where they must be computed."""
        while number >= self.records_read and self._read_record():
            pass
        known = self.encoded.pop(number, None)
        if known is None or tuple(known.shape) == shape:
            return known
        # A record of other frames than these: from here on everything is computed again.
        self.recalling, self.recalled, self.encoded = False, deque(), {}
        return None

    def record(self) -> dict[str, np.ndarray]:
        """The calls since the last record, as arrays; clears them."""
        fresh, self.fresh = self.fresh, []
        return _packed(fresh)

    def _read_record(self) -> bool:
        arrays = self.log.get(self.records_read) if self.log is not None and self.recalling else None
        if arrays is None:
            self.recalling = False
            return False
        self.recalled.extend(_unpacked(arrays))
        self.encoded[self.records_read] = arrays["inputs"]
        self.records_read += 1
        return True


def _packed(calls: list[list[Detection]]) -> dict[str, np.ndarray]:
    found = [detection for call in calls for detection in call]
    no_points = ((np.nan, np.nan),) * 5
    return {
        "calls": np.array([len(call) for call in calls], dtype=np.int64),
        "boxes": np.array([d.box_xyxy_px for d in found], dtype=np.float64).reshape(-1, 4),
        "scores": np.array([d.score for d in found], dtype=np.float64),
        "landmarks": np.array([d.landmarks_xy_px or no_points for d in found], dtype=np.float64).reshape(-1, 5, 2),
    }


def _unpacked(arrays: dict[str, np.ndarray]) -> Iterator[list[Detection]]:
    start = 0
    for count in arrays["calls"].tolist():
        rows = range(start, start + count)
        yield [
            Detection(
                tuple(arrays["boxes"][i].tolist()),
                float(arrays["scores"][i]),
                None if np.isnan(arrays["landmarks"][i]).any() else tuple(map(tuple, arrays["landmarks"][i].tolist())),
            )
            for i in rows
        ]
        start += count
