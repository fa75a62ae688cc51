"""The interface of a video source: frames with timestamps, from a file, a folder of pictures, a camera or memory."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from types import TracebackType

from seqfer.core.errors import SettingsError
from seqfer.video.picture import AS_STORED, VideoFrame, quarter_turn


@dataclass(frozen=True)
class SourceInfo:
    """What is known of a source before its frames are read.

    `width` and `height` are those of the first frame as shown. `rotation_deg` is the clockwise rotation from the stored to the shown picture, of
    which `turned_deg` were asked for by `Source.turn`. `container_frames` is the number in the header, None where it has none; `duration_s` and
    `frame_rate_hz` are NaN where they are not stated. `clock_s` is the resolution of the timestamps. `zero_s` is the time that players show as
    0:00: a transport stream's timestamps start anywhere, and players subtract the first one; MP4, Matroska and AVI timestamps start at 0:00.
    """

    name: str
    kind: str  # "file", "folder", "stills" (a folder without a rate), "camera" or "memory"
    width: int
    height: int
    container_frames: int | None
    duration_s: float
    frame_rate_hz: float
    rotation_deg: int = 0
    has_sound: bool = False
    clock_s: float = 1e-6
    zero_s: float = 0.0
    turned_deg: int = 0


class Source(ABC):
    """A video. `decoded` counts the frames read in the last pass, `times_filled` those without a timestamp, `damaged` the packets
    and frames with errors in decoding; `problem` says in one line why a pass ended before the video's end, or is None. `first_s` and
    `last_s` are the times of the first and the last frame read, NaN where there was none. `names` are the file names of a folder's pictures by
    frame number, empty for other sources.

    Damage raises no exception: all frames that can be decoded are delivered.
    """

    info: SourceInfo
    names: tuple[str, ...] = ()

    def __init__(self) -> None:
        self._added = AS_STORED
        self._reset()

    def __enter__(self) -> Source:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release what is open. A file that was only read needs nothing."""
        return

    @property
    def is_live(self) -> bool:
        """Whether it can be read only once, and its frames must be taken as they come."""
        return self.info.kind in ("camera", "memory")

    def abandon(self) -> None:
        """Let the frames end at the next one, shown or not, to stop a thread that reads them."""
        self._abandoned = True

    def _reset(self) -> None:
        self._abandoned = False
        self.decoded, self.times_filled, self.damaged = 0, 0, 0
        self.problem: str | None = None
        self.first_s = self.last_s = math.nan

    def turn(self, clockwise_deg: int) -> None:
        """Show every picture turned by 0, 90, 180 or 270 degrees after the container's rotation. Call it once, before any frame is read."""
        self._added, info = quarter_turn(clockwise_deg), self.info
        width, height = (info.height, info.width) if self._added.transposed else (info.width, info.height)
        rotation_deg = (info.rotation_deg + clockwise_deg) % 360
        self.info = replace(info, width=width, height=height, rotation_deg=rotation_deg, turned_deg=clockwise_deg)

    def samples(self, count: int, start_s: float = 0.0, end_s: float = math.inf) -> Iterator[VideoFrame]:
        """Up to `count` frames spread over a part of the video in seconds, read beside the pass over its frames. None of a source that can be read
        only once, or whose pictures do not belong together."""
        return iter(())

    @abstractmethod
    def _walk(self) -> Iterator[VideoFrame]:
        """Every frame from the first on; counts `decoded`, and sets `problem` when it ends too early."""

    def frames(
        self, start_s: float | None = None, end_s: float | None = None, fps: float | None = None
    ) -> Iterator[VideoFrame]:
        """Frames in order with start_s <= time_s < end_s; `fps` keeps the first one at or after each time k / fps.

        Indices count from the video's first frame, whichever frames are left out. Raises SettingsError for an empty span or a rate that is
        not above 0, InputError where a picture cannot be read at all.
        """
        _check_span(start_s, end_s, fps)
        return self._chosen(start_s, end_s, fps)

    def _chosen(self, start_s: float | None, end_s: float | None, fps: float | None) -> Iterator[VideoFrame]:
        self._reset()
        slack_s = max(1e-6, 0.51 * self.info.clock_s)  # Matroska rounds 1/30 s to 33 ms: that frame counts as on time
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
                if time_s < last_s:  # the timestamps go back, as in concatenated videos
                    tick = -math.inf
                last_s = time_s
                if (time_s + slack_s) * fps < tick:
                    continue
                tick = math.floor((time_s + slack_s) * fps) + 1
            if self._added != AS_STORED:
                frame.turn_further(self._added)
            yield frame


def spread_over(places: Sequence[int], count: int) -> list[int]:
    """Up to `count` of these places, spread evenly over them."""
    chosen = {int((number + 0.5) / count * len(places)) for number in range(count)} if places else set[int]()
    return [places[place] for place in sorted(chosen)]


def shown_name(name: str) -> str:
    """A file's name as valid Unicode text; file names need not be."""
    return name.encode("utf-8", "replace").decode()


def _check_span(start_s: float | None, end_s: float | None, fps: float | None) -> None:
    for name, value in (("start", start_s), ("end", end_s), ("fps", fps)):
        if value is not None and not math.isfinite(value):
            raise SettingsError(f"{name} is {value}; it must be a finite number")
    if end_s is not None and end_s <= (0.0 if start_s is None else start_s):
        raise SettingsError(f"end is {end_s:g} s, start is {start_s or 0:g} s; the end must be after the start")
    if fps is not None and fps <= 0:
        raise SettingsError(f"fps is {fps:g}; it must be above 0 (frames per second to keep)")
