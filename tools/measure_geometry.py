"""Measures face geometry: head pose, blinks and mouth on real videos and drawn people, its cost, and crops aligned by the mesh.

    python tools/measure_geometry.py --videos ../shared/data/video [--parts turned,mirrored,drawn,curves,blinks,cost,aligned]

The videos are single_face.mp4 and WolfgangLanger_Pexels.mp4, one face each; nothing of them is written. Turned copies are made on a larger canvas, so
that nothing is cut off. Blinks were marked by eye, frame by frame, before the program's were looked at: the first frame with lids that fall, the
last one with lids that rise.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

import seqfer
from seqfer import posed
from seqfer.core.records import Detection, TrackedFace
from seqfer.detectors import centerface
from seqfer.geometry.mesh import mesh_crop
from seqfer.geometry.reader import MEASURES, GeometryReader
from seqfer.models.opening import open_model
from seqfer.tracks.crops import Square, crop_square, square_of

VIDEOS = ("single_face.mp4", "WolfgangLanger_Pexels.mp4")
TURNS_DEG = (-90, -30, -10, 10, 30, 180)
MARKED = {  # first and last frame of each blink
    "single_face.mp4": ((25, 30),),
    "WolfgangLanger_Pexels.mp4": ((153, 155), (201, 203), (248, 250), (288, 289), (385, 389), (425, 433)),
}
DRAWN, CURVES, SEARCH_PX, LEAST_SCORE = 120, 20, 320, 0.4
READER, DETECTOR = GeometryReader(), centerface.build()


def frames_of(path: Path, step: int) -> Iterator[np.ndarray]:
    """Every `step`-th frame, uint8 RGB."""
    video, number = cv2.VideoCapture(str(path)), 0
    while video.grab():
        if number % step == 0:
            yield cv2.cvtColor(video.retrieve()[1], cv2.COLOR_BGR2RGB)
        number += 1


def found_face(picture: np.ndarray) -> Detection | None:
    """The largest face, searched for in a picture of 320 pixels as in a video."""
    scale = max(1.0, max(picture.shape) / SEARCH_PX)
    size = round(picture.shape[1] / scale), round(picture.shape[0] / scale)
    small = cv2.resize(picture[..., ::-1], size, interpolation=cv2.INTER_AREA)
    faces = [face for face in DETECTOR.detect(small) if face.score >= LEAST_SCORE]
    if not faces:
        return None
    face = max(faces, key=lambda one: one.box_xyxy_px[2] - one.box_xyxy_px[0])
    marks = tuple((x * scale, y * scale) for x, y in face.landmarks_xy_px or ())
    return replace(face, box_xyxy_px=tuple(edge * scale for edge in face.box_xyxy_px), landmarks_xy_px=marks)


def measured(picture: np.ndarray, face: Detection | None = None) -> dict[str, float] | None:
    """The geometry of the largest face; None where none is found."""
    face = face or found_face(picture)
    if face is None:
        return None
    read = READER.read([READER.crop(picture, TrackedFace(1, face.box_xyxy_px, face.score, face.landmarks_xy_px))])
    values, _ = READER.measures(read, np.array([face.box_xyxy_px]))
    return dict(zip(MEASURES, values[0].tolist(), strict=True))


def turned_picture(picture: np.ndarray, degrees: float) -> tuple[np.ndarray, np.ndarray]:
    """The picture turned clockwise on a canvas that holds all of it, and the matrix (2 3) from its pixels to the canvas's."""
    height, width = picture.shape[:2]
    side = math.ceil(math.hypot(height, width))
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
    matrix[:, 2] += ((side - width) / 2, (side - height) / 2)
    return cv2.warpAffine(picture, matrix, (side, side), borderMode=cv2.BORDER_REPLICATE), matrix


def moved(face: Detection, matrix: np.ndarray) -> Detection:
    """A face in a picture that a matrix made from another one."""
    marks = np.array(face.landmarks_xy_px) @ matrix[:, :2].T + matrix[:, 2]
    centre = marks.mean(axis=0)
    half = max(face.box_xyxy_px[2] - face.box_xyxy_px[0], face.box_xyxy_px[3] - face.box_xyxy_px[1]) / 2
    box = (*(centre - half).tolist(), *(centre + half).tolist())
    return Detection(box, face.score, tuple(map(tuple, marks.tolist())))


def turned(folder: Path) -> None:
    """Roll on turned copies. Faces turned by 90 degrees and more are not searched for: their landmarks are those of the upright frame, turned."""
    for name in VIDEOS:
        errors: dict[int, list[float]] = {degrees: [] for degrees in TURNS_DEG}
        for picture in frames_of(folder / name, 12):
            face = found_face(picture)
            upright = measured(picture, face)
            if face is None or upright is None:
                continue
            for degrees, kept in errors.items():
                copy, matrix = turned_picture(picture, degrees)
                other = measured(copy, moved(face, matrix) if abs(degrees) > 45 else None)
                if other is not None:
                    off = other["pose_roll_deg"] - upright["pose_roll_deg"] - degrees
                    kept.append(abs((off + 180) % 360 - 180))
        for degrees, kept in errors.items():
            print(f"turned {name} by {degrees}: {len(kept)} frames, roll off by {_spread(kept)}")


