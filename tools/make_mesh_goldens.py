"""Writes tests/golden/face_mesh.json: what the publishers' own program finds in drawn faces, for the test of the converted mesh.

    python3.11 -m venv mesh && mesh/bin/pip install mediapipe==0.10.21 filelock av pydantic einops
    PYTHONPATH=. mesh/bin/python tools/make_mesh_goldens.py

The environment is one of its own, because mediapipe needs an older NumPy; of seqfer only the drawing is used. Per face: the square that the program
read, as its centre, side (pixels) and rotation (radians), and the 478 points in pixels.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from seqfer import posed

OUT = Path(__file__).resolve().parent.parent / "tests" / "golden" / "face_mesh.json"
SIDE_PX = 400
FACES = {  # person: action units and pose
    3: ({}, (0.0, 0.0, 0.0, 0.0, 0.0, 1.0)),
    11: ({12: 0.9, 25: 0.6, 6: 0.5}, (18.0, -6.0, 12.0, 0.0, 0.0, 1.0)),
    21: ({26: 0.9, 1: 0.8, 2: 0.8}, (-15.0, 8.0, -20.0, 0.0, 0.0, 1.0)),
}
GRAPH = "mediapipe/modules/face_landmark/face_landmark_front_cpu.binarypb"


def drawn_face(person: int) -> np.ndarray:
    """One of FACES, uint8 (400 400 3) RGB."""
    units, pose = FACES[person]
    return posed.render(posed.sample_person(person), units, pose, SIDE_PX, framing="shoulders")


def main() -> None:
    """Run the program on all faces."""
    from mediapipe.python.solution_base import SolutionBase

    program = SolutionBase(
        binary_graph_path=GRAPH,
        side_inputs={"num_faces": 1, "with_attention": True, "use_prev_landmarks": False},
        outputs=["multi_face_landmarks", "face_rects_from_detections"],
    )
    rows = []
    for person in FACES:
        found = program.process(drawn_face(person))
        (square,), (mesh,) = found.face_rects_from_detections, found.multi_face_landmarks
        points = np.array([[point.x, point.y, point.z] for point in mesh.landmark]) * SIDE_PX
        place = [square.x_center * SIDE_PX, square.y_center * SIDE_PX, square.width * SIDE_PX, square.rotation]
        rows.append({"person": person, "square": place, "landmarks": points.round(2).tolist()})
    OUT.write_text(json.dumps(rows, separators=(",", ":")).replace('{"person', '\n{"person') + "\n")


if __name__ == "__main__":
    main()
