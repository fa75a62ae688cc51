"""Prints the tables `_PAIRS` and `_MIDDLE` of `seqfer/geometry/pose.py`: the average face that head pose is measured against.

    python tools/average_face_shape.py fer2013.csv.gz

Meshes of 2,600 pictures of FER2013's Training part (drawn with seed 0), of which about 2,170 have a presence above 0.9, enlarged to 192 pixels. They
are brought onto their mean by rotation, scale and shift, made symmetric, averaged, and so on ten times; then the mean is turned about the axis
through the ears until the median pitch of the pictures is 0, and scaled so that the outer corners of the eyes are 1 apart.
"""

from __future__ import annotations

import argparse
import csv
import gzip
from pathlib import Path

import cv2
import numpy as np

from seqfer.core.records import Detection
from seqfer.geometry import pose
from seqfer.geometry.mesh import SIDE_PX, mesh_crop, open_mesh

PICTURES, TRAINING, PRESENT = 2600, 28709, 0.9
ROUNDS = 10
MIDDLE, PAIRS = [point for point, *_ in pose._MIDDLE], [pair[:2] for pair in pose._PAIRS]


def training_meshes(path: Path) -> np.ndarray:
    """Meshes (face 478 3) of some pictures of the Training part. A FER2013 picture is the square that `seqfer.tracks.crops` cuts."""
    rng, reader, found = np.random.default_rng(0), open_mesh(), []
    csv.field_size_limit(1 << 22)
    whole = Detection((0.0, 0.0, SIDE_PX / 1.038, SIDE_PX / 1.038), 1.0)  # whose square has the picture's side
    with gzip.open(path, "rt") as file:
        for row in csv.DictReader(file):
            if row["Usage"] != "Training" or rng.random() > PICTURES / TRAINING:
                continue
            grey = np.array(row["pixels"].split(), np.uint8).reshape(48, 48)
            large = cv2.resize(grey, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_CUBIC)
            border = round(0.5 * SIDE_PX * (1 - 1 / 1.038))
            shifted = cv2.warpAffine(
                large, np.float32([[1, 0, -border], [0, 1, -border]]), (SIDE_PX, SIDE_PX), borderMode=1
            )
            landmarks, presence = reader.read([mesh_crop(cv2.cvtColor(shifted, cv2.COLOR_GRAY2RGB), whole)])
            if presence[0] > PRESENT:
                found.append(landmarks[0])
    return np.array(found, np.float64)


def mean_shape(points: np.ndarray) -> np.ndarray:
    """The symmetric mean (point 3) of the rigid points (face point 3), around 0."""
    count = len(MIDDLE)
    mirror = [*range(count), *range(count + len(PAIRS), len(pose.RIGID)), *range(count, count + len(PAIRS))]
    points = points - points.mean(axis=1, keepdims=True)
    mean = points[0]
    for _ in range(ROUNDS):
        rotations = pose.fitted_rotations(points, mean)
        scales = (points * (mean @ rotations.transpose(0, 2, 1))).sum((1, 2)) / (mean**2).sum()
        aligned = (points @ rotations / scales[:, None, None]).mean(axis=0)
        mean = (aligned + aligned[mirror] * (-1, 1, 1)) / 2
        mean = mean / np.linalg.norm(mean[count] - mean[count + len(PAIRS)])
    return mean - mean.mean(axis=0)


def without_pitch(mean: np.ndarray, meshes: np.ndarray) -> np.ndarray:
    """The mean turned so that the median pitch of the meshes is 0."""
    for _ in range(5):
        pose.AVERAGE = mean
        pitch = np.radians(np.median(pose.pose_angles(pose.head_rotations(meshes))[:, 1]))
        cos, sin = np.cos(pitch), np.sin(pitch)
        mean = mean @ np.array([[1, 0, 0], [0, cos, -sin], [0, sin, cos]])
    return mean


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fer2013", type=Path)
    meshes = training_meshes(parser.parse_args().fer2013)
    mean = without_pitch(mean_shape(meshes[:, list(pose.RIGID)]), meshes)
    print(f"{len(meshes)} meshes\n_PAIRS")
    for (left, right), place in zip(PAIRS, mean[-len(PAIRS) :], strict=True):
        print(f"    ({left}, {right}, {', '.join(f'{value:.3f}' for value in place)}),")
    print("_MIDDLE")
    for point, place in zip(MIDDLE, mean, strict=False):
        print(f"    ({point}, {place[1]:.3f}, {place[2]:.3f}),")


if __name__ == "__main__":
    main()
