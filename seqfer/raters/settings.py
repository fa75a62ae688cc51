"""Settings of `seqfer evaluate-trace` and `seqfer calibrate-valence`. Imports no NumPy, so that their `--help` is fast."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from seqfer.core import registry
from seqfer.core.numbers import decimal_number
from seqfer.core.settings import Allowed, Field, PathText, settings
from seqfer.traces.request import AUTO, TIME_UNIT_HELP, TimeUnit

FORMATS = "raters.formats"  # the plug-ins that write files for other programs
FORMAT_NAMES = registry.names(FORMATS)
FormatName = Annotated[str, Allowed(", ".join(FORMAT_NAMES), lambda name: name in FORMAT_NAMES)]
NONE = "none"
JOINED = -1  # in place of a face's number: all faces as one person


def _is_number(text: str, low: float) -> bool:
    """Whether a text is a finite number above `low`."""
    value = decimal_number(text)
    return value is not None and low < value


def _number_as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


_LAG = Allowed(
    "none, estimate, or a number of seconds",
    lambda text: text in ("none", "estimate") or _is_number(text, -math.inf),
    _number_as_text,
)
_SMOOTH = Allowed(
    "none, auto, or a number of seconds above 0",
    lambda text: text in (NONE, AUTO) or _is_number(text, 0.0),
    _number_as_text,
)
_FACE = Allowed(
    "0 (the one with the most seconds) or more, or joined",
    lambda n: n >= JOINED,
    lambda n: JOINED if n == "joined" else n,
)


@settings(frozen=True)
class TraceSettings:
    """How predicted and annotated traces are read, aligned and fused."""

    rate_hz: float = Field(default=1.0, gt=0, le=1000, description="bins per second")
    fusion: Literal["mean", "ewe"] = Field(
        default="mean", description="how several raters are fused: their mean, or weighted by their agreement (ewe)"
    )
    kind: str = Field(
        default="auto",
        description=f"format of the annotation files: {', '.join(registry.names('traces.readers'))}; auto: by their content",
    )
    axis: str = Field(
        default="",
        description="the axis, column or tier of the annotation that is valence; several raters as names and patterns: 'ann,rater*'",
    )
    value_range: tuple[float, float] | None = Field(
        default=None,
        description="lowest and highest value of annotations whose files do not state it, as in --value-range=-100,100 (default: -1,1)",
    )
    time_unit: TimeUnit = Field(default=AUTO, description=TIME_UNIT_HELP)
    prediction_axis: str = Field(default="", description="the column of a prediction that has several")
    face: Annotated[int, _FACE] = Field(default=0, description="the face to compare; joined: all faces as one person")
    lag: Annotated[str, _LAG] = Field(
        default="none", description="the raters' delay to remove; it is estimated and reported in any case"
    )
    lag_per: Literal["rater", "pooled"] = Field(
        default="rater", description="estimate a delay for each rater, or one for all of them"
    )
    max_lag_s: float = Field(default=6.0, gt=0, description="search delays up to this many seconds")
    smooth: Annotated[str, _SMOOTH] = Field(
        default=NONE,
        description="also compare the prediction averaged with a Gaussian of this standard deviation in seconds; auto: chosen on the other videos",
    )
    people: PathText = Field(
        default="",
        description="a CSV with the columns film,person: the other videos are those of other people; empty: every video is a person of its own",
    )
    every_s: float = Field(
        default=0.0, ge=0, description="also compare one value every so many seconds (2 in liu2020); 0: off"
    )
    level: float = Field(default=0.95, gt=0, lt=1, description="confidence level of the intervals")
    seed: int = Field(default=0, ge=0, description="seed of all random numbers")
    any_film: bool = Field(default=False, description="compare even where the files name different videos")

    def fixed_lag_s(self) -> float | None:
        """The delay in seconds that was given; None for "none" and "estimate"."""
        return None if self.lag in ("none", "estimate") else float(self.lag)

    def fixed_smooth_s(self) -> float | None:
        """The standard deviation in seconds that was given; None for "none" and "auto"."""
        return None if self.smooth in (NONE, AUTO) else float(self.smooth)


@settings(frozen=True)
class EvaluateTraceSettings(TraceSettings):
    """`seqfer evaluate-trace`."""

    formats: tuple[FormatName, ...] = Field(
        default=(), description="also write the fused raters as files that other tools open, into the folder traces"
    )


@settings(frozen=True)
class CalibrateSettings(TraceSettings):
    """`seqfer calibrate-valence`."""

    map: Literal["affine", "monotone"] = Field(
        default="affine", description="the map from predicted to rated valence: a line, or an increasing curve"
    )
    folds: Annotated[int, Allowed("0 (one per video), or 2 or more", lambda n: n == 0 or n >= 2)] = Field(
        default=0, description="folds of videos in the cross-validation"
    )


TRACE_OPTIONS = (
    "rate_hz",
    "fusion",
    "axis",
    "kind",
    "value_range",
    "time_unit",
    "prediction_axis",
    "face",
    "lag",
    "lag_per",
    "max_lag_s",
    "smooth",
    "people",
    "seed",
    "any_film",
)  # options that both commands have
