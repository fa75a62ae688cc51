"""Compares face detectors: recall, false faces and time on composites, a drawn video and real videos. Prints tables for docs/results.md.

    python tools/bench_detectors.py [--data ../shared/data] [--pictures 200] [--blazeface FILE]

Composites (`face_composites.py`) are searched at 1280 pixels, and reduced to 320, the size at which videos are searched first. All detectors see the
same pictures, one after the other, on one thread each. For every detector the threshold is the lowest at which it has no more false faces than yunet
with its own (without the research data: than 0), so that recalls can be compared. A face counts as found by a box whose centre is less than half a
side away and whose side is between half and twice its own. Real faces are cut where centerface and yunet agree on the unchanged frame, and stay in
memory. `--blazeface` is `face_detection_full_range_sparse.tflite` of the wheel mediapipe 0.10.21 and needs the package ai-edge-litert; it searches
pictures of 192 pixels, so larger ones are also searched in tiles.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from face_composites import KINDS, Box, Cutout, Face, composite, drawn_cutout, real_cutout

from seqfer.core.records import Detection
from seqfer.detectors import centerface, haar, yunet
from seqfer.posed import PosedFilm, posed_frames
from seqfer.tracks import observations
from seqfer.tracks.search_size import SearchSize
from seqfer.video import open_source

SIZES_PX = ((20, 40), (40, 80), (80, 160), (160, 401))
VIDEOS = ("WolfgangLanger_Pexels.mp4", "single_face.mp4", "face_noface.mov")
LAST_FACE = {"face_noface.mov": 71}  # the frame with the last face; the others show one to their end
STILLS = ("multi_face.jpg",)
LOW = 0.1  # score from which on faces are taken; thresholds are applied afterwards
SMALL_PX = (20, 80)  # faces of the sequences, in a video 1920 pixels wide
SEARCHES = 16  # of a sequence: four seconds of a video
Detect = Callable[[np.ndarray], Sequence[Detection]]


@dataclass
class Results:
    """What one detector found: the score of each face (0: not found), those of false faces, and the times of the pictures in ms."""

    found: list[float] = field(default_factory=list)
    false: list[float] = field(default_factory=list)
    times_ms: list[float] = field(default_factory=list)

    def add(self, detect: Detect, picture: np.ndarray, boxes: Sequence[Box]) -> None:
        started = time.process_time()
        faces = detect(picture)
        self.times_ms.append(1000 * (time.process_time() - started))
        found, false = matched(faces, boxes)
        self.found += found
        self.false += false

    def threshold(self, most_false: int) -> float:
        """The lowest threshold with at most so many false faces."""
        ranked = sorted(self.false, reverse=True)
        return math.nextafter(ranked[most_false], 1) if len(ranked) > most_false else 0.0

    def recall(self, threshold: float, chosen: np.ndarray) -> float:
        return float(np.mean((np.array(self.found) > 0) & (np.array(self.found) >= threshold), where=chosen))


def matched(faces: Sequence[Detection], boxes: Sequence[Box]) -> tuple[list[float], list[float]]:
    """(the best score of each box or 0, the scores of the faces that belong to none)."""
    found, false = [0.0] * len(boxes), []
    for face in faces:
        at = next((number for number, box in enumerate(boxes) if same(face.box_xyxy_px, box)), None)
        if at is None:
            false.append(face.score)
        else:
            found[at] = max(found[at], face.score)
    return found, false


def same(one: Box, other: Box) -> bool:
    """Whether two boxes are about one face."""
    (x, y, side), (other_x, other_y, other_side) = ((*centre(box), side_px(box)) for box in (one, other))
    return math.hypot(x - other_x, y - other_y) < 0.5 * other_side and 0.5 < side / other_side < 2


def centre(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def side_px(box: Box) -> float:
    return math.sqrt((box[2] - box[0]) * (box[3] - box[1]))


class BlazeFace:
    """BlazeFace full range in its makers' interpreter: the whole picture at 192 pixels, and with `tiled` squares of 360 pixels of it."""

    side_px, cells = 192, 48

    def __init__(self, file: Path, tiled: bool) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._net, self._tiled = Interpreter(str(file), num_threads=1), tiled
        self._net.allocate_tensors()
        self._input = self._net.get_input_details()[0]["index"]
        self._outputs = [entry["index"] for entry in self._net.get_output_details()]

    def __call__(self, picture: np.ndarray) -> list[Detection]:
        found = [self._search(picture)]
        height, width = picture.shape[:2]
        if self._tiled and max(height, width) > 2 * self.side_px:
            for y in range(0, height - 120, 240):
                for x in range(0, width - 120, 240):
                    part = self._search(picture[y : y + 360, x : x + 360])
                    part[:, :2] += (x, y)
                    found.append(part[part[:, 2] < 180])
        rows = np.concatenate(found)
        keep = np.asarray(cv2.dnn.NMSBoxes(rows[:, :4].tolist(), rows[:, 4].tolist(), LOW, 0.3), int).ravel()
        return [Detection((x, y, x + w, y + h), score) for x, y, w, h, score in rows[keep].tolist()]

    def _search(self, picture: np.ndarray) -> np.ndarray:
        """(face 5): x, y, width, height and score."""
        longest = max(picture.shape[:2])
        size = tuple(max(1, round(length * self.side_px / longest)) for length in picture.shape[1::-1])
        canvas = np.zeros((self.side_px, self.side_px, 3), np.float32)
        canvas[: size[1], : size[0]] = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)[..., ::-1] / 127.5 - 1
        self._net.set_tensor(self._input, canvas[None])
        self._net.invoke()
        boxes, logits = (self._net.get_tensor(index)[0] for index in self._outputs)
        scores = 1 / (1 + np.exp(-np.clip(logits[:, 0].astype(np.float64), -80, 80)))
        at = np.flatnonzero(scores >= LOW)
        rows, columns = np.divmod(at, self.cells)
        middle = (np.stack([columns, rows], 1) + 0.5) / self.cells + boxes[at, :2] / self.side_px
        extent = boxes[at, 2:4] / self.side_px
        return np.concatenate([(middle - extent / 2) * longest, extent * longest, scores[at, None]], 1)


