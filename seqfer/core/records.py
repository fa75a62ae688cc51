"""The records that modules pass to each other: frozen dataclasses, checked when they are made and not checked again."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from seqfer.core.emotions import EMOTIONS
from seqfer.core.errors import InputError

if TYPE_CHECKING:
    import numpy as np

FARTHEST_PX = 1e7  # of a box from the picture's corner


@dataclass(frozen=True)
class Clip:
    """One labelled sequence of face frames of one person (a still image is a clip of one frame).

    `frames` are references in time order: the path of an image, or `file#index` for frame `index` of a video or of a stack of faces
    in a `.npy` file of shape (frame, height, width) uint8. `boxes_xyxy_px` (one per frame) says where the face is in the picture;
    None means that the picture is the face. `valence` has one value in [-1, 1] per frame where the corpus knows it. `votes` are rater
    votes over `EMOTIONS`, where the corpus has them. `attributes` are free key-value texts for tables by group ("glasses": "yes").
    """

    clip: str
    person: str
    label: str | None
    frames: tuple[str, ...]
    corpus: str
    split: str | None = None
    boxes_xyxy_px: tuple[tuple[float, float, float, float], ...] | None = None
    valence: tuple[float, ...] | None = None
    votes: tuple[float, ...] | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.clip or not self.person:
            raise InputError(f"a clip needs a name and a person; got clip {self.clip!r}, person {self.person!r}")
        if not self.frames:
            raise InputError(f"clip {self.clip}: no frames; a clip needs at least one")
        if self.label is not None and self.label not in EMOTIONS:
            raise InputError(
                f"clip {self.clip}: label {self.label!r} is not in the vocabulary; allowed: {', '.join(EMOTIONS)}"
            )
        for name, values in (("boxes_xyxy_px", self.boxes_xyxy_px), ("valence", self.valence)):
            if values is not None and len(values) != len(self.frames):
                raise InputError(
                    f"clip {self.clip}: {len(values)} {name} for {len(self.frames)} frames; give one per frame"
                )
        for box in self.boxes_xyxy_px or ():
            _check_box(f"clip {self.clip}", box)
        for value in self.valence or ():
            if not -1.0 <= value <= 1.0:
                raise InputError(f"clip {self.clip}: valence {value} is outside [-1, 1]")
        if self.votes is not None and (
            len(self.votes) != len(EMOTIONS) or not all(0 <= vote < math.inf for vote in self.votes)
        ):
            raise InputError(
                f"clip {self.clip}: votes must be {len(EMOTIONS)} numbers >= 0, one per emotion; got {self.votes}"
            )


def _check_box(what: str, box: Sequence[float]) -> None:
    if len(box) != 4 or not all(abs(v) <= FARTHEST_PX for v in box) or box[2] <= box[0] or box[3] <= box[1]:
        raise InputError(f"{what}: box {box} is not x1 y1 x2 y2 in pixels with x1 < x2 and y1 < y2")


@dataclass(frozen=True)
class Detection:
    """One face a detector found in one picture, in that picture's pixels; it may reach over the picture's edge.

    `landmarks_xy_px` are five points, named by the person's own sides: right eye, left eye, nose tip, right mouth corner, left mouth
    corner; None where the detector has none. `score` is in [0, 1], comparable within one detector only.
    """

    box_xyxy_px: tuple[float, float, float, float]
    score: float
    landmarks_xy_px: tuple[tuple[float, float], ...] | None = None

    def __post_init__(self) -> None:
        _check_box("detection", self.box_xyxy_px)
        if self.landmarks_xy_px is not None and len(self.landmarks_xy_px) != 5:
            raise InputError(f"detection: {len(self.landmarks_xy_px)} landmarks; give five, or None")


@dataclass(frozen=True)
class TrackedFace:
    """One face on one frame with the number of its track: `face` counts the tracks from 1.

    On a frame without detection, box and landmarks are interpolated between the frames with detection around it and `score` is NaN.
    """

    face: int
    box_xyxy_px: tuple[float, float, float, float]
    score: float
    landmarks_xy_px: tuple[tuple[float, float], ...] | None = None

    def __post_init__(self) -> None:
        _check_box(f"face {self.face}", self.box_xyxy_px)


@dataclass(frozen=True, eq=False)
class FaceGeometry:
    """The geometry of one face on one frame: `measures` in the order of `seqfer.geometry.reader.GeometryReader.columns`, NaN where unknown.

    `landmarks` are the mesh, float16 (478 3), as x, y and z from the centre of the face's box in widths of the box; NaN without a mesh, None where
    they were not read.
    """

    measures: tuple[float, ...]
    landmarks: np.ndarray | None = None


@dataclass(frozen=True)
class FaceRow:
    """One row of an annotated video: an analysed frame and one face on it, or no face (`face` None, everything else None or NaN).

    `frame` counts the decoded frames from 0, `time_s` is the container's timestamp, `shot` counts the camera shots from 1.
    `probabilities` are in the order of the model's classes and sum to 1; `valence` is in [-1, 1], NaN where it was not requested, and
    `geometry` None.
    """

    frame: int
    time_s: float
    shot: int
    face: int | None = None
    box_xyxy_px: tuple[float, float, float, float] | None = None
    score: float = math.nan
    probabilities: tuple[float, ...] | None = None
    valence: float = math.nan
    geometry: FaceGeometry | None = None


@dataclass(frozen=True)
class Fold:
    """One person-disjoint train / validation / test split. A person in two parts of the split is an InputError."""

    index: int
    train: frozenset[str]
    validation: frozenset[str]
    test: frozenset[str]

    def __post_init__(self) -> None:
        for a, b in (("train", "validation"), ("train", "test"), ("validation", "test")):
            both = getattr(self, a) & getattr(self, b)
            if both:
                raise InputError(
                    f"fold {self.index}: person {min(both)} is in {a} and in {b}; each person may be in one part only"
                )
        if not self.train or not self.test:
            raise InputError(f"fold {self.index}: train and test need at least one person each")
