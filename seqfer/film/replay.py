"""The replay cache: repeats the detections and encoded faces that an earlier run of the same video stored, and stores those of this run."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
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

    A block's record has the detections of all calls since the previous record and what was computed of the block's faces. The same video and settings
    make the same calls in the same order, so the log needs no frame numbers. For use in one thread.
    """

    def __init__(self, detect: Detect, log: BlockStore | None) -> None:
        self.detect, self.log = detect, log
        self.recalled: deque[list[Detection]] = deque()
        self.computed: dict[int, dict[str, np.ndarray]] = {}
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

    def block(self, number: int, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, np.ndarray] | None:
        """The computed arrays of block `number`, by the names and with the shapes that are given, or None where they must be computed."""
        while number >= self.records_read and self._read_record():
            pass
        known = self.computed.pop(number, None)
        if known is None:
            return None
        if all(name in known and known[name].shape == shape for name, shape in shapes.items()):
            return {name: known[name] for name in shapes}
        # A record of other frames than these: from here on everything is computed again.
        self.recalling, self.recalled, self.computed = False, deque(), {}
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
        self.computed[self.records_read] = arrays
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