def mirrored(folder: Path) -> None:
    """Yaw of mirrored frames."""
    for name in VIDEOS:
        sums, yaws = [], []
        for picture in frames_of(folder / name, 6):
            one, other = measured(picture), measured(np.ascontiguousarray(picture[:, ::-1]))
            if one and other:
                sums.append(abs(one["pose_yaw_deg"] + other["pose_yaw_deg"]))
                yaws.append(one["pose_yaw_deg"])
        print(f"mirrored {name}: {len(sums)} frames, yaw {min(yaws):.0f} to {max(yaws):.0f}, |sum| {_spread(sums)}")


def drawn(folder: Path) -> None:
    """Pose of drawn people, whose drawing is accurate to about 25 degrees, against the pose they were drawn with."""
    rng = np.random.default_rng(2)
    rows = []
    for seed in range(DRAWN):
        pose = (rng.uniform(-25, 25), rng.uniform(-15, 15), rng.uniform(-20, 20), 0.0, 0.0, 1.0)
        units = posed.au_vector(str(rng.choice(("happiness", "surprise", "anger", "sadness"))), rng.uniform(0, 0.8))
        values = measured(posed.render(posed.sample_person(seed), units, pose, 400, framing="shoulders"))
        if values is not None:
            rows.append([[values[f"pose_{axis}_deg"], true] for axis, true in zip(("yaw", "pitch", "roll"), pose)])
    for axis, pairs in zip(("yaw", "pitch", "roll"), np.array(rows).transpose(1, 2, 0)):
        slope = np.polyfit(pairs[1], pairs[0], 1)[0]
        off, together = np.median(np.abs(pairs[0] - pairs[1])), np.corrcoef(pairs)[0, 1]
        print(
            f"drawn {axis}: {len(rows)} people, median error {off:.2f}, slope {slope:.2f}, correlation {together:.3f}"
        )


def curves(folder: Path) -> None:
    """Openness of eyes and mouth of drawn people against the intensities of AU45 and AU26 that they were drawn with."""
    for unit, names in ((45, ("eye_openness_left", "eye_openness_right")), (26, ("mouth_opening",))):
        found, failed = [], 0
        wave = (1 - np.cos(np.linspace(0, 4 * np.pi, 25))) / 2
        for seed in range(CURVES):
            levels = {name: [] for name in names}
            for level in wave:
                units = {unit: float(level), 25: float(level)} if unit == 26 else {unit: float(level)}
                values = measured(posed.render(posed.sample_person(seed), units, size_px=300, framing="shoulders"))
                for name in names:
                    levels[name].append(math.nan if values is None else values[name])
            curve = np.mean(list(levels.values()), axis=0)
            known = np.isfinite(curve)
            failed += known.mean() < 0.9
            found.append(abs(np.corrcoef(curve[known], wave[known])[0, 1]))
        low, median = sum(value < 0.9 for value in found), np.median(found)
        print(f"AU{unit}: {len(found)} people, correlation median {median:.3f}, {low} below 0.9, {failed} not found")


def blinks(folder: Path) -> None:
    """Blinks against those that were marked by hand."""
    for name, marked in MARKED.items():
        for hz in (0.0, 12.0, 4.0):
            made = seqfer.annotate(folder / name, geometry=True, geometry_hz=hz, progress=False)
            assert made.blinks is not None
            times = made.frames.drop_duplicates("frame").set_index("frame")["time_s"]
            spans = [(times[first] - 0.05, times[last] + 0.05) for first, last in marked]
            hits = [[a <= peak <= b for peak in made.blinks["peak_s"]] for a, b in spans]
            false = len(made.blinks) - sum(map(sum, hits))
            print(f"blinks {name}, geometry_hz {hz:g}: {sum(map(any, hits))} of {len(marked)} found, {false} others")


def cost(folder: Path) -> None:
    """Frames per second with and without, in turn, medians of five; in one run, because the machine is shared."""
    for name in VIDEOS:
        rates: dict[bool, list[float]] = {False: [], True: []}
        used: dict[bool, list[float]] = {False: [], True: []}
        with tempfile.TemporaryDirectory() as scratch:
            for turn in range(6):
                for wanted in (False, True):
                    began = time.process_time()
                    out = Path(scratch) / f"{turn}-{wanted}"
                    made = seqfer.annotate(folder / name, out=out, valence=True, geometry=wanted, progress=False)
                    if turn:  # the first opens files and imports modules
                        rates[wanted].append(made.summary.speed.frames_per_second)
                        used[wanted].append((time.process_time() - began) / made.summary.analysed)
        without, having = (float(np.median(rates[wanted])) for wanted in (False, True))
        busy = [1000 * float(np.median(used[wanted])) for wanted in (False, True)]
        shares = f"{without:.0f} frames/s without, {having:.0f} with ({having / without:.2f})"
        print(f"cost {name}: {shares}; processor time of a frame {busy[0]:.2f} and {busy[1]:.2f} ms")


