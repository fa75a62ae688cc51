"""Annotations with given faces, for tests of how they are shown."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from video_summary import video_summary

from seqfer.results.annotation import Annotation


def annotation(
    seen: Sequence[tuple[float, int | None]],
    *,
    short: Collection[int] = (),
    valence: bool = True,
    name: str = "a.mp4",
    kind: str = "file",
) -> Annotation:
    """(time_s, face or None) of each frame; random probabilities, the emotion of every face is happiness."""
    random = np.random.default_rng(0)
    summary = video_summary(analysed=len(seen))
    summary = replace(summary, film=replace(summary.film, name=name, kind=kind))
    classes = list(summary.model.classes)
    rows: list[dict[str, Any]] = []
    for number, (time_s, face) in enumerate(seen):
        made: Any = random.dirichlet(np.ones(len(classes))) if face is not None else [np.nan] * len(classes)
        value = float(random.uniform(-1, 1)) if face is not None else np.nan
        rows.append({"frame": number, "time_s": time_s, "face": face, **dict(zip(classes, made)), "valence": value})
    frames = pd.DataFrame(rows).astype({"face": "Int64"})
    tracks = pd.DataFrame(
        [
            {
                "face": face,
                "start_s": own["time_s"].min(),
                "end_s": own["time_s"].max(),
                "frames": len(own),
                "emotion": "happiness",
                "mean_happiness": 0.456,
                "mean_valence": 0.25,
                "short": face in short,
            }
            for face, own in frames.groupby("face")
        ],
        columns=["face", "start_s", "end_s", "frames", "emotion", "mean_happiness", "mean_valence", "short"],
    )
    if not valence:
        frames, tracks = frames.drop(columns="valence"), tracks.drop(columns="mean_valence")
    return Annotation(frames, tracks, frames if valence else None, summary, "<!DOCTYPE html>")
