"""`pico`: pixel intensity comparisons in a cascade of decision trees; a small detector in NumPy, without a network.

Source: N. Markus, M. Frljak, I. S. Pandzic, J. Ahlberg, R. Forchheimer, "A method for object detection based on pixel intensity comparisons",
arXiv:1305.4537, 2013; the cascade is its authors' published file `facefinder` (MIT). This runtime is original: it evaluates the trees on all
windows of all sizes together. Differs from the published one: overlapping windows are merged greedily from the best one, not by
connected components, so that two touching faces remain two; window sides are whole pixels.

The file, little-endian: int32 version 3; int8 x 4, the window's corners; int32 depth; int32 number of trees; then for each tree (2^depth - 1)
nodes of int8 row, column, row, column in 1/256 of the window's side from its centre, 2^depth float32 leaves, a float32 threshold. At a node
one goes right when the first pixel is not brighter than the second; a window is dropped when its sum of leaves is not above the threshold.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from seqfer.core.errors import SettingsError, WeightsError
from seqfer.core.records import Detection
from seqfer.detectors._detector import Detector, check_positive_px, check_share, read_weights

FILE = CACHED_FILES = "facefinder"
LICENCE = "MIT (published by its authors)"
URLS: tuple[str, ...] = ()  # to be put in the cache by hand
SHA256 = {
    "d8014993e7298c7b1865d1f8b855d6dbf4ec5c808bf879e2091ab6837abf90cd": "published"
}  # the only file that is accepted
_HEADER = struct.Struct("<i4bii")
_CORNERS = (-127, 127, -127, 127)
_ADVICE = f"give the published cascade file {FILE}, or choose the detector centerface"
_AT_ONCE = 6_000  # (window, tree) pairs in one step: few enough for the CPU's cache, many enough that calls cost little
_HALF = 8.0  # the summed margin with score 0.5; with the default steps of the windows, false detections rarely reach it


@dataclass(frozen=True)
class Cascade:
    """The trees of a file: `nodes` int8 (tree node 4), `leaves` float32 (tree leaf), `thresholds` float32 (tree)."""

    depth: int
    nodes: np.ndarray
    leaves: np.ndarray
    thresholds: np.ndarray


@dataclass(frozen=True)
class Windows:
    """Every window of pictures of one size: `centre` int32 (flat pixel), `side` int32 (which of `sides_px`).

    `first` and `second` are the two pixels each node compares, from the window's centre: int32, flat over (side tree node).
    """

    sides_px: np.ndarray
    centre: np.ndarray
    side: np.ndarray
    first: np.ndarray
    second: np.ndarray


@dataclass(frozen=True)
class Steps:
    """Windows start at `smallest_px` and grow by the factor `growth`; they move by `stride` of their side."""

    smallest_px: float = 24
    growth: float = 1.1
    stride: float = 0.1

    def __post_init__(self) -> None:
        check_positive_px("smallest_px", self.smallest_px)
        if not 1.01 <= self.growth <= 4 or not 0.01 <= self.stride <= 1:
            raise SettingsError(f"growth {self.growth}, stride {self.stride}; allowed: 1.01 to 4, 0.01 to 1")


def build(
    weights: Path | None = None,
    *,
    score: float = 0.5,
    overlap: float = 0.3,
    longest_px: int = 320,
    smallest_px: float = 24,
    growth: float = 1.1,
    stride: float = 0.1,
) -> PicoDetector:
    """The detector from its cascade file; see `Steps` for the last three. Windows that overlap by more than `overlap` are one face.

    The score is m / (m + 8), m being the sum of the margins by which a face's windows pass the last tree; it is larger with finer steps.
    Raises WeightsError without the file or for any other file; SettingsError for a setting out of range.
    """
    check_share("score", score)
    check_share("overlap", overlap)
    check_positive_px("longest_px", longest_px)
    steps = Steps(smallest_px, growth, stride)
    if weights is None:
        raise WeightsError(f"detector pico needs its cascade file; {_ADVICE}")
    content, checksum = read_weights(weights, _ADVICE)
    cascade = read_cascade(content, str(weights))
    if checksum not in SHA256:
        raise WeightsError(
            f"{weights}: checksum {checksum[:12]}... is not that of {FILE}, {min(SHA256)[:12]}...: damaged; {_ADVICE}"
        )
    detector = PicoDetector(cascade, steps, score, overlap)
    detector.checksum, detector.longest_px = checksum, longest_px
    return detector


def read_cascade(content: bytes, where: str) -> Cascade:
    """The trees of a cascade file. Raises WeightsError, naming `where`, for any other file format."""
    if len(content) < _HEADER.size:
        raise WeightsError(f"{where}: {len(content)} bytes, too short for a cascade; {_ADVICE}")
    version, *corners, depth, trees = _HEADER.unpack_from(content)
    if version != 3 or tuple(corners) != _CORNERS or not 1 <= depth <= 12 or trees < 1:
        raise WeightsError(f"{where}: not a cascade of pico, version 3; {_ADVICE}")
    tree = np.dtype([("nodes", "i1", (2**depth - 1, 4)), ("leaves", "<f4", (2**depth,)), ("threshold", "<f4")])
    whole = _HEADER.size + trees * tree.itemsize
    if len(content) != whole:
        raise WeightsError(f"{where}: damaged: {len(content)} bytes instead of the {whole} of {trees} trees; {_ADVICE}")
    table = np.frombuffer(content, tree, offset=_HEADER.size)
    return Cascade(
        depth, table["nodes"].copy(), table["leaves"].astype(np.float32), table["threshold"].astype(np.float32)
    )


class PicoDetector(Detector):
    """The cascade over all windows of a picture at once: about 15 ms for 320 x 180 pixels on one core, 20 ms for 320 x 240."""

    name = "pico"

    def __init__(self, cascade: Cascade, steps: Steps, score: float, overlap: float) -> None:
        self._cascade, self._steps, self._score, self._overlap = cascade, steps, score, overlap
        self._shape = (0, 0)
        self._windows: Windows | None = None

    def _find(self, picture_bgr: np.ndarray) -> list[Detection]:
        grey = cv2.cvtColor(picture_bgr, cv2.COLOR_BGR2GRAY)
        height, width = grey.shape
        if self._shape != (height, width):  # a video's pictures have one size: its windows are computed once
            self._shape, self._windows = (height, width), windows_of(self._cascade, height, width, self._steps)
        if self._windows is None:
            return []
        passed, margin = run_cascade(self._cascade, self._windows, grey.ravel())
        rows, columns = np.divmod(self._windows.centre[passed], width)
        sides = self._windows.sides_px[self._windows.side[passed]]
        faces = join(np.stack([columns, rows, sides], axis=-1).astype(np.float64), margin, self._overlap)
        return [Detection(box, score) for box, score in faces if score >= self._score]


def windows_of(cascade: Cascade, height: int, width: int, steps: Steps) -> Windows | None:
    """All windows of a picture of this size, or None where it is too small for a single one."""
    sides, centres, offsets = [], [], []
    exact = float(steps.smallest_px)
    while 2 * (round(exact) // 2 + 1) < min(height, width):
        side, exact = round(exact), exact * steps.growth
        if side in sides:
            continue
        edge, step = (
            side // 2 + 1,
            max(1, int(steps.stride * side)),
        )  # pixels on the window's edge are inside the picture
        rows, columns = np.arange(edge, height - edge, step), np.arange(edge, width - edge, step)
        places = cascade.nodes.astype(np.int32) * side >> 8
        sides.append(side)
        centres.append((rows[:, None] * width + columns).ravel())
        offsets.append(places[..., ::2] * width + places[..., 1::2])
    if not sides:
        return None
    flat = np.stack(offsets).reshape(-1, 2).astype(np.int32)
    return Windows(
        sides_px=np.array(sides, np.int32),
        centre=np.concatenate(centres).astype(np.int32),
        side=np.repeat(np.arange(len(sides), dtype=np.int32), [len(c) for c in centres]),
        first=np.ascontiguousarray(flat[:, 0]),
        second=np.ascontiguousarray(flat[:, 1]),
    )


def run_cascade(cascade: Cascade, windows: Windows, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(windows that pass every tree, their margins at the last one, float64). `pixels` uint8 is the grey picture, flat.

    Few windows pass the first trees. The fewer remain, the more trees are evaluated in one step.
    """
    trees, nodes = cascade.nodes.shape[:2]
    leaves = cascade.leaves.ravel()
    alive = np.arange(len(windows.centre))
    centre, row = windows.centre, windows.side * np.int32(trees * nodes)
    total = np.zeros(len(alive), np.float32)
    done = 0
    while done < trees and len(alive):
        now = np.arange(done, min(trees, done + max(1, _AT_ONCE // len(alive))), dtype=np.int32)
        root = row[:, None] + now * np.int32(nodes)
        node: np.ndarray = np.zeros_like(root)
        for _ in range(cascade.depth):
            at = root + node
            first = pixels.take(windows.first.take(at) + centre[:, None])
            second = pixels.take(windows.second.take(at) + centre[:, None])
            node = 2 * node + 1 + (first <= second)
        gain = leaves.take(node - nodes + now * np.int32(nodes + 1))
        gain[:, 0] += total
        sums = gain.cumsum(axis=1, dtype=np.float32)
        kept = (sums > cascade.thresholds[now]).all(axis=1)
        alive, centre, row, total = alive[kept], centre[kept], row[kept], sums[kept, -1]
        done += len(now)
    return alive, total.astype(np.float64) - float(cascade.thresholds[-1])


def join(
    squares: np.ndarray, margin: np.ndarray, overlap: float
) -> list[tuple[tuple[float, float, float, float], float]]:
    """(box, score) of each face from its windows (window 3): centre x, centre y, side in pixels. The best window is merged with those it overlaps.

    A face's box is the mean of its windows; its score is m / (m + 8), m the sum of their margins.
    """
    order = np.argsort(-margin, kind="stable")
    squares, margin = squares[order], margin[order]
    faces = []
    while len(squares):
        side = squares[:, 2]
        reach = (side + side[0]) / 2 - np.abs(squares[:, :2] - squares[0, :2]).T
        # the overlap with a window inside another one is at most its own side
        shared = np.clip(np.minimum(reach, np.minimum(side, side[0])), 0, None).prod(axis=0)
        together = shared / (side**2 + side[0] ** 2 - shared) > overlap
        together[0] = True
        x, y, width = squares[together].mean(axis=0).tolist()
        mass = float(margin[together].sum())
        faces.append(((x - width / 2, y - width / 2, x + width / 2, y + width / 2), mass / (mass + _HALF)))
        squares, margin = squares[~together], margin[~together]
    return faces