def aligned(folder: Path) -> None:
    """Change of the emotions' probabilities under small changes of the picture: crops by five points against crops by the mesh.

    Half the summed absolute difference of the probabilities of one frame and of its changed copy, or of the next frame. The mesh's square is moved
    and scaled by the median difference between the two, so that both frame faces alike.
    """
    model = open_model("compact", frames_alone=True, precision="fp32", kind="video")
    for name in VIDEOS:
        pictures = list(frames_of(folder / name, 1))
        pairs = [both for k in range(0, len(pictures) - 1, 12) if (both := _squares(pictures[k])) is not None]
        usual = np.median([_difference(*both) for both in pairs], axis=0)
        found: dict[str, list[np.ndarray]] = {}
        for k in range(0, len(pictures) - 1, 12):
            whole = _both_probabilities(model, pictures[k], usual)
            for change, other in _changed(pictures[k], pictures[k + 1]).items():
                again = _both_probabilities(model, other, usual)
                if whole is not None and again is not None:
                    found.setdefault(change, []).append(np.abs(whole - again).sum(axis=1) / 2)
        for change, rows in found.items():
            five, mesh = np.mean(rows, axis=0)
            print(f"aligned {name}, {change}: {len(rows)} frames, five points {five:.4f}, mesh {mesh:.4f}")


def _squares(picture: np.ndarray) -> tuple[Square, Square] | None:
    face = found_face(picture)
    if face is None:
        return None
    (points,), _ = READER.mesh.read([mesh_crop(picture, face)])
    marks = [points[[33, 133]].mean(0), points[[263, 362]].mean(0), points[1], points[61], points[291]]
    return square_of(face), square_of(
        Detection(face.box_xyxy_px, 1.0, tuple((float(m[0]), float(m[1])) for m in marks))
    )


def _difference(one: Square, other: Square) -> np.ndarray:
    """Logarithm of scale, place in the first square's sides and directions, and turn of the second square against the first."""
    right, down = (other.x - one.x) / one.side, (other.y - one.y) / one.side
    turn = math.atan2(other.sin, other.cos) - math.atan2(one.sin, one.cos)
    return np.array(
        [math.log(other.side / one.side), one.cos * right + one.sin * down, one.cos * down - one.sin * right, turn]
    )


def _both_probabilities(model, picture: np.ndarray, usual: np.ndarray) -> np.ndarray | None:
    """float (2 class): by five points, and by the mesh without its usual difference."""
    both = _squares(picture)
    if both is None:
        return None
    scale, right, down, turn = usual
    side, angle = both[1].side / math.exp(scale), math.atan2(both[1].sin, both[1].cos) - turn
    cos, sin = math.cos(angle), math.sin(angle)
    place = both[1].x - side * (cos * right - sin * down), both[1].y - side * (sin * right + cos * down)
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    crops = [crop_square(grey, square, model.input_size) for square in (both[0], Square(*place, side, cos, sin))]
    return model.read(model.step(model.encode(np.stack(crops))[:, None])[0][:, 0])[0]


def _changed(picture: np.ndarray, following: np.ndarray) -> dict[str, np.ndarray]:
    shift = np.array([[1, 0, 3.5], [0, 1, 1.75]])
    noise = np.random.default_rng(0).normal(0, 8, picture.shape)
    return {
        "next frame": following,
        "turned by 5": turned_picture(picture, 5)[0],
        "turned by -12": turned_picture(picture, -12)[0],
        "scaled by 0.85": cv2.resize(picture, None, fx=0.85, fy=0.85, interpolation=cv2.INTER_AREA),
        "moved by 3.5 pixels": cv2.warpAffine(picture, shift, picture.shape[1::-1], borderMode=cv2.BORDER_REPLICATE),
        "blurred, sigma 1.5": cv2.GaussianBlur(picture, (0, 0), 1.5),
        "noise, sigma 8": np.clip(picture + noise, 0, 255).astype(np.uint8),
    }


def _spread(values: list[float]) -> str:
    return f"median {np.median(values):.2f}, 95 % {np.percentile(values, 95):.2f}, most {max(values):.2f} degrees"


PARTS = {part.__name__: part for part in (turned, mirrored, drawn, curves, blinks, cost, aligned)}


def main() -> None:
    """Print the figures of the parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--videos", type=Path, required=True)
    parser.add_argument("--parts", default=",".join(PARTS), help="comma-separated")
    args = parser.parse_args()
    for part in args.parts.split(","):
        if part not in PARTS:
            raise SystemExit(f"part {part!r} is unknown; allowed: {', '.join(PARTS)}")
        PARTS[part](args.videos)


if __name__ == "__main__":
    main()
