"""Settings of `seqfer rate`, of the table [rating] of a study file, and of the report of a study. Imports no NumPy, so that `--help` is fast."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from seqfer.core.errors import SettingsError
from seqfer.core.settings import Allowed, Field, PathText, settings
from seqfer.raters.settings import EvaluateTraceSettings

AXIS_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,30}")
LONGEST_TEXT = 80
_TAKEN = ("time_s", "end_s")  # the other columns of the files

AxisName = Annotated[
    str,
    Allowed("a letter, then letters, digits and _", lambda t: bool(AXIS_NAME.fullmatch(t)) and t not in _TAKEN),
]
ShortText = Annotated[str, Allowed(f"at most {LONGEST_TEXT} characters", lambda text: len(text) <= LONGEST_TEXT)]


@settings(frozen=True)
class RatingSettings:
    """How raters rate: the axes, the scale, the sampling, and the course of a session."""

    axes: tuple[AxisName, ...] = Field(
        default=("valence",), description="one axis, or two that are rated at once in a plane (the second one upwards)"
    )
    mode: Literal["bounded", "unbounded"] = Field(
        default="bounded",
        description="bounded: the position on the scale is the value, as in CARMA; unbounded: relative changes without ends, as in RankTrace",
    )
    sample_hz: float = Field(default=20.0, ge=10, le=60, description="samples per second of video time")
    low_labels: tuple[ShortText, ...] = Field(
        default=(), description="text at the low end of each axis (default: very negative, very low)"
    )
    high_labels: tuple[ShortText, ...] = Field(
        default=(), description="text at the high end of each axis (default: very positive, very high)"
    )
    order: Literal["fixed", "random", "latin_square"] = Field(
        default="fixed",
        description="order of the videos: as given, random for each rater, or each video equally often at each place (latin_square)",
    )
    seed: int = Field(default=0, ge=0, description="of the random orders")
    countdown_s: int = Field(default=3, ge=0, le=10, description="seconds counted down before a video starts")
    break_s: float = Field(default=5.0, ge=0, le=3600, description="shortest break between two videos in seconds")
    sound: bool = Field(default=True, description="play the videos' sound")
    raters: tuple[ShortText, ...] = Field(
        default=(),
        description="the raters' names; each gets a link of his own, and nobody else can rate (default: any name)",
    )
    practice: PathText = Field(default="", description="a video to practise with, whose ratings are not kept")
    instructions: PathText = Field(default="", description="a Markdown file shown before the first video")
    language: str = Field(default="en", description="language of the pages: en, de, or a TOML file of texts")

    def __post_init__(self) -> None:
        """Raises SettingsError for no axis, more than two, equal ones, and for labels that do not fit the axes."""
        if len(self.axes) not in (1, 2) or len(set(self.axes)) != len(self.axes):
            raise SettingsError(f"axes: {', '.join(self.axes) or 'none'}; give one axis, or two different ones")
        for name in ("low_labels", "high_labels"):
            count = len(getattr(self, name))
            if count not in (0, len(self.axes)):
                raise SettingsError(f"{name}: {count} texts for {len(self.axes)} axes; give one for each axis, or none")

    @property
    def labels(self) -> tuple[tuple[str, str], ...]:
        """(low, high) of each axis. Valence has its own default texts."""
        usual = [
            ("very negative", "very positive") if axis == "valence" else ("very low", "very high") for axis in self.axes
        ]
        low = self.low_labels or tuple(pair[0] for pair in usual)
        high = self.high_labels or tuple(pair[1] for pair in usual)
        return tuple(zip(low, high))


@settings(frozen=True)
class StudyReportSettings(EvaluateTraceSettings):
    """How the report of a study compares model and raters, and participants over the time of a stimulus."""

    window_s: float = Field(
        default=10.0,
        gt=0,
        description="seconds of the sliding window in which participants are correlated; 3 bins at least",
    )
    groups: tuple[str, ...] = Field(
        default=(), description="two groups of participants to compare (default: those of the study, if it has two)"
    )
    cluster_alpha: float = Field(
        default=0.05, gt=0, lt=1, description="two-sided threshold of single moments in the comparison of groups"
    )
    permutations: int = Field(
        default=5000,
        ge=1,
        le=10_000_000,
        description="divisions of the participants to draw; all of them where there are no more",
    )

    def __post_init__(self) -> None:
        """Raises SettingsError for another number of groups than two, and a window of fewer than 3 bins."""
        if self.groups and len(set(self.groups)) != 2:
            raise SettingsError(f"groups: {', '.join(self.groups)}; give two different groups of the study, or none")
        if self.window_s * self.rate_hz < 3:
            raise SettingsError(
                f"window_s: {self.window_s:g} s are fewer than 3 bins at {self.rate_hz:g} Hz; give more"
            )
