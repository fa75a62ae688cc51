"""First half of the training of the blendshape network: face meshes of pictures and videos, and the teacher's weights, as NumPy files.

    python3.11 -m venv mesh && mesh/bin/pip install mediapipe==0.10.21 ai-edge-litert
    mesh/bin/python tools/blendshape_landmarks.py --fer2013 fer2013.csv.gz --teacher face_blendshapes.tflite --out work [--video VIDEO ...]

Needs no seqfer, because mediapipe needs an older NumPy. Writes into `work`: `teacher.npz` (the weights of the teacher, and its scores of 64 random
inputs, by which `tools/train_blendshapes.py` checks its own copy), and per source `Training.npz`, `PublicTest.npz` and a file per video: `landmarks`
float32 (face 478 3) in pixels, `picture` (face,) the number of the row or frame. PrivateTest is not read. Faces in which no mesh is found are left
out. Blocks of 2,048 pictures are kept until their source is complete, so that an interrupted run resumes.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import os
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np

BLOCK = 2048
FACE_PX, BORDER_PX = 192, 96  # faces of 48x48 are enlarged, with room around them for the detector of the mesh
CHECKED = 64


def fer_faces(path: Path, usage: str) -> Iterator[np.ndarray]:
    """The faces of one usage, uint8 RGB, enlarged and with a border."""
    csv.field_size_limit(1 << 20)
    with gzip.open(path, "rt") as file:
        for row in csv.DictReader(file):
            if row["Usage"] != usage:
                continue
            face = np.array(row["pixels"].split(), np.uint8).reshape(48, 48)
            large = cv2.resize(face, (FACE_PX, FACE_PX), interpolation=cv2.INTER_CUBIC)
            room = cv2.copyMakeBorder(large, *(BORDER_PX,) * 4, cv2.BORDER_REPLICATE)
            yield cv2.cvtColor(room, cv2.COLOR_GRAY2RGB)


def video_frames(path: Path) -> Iterator[np.ndarray]:
    """All frames of a video, uint8 RGB."""
    video = cv2.VideoCapture(str(path))
    while True:
        read, frame = video.read()
        if not read:
            return
        yield cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)


def save(path: Path, **arrays: np.ndarray) -> None:
    """Write an .npz whole or not at all."""
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        np.savez(file, **arrays)
    os.replace(part, path)


def write_meshes(mesh: Any, pictures: Iterator[np.ndarray], path: Path) -> None:
    """The meshes of all pictures into one file; returns at once where it exists."""
    if path.exists():
        return
    blocks = []
    for first in range(0, sys.maxsize, BLOCK):
        block = path.with_name(f"{path.stem}.{first}.npz")
        group = list(islice(pictures, BLOCK))
        if not group:
            break
        if not block.exists():
            found = [(first + k, points) for k, one in enumerate(group) if (points := landmarks(mesh, one)) is not None]
            stacked = np.stack([points for _, points in found]) if found else np.zeros((0, 478, 3), np.float32)
            save(block, landmarks=stacked, picture=np.array([number for number, _ in found], np.int64))
        blocks.append(block)
        print(f"{path.stem}: {first + len(group)} pictures", flush=True)
    parts = [np.load(block) for block in blocks]
    save(path, **{name: np.concatenate([part[name] for part in parts]) for name in ("landmarks", "picture")})
    for block in blocks:
        block.unlink()


def landmarks(mesh: Any, picture_rgb: np.ndarray) -> np.ndarray | None:
    """The mesh of the picture's first face, float32 (478 3) in pixels, or None. Depth has the scale of the width."""
    found = mesh.process(picture_rgb).multi_face_landmarks
    if not found:
        return None
    height, width = picture_rgb.shape[:2]
    points = np.array([(point.x, point.y, point.z) for point in found[0].landmark])
    return (points * (width, height, width)).astype(np.float32)


def write_teacher(path: Path, out: Path) -> None:
    """The teacher's weights as float32 by tensor name, and its scores of random inputs."""
    from ai_edge_litert.interpreter import Interpreter

    network = Interpreter(str(path), num_threads=1)
    network.allocate_tensors()
    entry, result = network.get_input_details()[0]["index"], network.get_output_details()[0]["index"]
    points = np.random.default_rng(0).normal(100, 40, (CHECKED, 146, 2)).astype(np.float32)
    scores = []
    for one in points:
        network.set_tensor(entry, one[None])
        network.invoke()
        scores.append(network.get_tensor(result).copy())
    weights = {
        f"weights/{one['name']}": network.get_tensor(one["index"]).astype(np.float32)
        for one in network.get_tensor_details()
        if one["dtype"] == np.float16
    }
    save(out, points=points, scores=np.stack(scores), **weights)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fer2013", type=Path, required=True, help="fer2013.csv.gz")
    parser.add_argument("--teacher", type=Path, required=True, help="face_blendshapes.tflite")
    parser.add_argument("--video", type=Path, nargs="*", default=[], help="videos that are only evaluated")
    parser.add_argument("--out", type=Path, required=True, help="folder of the files")
    args = parser.parse_args()
    import mediapipe

    args.out.mkdir(parents=True, exist_ok=True)
    write_teacher(args.teacher, args.out / "teacher.npz")
    mesh = mediapipe.solutions.face_mesh.FaceMesh(static_image_mode=True, refine_landmarks=True, max_num_faces=1)
    for video in args.video:
        write_meshes(mesh, video_frames(video), args.out / f"{video.stem}.npz")
    for usage in ("PublicTest", "Training"):
        write_meshes(mesh, fer_faces(args.fer2013, usage), args.out / f"{usage}.npz")


if __name__ == "__main__":
    main()
