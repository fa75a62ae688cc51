"""Rows of made-up films for the tests of seqfer.film.output."""

from __future__ import annotations

import math
import random

from seqfer.core.records import FaceRow
from seqfer.film.output.tables import Columns, RowTables

CLASSES = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")


def shares(emotion, share=0.7):
    """Probabilities with this emotion on top."""
    rest = (1 - share) / (len(CLASSES) - 1)
    return tuple(share if name == emotion else rest for name in CLASSES)


def face_row(
    frame, time_s, face=1, emotion="neutral", valence=math.nan, shot=1, box=(10.0, 20.0, 50.0, 80.0), score=0.9
):
    return FaceRow(frame, time_s, shot, face, box, score, shares(emotion), valence)


def film(emotions, rate_hz=25.0, start_s=0.0, face=1, valence=0.25):
    """One face; `emotions` has one name per frame, "" for a frame without a face."""
    times = [start_s + frame / rate_hz for frame in range(len(emotions))]
    return [
        face_row(frame, time_s, face, emotion, valence) if emotion else FaceRow(frame, time_s, 1)
        for frame, (time_s, emotion) in enumerate(zip(times, emotions))
    ]


def random_rows(frames, seed=0):
    """Rows of a film in which faces come and go, with whatever a row may hold."""
    rng = random.Random(seed)
    for frame in range(frames):
        faces = rng.sample(range(1, 5), rng.randrange(3))
        for face in sorted(faces):
            raw = [rng.random() for _ in CLASSES]
            box = (rng.uniform(-5, 0), rng.uniform(-5, 0), rng.uniform(1, 900), rng.uniform(1, 900))
            yield FaceRow(
                frame,
                frame * 1001 / 30000,
                1 + frame // 50,
                face,
                box,
                rng.choice([math.nan, rng.random()]),
                tuple(v / sum(raw) for v in raw),
                rng.choice([math.nan, rng.uniform(-1, 1), -1e-9]),
            )
        if not faces:
            yield FaceRow(frame, frame * 1001 / 30000, 1 + frame // 50)


def write(folder, rows, **options):
    """Write the tables of these rows; returns their counts."""
    with RowTables(folder, Columns(CLASSES, **options)) as made:
        for row in rows:
            made.write(row)
    return made.counts