def opened_detectors(data: Path | None, blazeface: Path | None) -> dict[str, Detect]:
    """Name -> detector, with thresholds as low as they go."""
    made: dict[str, Detect] = {"centerface": centerface.build(score=LOW).detect, "haar": haar.build().detect}
    if data:
        made["yunet"] = yunet.build(data / "detectors" / "face_detection_yunet_2026may.onnx", score=LOW).detect
    if blazeface:
        made |= {"blazeface": BlazeFace(blazeface, False), "blazeface, tiles": BlazeFace(blazeface, True)}
    return made


def frames_of(path: Path) -> Iterator[np.ndarray]:
    """The frames of a video, uint8 (height width 3) BGR."""
    with open_source(path) as source:
        for frame in source.frames():
            yield np.ascontiguousarray(frame.rgb()[..., ::-1])


def real_parts(data: Path, detectors: dict[str, Detect]) -> tuple[list[Cutout], list[np.ndarray]]:
    """(cut-out real faces, real pictures without a face)."""
    cutouts, empty = [], []
    for name in VIDEOS:
        for number, picture in enumerate(frames_of(data / "video" / name)):
            if number > LAST_FACE.get(name, number):
                empty += [picture] if number % 20 == 0 else []
            elif number % 24 == 5:
                cutouts += agreed(picture, detectors)
    for name in STILLS:
        cutouts += agreed(cv2.imread(str(data / "video" / name)), detectors)
    return cutouts, empty


def agreed(picture: np.ndarray, detectors: dict[str, Detect]) -> list[Cutout]:
    """The faces that yunet and centerface find alike, with the mean of both boxes."""
    ours, theirs = (
        [f.box_xyxy_px for f in detectors[name](picture) if f.score > 0.6] for name in ("centerface", "yunet")
    )
    pairs = [(one, other) for one in ours for other in theirs if same(one, other)]
    return [real_cutout(picture, tuple((np.array(one) + other) / 2)) for one, other in pairs]


