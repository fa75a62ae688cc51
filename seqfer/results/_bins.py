"""A video's faces in bins of time, for small pictures of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from seqfer.results.annotation import Annotation


@dataclass(frozen=True)
class FaceTimeline:
    """One face over the bins of a video: `track` is its row of `tracks`; `means` (bin class) and `valence` (bin,) are NaN where it is not seen."""

    track: pd.Series
    means: np.ndarray
    valence: np.ndarray


@dataclass(frozen=True)
class Timelines:
    """`edges_s` (bin + 1,) are the times at which the bins begin and the last one ends; `faces` are those with the most frames, these first;
    `others` counts the faces left out."""

    edges_s: np.ndarray
    faces: list[FaceTimeline]
    others: int


def timelines(video: Annotation, faces: int, bins: int) -> Timelines:
    """At most so many `faces` and `bins`. Every bin has as many frames, so that none is empty whatever the times are. Short tracks are left out
    where there are others."""
    frames, tracks = video.frames, video.tracks
    times_s = frames.drop_duplicates("frame")["time_s"].to_numpy()
    count = max(1, min(bins, len(times_s)))
    first = np.arange(count) * len(times_s) // count
    step_s = float(np.median(np.diff(times_s))) if len(times_s) > 1 else 1.0
    edges_s = np.append(times_s[first], times_s[-1] + step_s)
    place = np.searchsorted(first, np.unique(frames["frame"], return_inverse=True)[1], side="right") - 1
    if "short" in tracks and not tracks["short"].all():
        tracks = tracks[~tracks["short"]]
    chosen = tracks.sort_values("frames", ascending=False, kind="stable").head(faces)
    columns = [*video.emotions, *(["valence"] if "valence" in frames else [])]
    made = []
    for _, track in chosen.iterrows():
        here = (frames["face"] == track["face"]).fillna(False).to_numpy()
        means = frames.loc[here, columns].groupby(place[here]).mean().reindex(range(count)).to_numpy(np.float64)
        valence = means[:, len(video.emotions)] if "valence" in frames else np.full(count, np.nan)
        made.append(FaceTimeline(track, means[:, : len(video.emotions)], valence))
    return Timelines(edges_s, made, len(tracks) - len(made))


def runs(seen: np.ndarray) -> list[tuple[int, int]]:
    """(first, end) of every interval of True in (bin,) bool."""
    change = np.flatnonzero(np.diff(np.concatenate([[False], seen, [False]])))
    return [(int(first), int(end)) for first, end in zip(change[::2], change[1::2], strict=True)]
