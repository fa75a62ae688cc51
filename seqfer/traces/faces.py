"""The trace of one face of an annotated video, from the columns of its tables."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from seqfer.traces.request import Video
from seqfer.traces.scaling import UNIT
from seqfer.traces.trace import Trace, rate_of


def face_trace(
    face: int,
    times_s: ArrayLike,
    values: ArrayLike,
    video: Video,
    *,
    zero_s: float = 0.0,
    seconds: bool = False,
    source: str = "",
) -> Trace:
    """The trace `face N`: values (n,) in [-1, 1] at times (n,), or with `seconds` means over the second that begins there.

    `zero_s` is the time of the container that a player shows as 0:00. Rows need not be in order of time: in damaged videos timestamps may
    decrease. Raises InputError as `Trace`.
    """
    start = np.asarray(times_s, dtype=np.float64) - zero_s
    order = np.argsort(start, kind="stable")
    start, rated = start[order], np.asarray(values, dtype=np.float64)[order]
    trace = Trace(
        f"face {face}", start, start + 1.0 if seconds else start, rated, video.name, rate_of(start), UNIT, source
    )
    return replace(trace, length_s=video.length_s, frame_rate_hz=video.frame_rate_hz)
