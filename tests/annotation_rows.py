"""Rows of made-up films for the tests of seqfer.film.output."""

from __future__ import annotations

import math

from seqfer.core.records import FaceRow

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
