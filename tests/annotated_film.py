"""Rows of one annotated video with known emotions and valence, for the tests of its page."""

from __future__ import annotations

from seqfer.core.emotions import CLASS_LISTS
from seqfer.core.records import FaceRow
from seqfer.report.annotate_bins import Film

CLASSES = CLASS_LISTS["seven"]


BOX = (10.0, 10.0, 50.0, 60.0)


def leaning(emotion: str, share: float = 0.7) -> tuple[float, ...]:
    rest = (1 - share) / (len(CLASSES) - 1)
    return tuple(share if name == emotion else rest for name in CLASSES)


def row(frame: int, face: int | None = 1, emotion: str = "happiness", valence=0.5, rate=10.0, **changed) -> FaceRow:
    if face is None:
        return FaceRow(frame, frame / rate, 1)
    values = {"probabilities": leaning(emotion), "valence": valence} | changed
    return FaceRow(frame, frame / rate, 1, face, BOX, 0.9, **values)


def two_halves(frames: int = 200) -> list[FaceRow]:
    first = [row(k, emotion="sadness", valence=-0.4) for k in range(frames // 2)]
    return first + [row(k, valence=0.6) for k in range(frames // 2, frames)]


def film_of(rows) -> Film:
    film = Film()
    for one in rows:
        film.add(one)
    return film.finish()