def on_composites(
    detectors: dict[str, Detect], pictures: Sequence[tuple[np.ndarray, list[Face]]], longest_px: int
) -> dict[str, Results]:
    """Every detector on every picture, reduced to this size."""
    results = {name: Results() for name in detectors}
    for picture, faces in pictures:
        scale = longest_px / picture.shape[1]
        small = picture if scale == 1 else cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        boxes = [tuple(scale * value for value in face.box) for face in faces]
        for name, detect in detectors.items():
            results[name].add(detect, small, boxes)
    return results


def print_composites(results: dict[str, Results], faces: Sequence[Face], longest_px: int) -> None:
    """Recalls at the number of false faces that yunet has at its own thresholds."""
    sides = np.array([face.side_px for face in faces])
    groups = [(f"{low} to {high - high % 2}", (sides >= low) & (sides < high)) for low, high in SIZES_PX]
    groups.append(("40 and more", sides >= 40))
    groups += [
        (f"{where}, 40 and more", np.array([f.where == where for f in faces]) & (sides >= 40))
        for where in ("real", "drawn")
    ]
    groups += [(f"{kind}, 40 and more", np.array([f.kind == kind for f in faces]) & (sides >= 40)) for kind in KINDS]
    groups = [(label, chosen) for label, chosen in groups if chosen.any()]
    allowed = sum(score >= 0.6 for score in results["yunet"].false) if "yunet" in results else 0
    print(f"\n{longest_px} pixels, {len(faces)} faces; false faces allowed: {allowed}\n")
    print(f"| detector | threshold | {' | '.join(label for label, _ in groups)} | ms |")
    print("|---" * (len(groups) + 3) + "|")
    for name, result in results.items():
        threshold = result.threshold(allowed)
        recalls = " | ".join(f"{100 * result.recall(threshold, chosen):.1f}" for _, chosen in groups)
        print(f"| {name} | {threshold:.2f} | {recalls} | {statistics.median(result.times_ms):.1f} |")
    for name, threshold in (("centerface", 0.25), ("centerface", 0.35), ("yunet", 0.6), ("yunet", 0.7)):
        if name in results:
            recalls = " | ".join(f"{100 * results[name].recall(threshold, chosen):.1f}" for _, chosen in groups)
            false = sum(score >= threshold for score in results[name].false)
            print(f"| {name}, {false} false | {threshold:.2f} | {recalls} | |")


@dataclass
class WideFrame:
    """A composite as a frame of a video 1920 pixels wide; the interface that `SearchSize` needs."""

    picture: np.ndarray

    def small(self, longest_px: int) -> tuple[np.ndarray, float]:
        height, width = self.picture.shape[:2]
        size = longest_px, round(longest_px * height / width)
        small = self.picture if longest_px == width else cv2.resize(self.picture, size, interpolation=cv2.INTER_AREA)
        return small, 1920 / longest_px


