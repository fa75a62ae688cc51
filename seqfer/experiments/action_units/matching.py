"""Matches labelled videos with annotated ones by their names, and labelled frames with rows by the numbers of the frames."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqfer.core.errors import InputError
from seqfer.experiments.action_units.labels import LabelledVideo
from seqfer.geometry.action_units import column_of

_NUMBER = re.compile(r"(\d+)\D*$")


@dataclass(frozen=True)
class EstimatedVideo:
    """The rows of an annotated video: numbers of the frames (row,), numbers of the faces (row,), -1 without one, the estimates (row,) of each action
    unit, NaN where there is none, and the file names (row,) of a folder's pictures, empty for other videos."""

    frames: NDArray[np.int64]
    faces: NDArray[np.int64]
    units: Mapping[int, NDArray[np.float64]]
    pictures: Sequence[str] = ()


@dataclass(frozen=True)
class MatchedVideo:
    """One labelled video, the name of its prediction, and the estimates (frame,) of its labelled frames for each action unit that both have."""

    labels: LabelledVideo
    prediction: str
    estimates: Mapping[int, NDArray[np.float64]]

    @property
    def matched(self) -> int:
        """How many labelled frames have an estimate."""
        values = list(self.estimates.values())
        return int((~np.isnan(values)).any(axis=0).sum()) if values else 0


def pair_names(videos: Sequence[str], predictions: Sequence[str]) -> dict[str, str]:
    """Labelled video -> prediction. A prediction belongs to the labelled video whose name is in its own, the longest of several:
    `LeftVideoSN001_comp` to `SN001`, `F001/T1` and `F001_T1` to `F001_T1`.

    Raises InputError where nothing matches, or two predictions belong to one video.
    """
    found: dict[str, str] = {}
    for prediction in predictions:
        owners = [video for video in videos if _contains(prediction, video)]
        if not owners:
            continue
        video = max(owners, key=len)
        if video in found:
            raise InputError(f"{found[video]} and {prediction} are both predictions of {video}; give one of them")
        found[video] = prediction
    if not found:
        raise InputError(
            f"no annotated video has the name of a labelled one; labelled is for example {videos[0]!r}, annotated {predictions[0]!r}"
        )
    return found


def match(labels: LabelledVideo, prediction: str, rows: EstimatedVideo, first_frame: int) -> MatchedVideo:
    """The estimates of the labelled frames: those of the face that is in most of them. Frames without a row or a face get NaN.

    The labels count the frames from `first_frame` on; of a folder's pictures the number at the end of the file name is the frame.
    """
    numbers = _picture_numbers(rows.pictures) if rows.pictures else rows.frames + first_frame
    labelled = np.isin(numbers, labels.frames) & (rows.faces >= 0)
    face = Counter(rows.faces[labelled].tolist()).most_common(1)
    chosen = np.flatnonzero(labelled & (rows.faces == face[0][0])) if face else np.zeros(0, np.int64)
    places = np.searchsorted(labels.frames, numbers[chosen])
    estimates = {}
    for unit in labels.units:
        if unit in rows.units:
            values = np.full(len(labels.frames), np.nan)
            values[places] = rows.units[unit][chosen]
            estimates[unit] = values
    return MatchedVideo(labels, prediction, estimates)


def check_matched(videos: Sequence[MatchedVideo]) -> None:
    """Raises InputError where no labelled frame has an estimate, or the matched frames are of fewer than two people."""
    if not any(video.estimates for video in videos):
        units = sorted({unit for video in videos for unit in video.labels.units})
        raise InputError(
            f"{videos[0].prediction}: its rows have no estimate of a labelled action unit ({column_of(units[0])}, ...); annotate with --geometry"
        )
    people = {video.labels.person for video in videos if video.matched}
    if not people:
        raise InputError(
            f"no labelled frame of {videos[0].labels.name} or of another video has an estimate; check --first-frame"
        )
    if len(people) < 2:
        raise InputError(
            f"labels with estimates are of one person ({min(people)}); scaling and thresholds are fitted on other people, so give two or more"
        )


def _contains(prediction: str, video: str) -> bool:
    """Whether a prediction has a video's name in it, not followed by another digit: `SN001` is in `LeftVideoSN001_comp`, `T1` not in `T10`."""
    text, name = (part.replace("/", "_").lower() for part in (prediction, video))
    return re.search(rf"(?<!\d){re.escape(name)}(?!\d)", text) is not None


def _picture_numbers(pictures: Sequence[str]) -> NDArray[np.int64]:
    """The number at the end of each picture's name, -1 where it has none."""
    found = [_NUMBER.search(name.rpartition(".")[0] or name) for name in pictures]
    return np.array([int(number[1][-18:]) if number else -1 for number in found], np.int64)
