"""What the caller of a trace reader asks for and knows of the video. Imports no NumPy, so that `--help` is fast."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Annotated

from seqfer.core.settings import Allowed

AUTO = "auto"
SECONDS_PER_UNIT = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "min": 60.0}
_FRAMES = re.compile(r"(\d{1,4}(?:\.\d{1,6})?)fps", re.ASCII)
TIME_UNIT_HELP = (
    "unit of the times in tables of ratings: s, ms, us, ns, min, or 25fps for frame numbers at 25 per second; "
    "auto: by the column's name and the video's length"
)


def seconds_per_unit(time_unit: str) -> float:
    """Seconds per `s`, `ms`, `us`, `ns`, `min`, or per frame for `25fps`; NaN for `auto` and for anything else."""
    frames = _FRAMES.fullmatch(time_unit)
    if frames is None:
        return SECONDS_PER_UNIT.get(time_unit, math.nan)
    return 1.0 / float(frames[1]) if float(frames[1]) > 0 else math.nan


TimeUnit = Annotated[
    str,
    Allowed(
        "auto, s, ms, us, ns, min, or a frame rate such as 25fps",
        lambda unit: unit == AUTO or not math.isnan(seconds_per_unit(unit)),
    ),
]


@dataclass(frozen=True)
class Video:
    """What is known of the rated video: its file name ("" where unknown), its length in seconds and its frames per second (NaN where unknown)."""

    name: str = ""
    length_s: float = math.nan
    frame_rate_hz: float = math.nan


@dataclass(frozen=True)
class Request:
    """`axis` names what is valence, `value_range` is that of the values in files that do not state one, `time_unit` is that of the times of tables
    (one of `TimeUnit`); None and `auto` where the file decides. `video` is the rated video."""

    axis: str | None = None
    value_range: tuple[float, float] | None = None
    time_unit: str = AUTO
    video: Video = field(default_factory=Video)