def on_sequences(data: Path | None, cutouts: Sequence[Cutout], empty: Sequence[np.ndarray], count: int) -> None:
    """Prints recall, false faces and time of the searches in videos whose faces are small, in the sizes that `SearchSize` chooses."""
    rng = np.random.default_rng(1)
    sizes_px = (SMALL_PX[0] / 1.5, SMALL_PX[1] / 1.5)
    films = [(*composite(rng, cutouts, empty, sizes_px), rng.uniform(10, 60), rng.uniform(0, 7)) for _ in range(count)]
    detectors = {"centerface": centerface.build(), "haar": haar.build()}
    if data:
        detectors["yunet"] = yunet.build(data / "detectors" / "face_detection_yunet_2026may.onnx")
    print(
        f"\n{count} videos 1920 pixels wide, {SEARCHES} searches each, faces of {SMALL_PX[0]} to {SMALL_PX[1]} pixels\n"
    )
    print("| detector | 20 to 40 | 40 to 80 | false | ms, mean | without faces |\n|---|---|---|---|---|---|")
    for name, detector in detectors.items():
        results, without, sides = Results(), Results(), []
        for picture, faces, reach_px, phase in films:
            size = SearchSize(detector.longest_px, detector.larger_px, detector.confirm_score)
            for number in range(SEARCHES):
                angle = phase + 0.4 * number
                move = reach_px * math.cos(angle), reach_px / 3 * math.sin(angle)
                matrix = np.array([[1, 0, move[0]], [0, 1, move[1]]])
                frame = cv2.warpAffine(picture, matrix, picture.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
                boxes = [tuple(1.5 * (v + move[at % 2]) for at, v in enumerate(face.box)) for face in faces]
                (results if faces else without).add(lambda p, d=detector, s=size: searched(s, p, d), frame, boxes)
                sides += [1.5 * face.side_px for face in faces]
        groups = np.digitize(sides, (40,))
        recalls = " | ".join(f"{100 * results.recall(0, groups == group):.1f}" for group in (0, 1))
        false = len(results.false) + len(without.false)
        times = f"{np.mean(results.times_ms):.1f} | {np.mean(without.times_ms):.1f}"
        print(f"| {name} | {recalls} | {false} | {times} |")


def searched(size: SearchSize, picture: np.ndarray, detector: Any) -> list[Detection]:
    """The faces of a search in the frame's pixels, one for each."""
    picture, found, scale = size.search(WideFrame(picture), detector.detect)
    return [seen.detection for seen in observations(picture, found, scale, 0.0)]


def on_videos(detectors: dict[str, Detect], data: Path | None) -> None:
    """Prints the share of frames with a face, and of those without one that have a false face, in pictures of 320 pixels."""
    print("\n| video | detector | frames with a face: found | without: false | ms |\n|---|---|---|---|---|")
    film = PosedFilm((1, 2), 20.0, 1, cuts_s=(15.0,))
    tracks = {
        "drawn, two people": [(frame[..., ::-1], len(truths)) for _, frame, truths in list(posed_frames(film))[::5]]
    }
    for name in VIDEOS if data else ():
        frames = enumerate(frames_of(data / "video" / name))  # type: ignore[operator]
        tracks[name] = [(frame, int(number <= LAST_FACE.get(name, number))) for number, frame in frames]
    own = {"centerface": 0.25, "yunet": 0.6}
    for video, frames_and_faces in tracks.items():
        small = [
            (cv2.resize(p, None, fx=320 / p.shape[1], fy=320 / p.shape[1], interpolation=cv2.INTER_AREA), n)
            for p, n in frames_and_faces
        ]
        for name, detect in detectors.items():
            times, found, false = [], 0, 0
            for picture, count in small:
                started = time.process_time()
                seen = sum(face.score >= own.get(name, 0.0 if name == "haar" else 0.5) for face in detect(picture))
                times.append(1000 * (time.process_time() - started))
                found += min(seen, count)
                false += max(0, seen - count)
            known = sum(count for _, count in small)
            print(f"| {video} | {name} | {found} of {known} | {false} | {statistics.median(times):.1f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, help="the folder of the research data; without it only drawn people are searched"
    )
    parser.add_argument("--pictures", type=int, default=200)
    parser.add_argument("--sequences", type=int, default=30, help="videos with small faces")
    parser.add_argument("--blazeface", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    detectors: dict[str, Any] = opened_detectors(args.data, args.blazeface)
    rng = np.random.default_rng(args.seed)
    cutouts, empty = real_parts(args.data, detectors) if args.data else ([], [])
    cutouts += [drawn_cutout(number, rng) for number in range(1, 31)]
    pictures = [composite(rng, cutouts, empty) for _ in range(args.pictures)]
    faces = [face for _, found in pictures for face in found]
    for longest_px in (1280, 320):
        print_composites(on_composites(detectors, pictures, longest_px), faces, longest_px)
    on_sequences(args.data, cutouts, empty, args.sequences)
    on_videos(detectors, args.data)


if __name__ == "__main__":
    main()
