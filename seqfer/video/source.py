"""What a film is to the rest of seqfer: frames with times, from wherever they come."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType

from seqfer.core.errors import SettingsError
from seqfer.video.picture import VideoFrame


@dataclass(frozen=True)
class SourceInfo:
    """What is known before the frames are read.

    `width` and `height` are those of the first frame as shown. `rotation_deg` is the clockwise turn from the stored to the shown picture.
    `container_frames` is what a header promises, None where it is silent; `duration_s` and `frame_rate_hz` are NaN where nobody says.
    `clock_s` is the step of the clock that the times are written in. `zero_s` is the time that players show as 0:00: a transport stream's
    clock starts anywhere, and players take its start away; MP4, Matroska and AVI have a 0:00 of their own.
    """

    name: str
    kind: str  # "file", "folder" or "camera"
    width: int
    height: int
    container_frames: int | None
    duration_s: float
    frame_rate_hz: float
    rotation_deg: int = 0
    has_sound: bool = False
    clock_s: float = 1e-6
    zero_s: float = 0.0


class Source(ABC):
    """A film. `decoded` counts the frames read in the last walk, `times_filled` those without a time of their own, `damaged` the packets
    and frames that the decoder complained of; `problem` says why a walk ended before the film's end, in one line, or is None. `first_s` and
    `last_s` are the times of the first and the last frame read, NaN where there was none.

    Damage is no exception: all frames that can be had are delivered.
    """

    info: SourceInfo

    def __init__(self) -> None:
        self._reset()

    def __enter__(self) -> Source:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of whatever is held. A film that was only read needs nothing."""
        return

    def abandon(self) -> None:
        """Let the frames end at the next one, shown or not, for a thread that reads them and is not wanted any more."""
        self._abandoned = True

    def _reset(self) -> None:
        self._abandoned = False
        self.decoded, self.times_filled, self.damaged = 0, 0, 0
        self.problem: str | None = None
        self.first_s = self.last_s = math.nan

    @abstractmethod
    def _walk(self) -> Iterator[VideoFrame]:
        """Every frame from the first on; counts `decoded`, and sets `problem` when it ends before its time."""

    def frames(
        self, start_s: float | None = None, end_s: float | None = None, fps: float | None = None
    ) -> Iterator[VideoFrame]:
        """Frames in order with start_s <= time_s < end_s; `fps` keeps the first one at or after each tick k / fps of the film's clock.

        Indices count from the film's first frame whatever is left out. Raises SettingsError for a span or rate that holds no frame
        by its nature, InputError where a picture cannot be read at all.
        """
        _check_span(start_s, end_s, fps)
        return self._chosen(start_s, end_s, fps)

    def _chosen(self, start_s: float | None, end_s: float | None, fps: float | None) -> Iterator[VideoFrame]:
        self._reset()
        slack_s = max(1e-6, 0.51 * self.info.clock_s)  # Matroska rounds 1/30 s to 33 ms: that frame is at its tick
        tick, last_s = -math.inf, -math.inf
        for frame in self._walk():
            if self._abandoned:
                return
            time_s = self.last_s = frame.time_s
            self.first_s = time_s if math.isnan(self.first_s) else self.first_s
            if start_s is not None and time_s < start_s - slack_s:
                continue
            if end_s is not None and time_s >= end_s - slack_s:
                return
            if fps is not None:
                if time_s < last_s:  # a clock that was set back, as in films joined end to end
                    tick = -math.inf
                last_s = time_s
                if (time_s + slack_s) * fps < tick:
                    continue
                tick = math.floor((time_s + slack_s) * fps) + 1
            yield frame


def shown_name(name: str) -> str:
    """A file's name as text that every file can hold; names need not be any."""
    return name.encode("utf-8", "replace").decode()


def _check_span(start_s: float | None, end_s: float | None, fps: float | None) -> None:
    for name, value in (("start", start_s), ("end", end_s), ("fps", fps)):
        if value is not None and not math.isfinite(value):
            raise SettingsError(f"{name} is {value}; it must be a finite number")
    if end_s is not None and end_s <= (0.0 if start_s is None else start_s):
        raise SettingsError(f"end is {end_s:g} s, start is {start_s or 0:g} s; the end must be after the start")
    if fps is not None and fps <= 0:
        raise SettingsError(f"fps is {fps:g}; it must be above 0 (frames per second to keep)")
