"""Reads video files, undamaged or damaged.

A video is decoded with frame threads on all cores first. These lose frames after an error and conceal gaps differently from run to
run, so at the first error the video is opened again with slice threads only, and reading continues at the same frame.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import av

from seqfer.video.decoding import Decoding
from seqfer.video.picture import Orientation, VideoFrame, orientation_of
from seqfer.video.reading import duration_and_rate, no_frames, opened, pixel_aspect
from seqfer.video.source import Source, SourceInfo, shown_name

MISSING_TOLERANCE_S = 0.5  # headers round; a video that is shorter than its header says by more than this is incomplete
USUAL_RATE_HZ = 25.0
LONGEST_READ_THROUGH_S = 10.0  # of a longer part, samples are key frames
FREE_CLOCKS = ("mpegts", "mpeg")  # FFmpeg's names of MPEG's transport and program streams


class FilmSource(Source):
    """A video file. Opening decodes the first frame, because only it has the size and orientation of the shown picture.

    Raises InputError for what is not a video with at least one frame.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        decoding = Decoding(path, "SLICE")
        with closing(decoding.frames()) as frames:
            first = next(frames, None)
            if first is None or decoding.opened is None:
                raise no_frames(path)
            self._angle_deg, self._turn = first.rotation, orientation_of(first)
            self._pixel_aspect = pixel_aspect(decoding.opened[1])
            self.info, self._container_duration_s = _described(
                path, VideoFrame(0, 0.0, first, self._turn, self._pixel_aspect), *decoding.opened
            )
        rate_hz = self.info.frame_rate_hz
        self._step_s = 1.0 / (rate_hz if rate_hz > 0 else USUAL_RATE_HZ)

    def samples(self, count: int, start_s: float = 0.0, end_s: float = math.inf) -> Iterator[VideoFrame]:
        """Up to `count` frames spread over a part of the video: of a long one key frames, of a short one any. None from where it cannot be read."""
        first_s = max(start_s, self.info.zero_s)
        last_s = min(
            end_s, first_s + self.info.duration_s if self.info.duration_s > 0 else first_s + LONGEST_READ_THROUGH_S
        )
        wanted = [first_s + (number + 0.5) / count * (last_s - first_s) for number in range(count)]
        seeks = last_s - first_s > LONGEST_READ_THROUGH_S
        try:
            with opened(self.path) as (container, stream):
                stream.thread_type = "AUTO"
                before_s = -math.inf
                for number, time_s in enumerate(wanted):
                    if seeks or number == 0:
                        container.seek(round(time_s * av.time_base))
                    for frame in container.decode(stream):
                        here_s = time_s if frame.time is None else float(frame.time)
                        if here_s > before_s and (seeks or here_s >= time_s):
                            yield VideoFrame(number, here_s, frame, self._turn, self._pixel_aspect)
                            before_s = here_s
                            break
                        if seeks:  # the same key frame again
                            break
        except av.FFmpegError:
            return

    def _walk(self) -> Iterator[VideoFrame]:
        last_s = math.nan
        for threads in ("AUTO", "SLICE"):
            decoding, seen = Decoding(self.path, threads), self.decoded
            for number, frame in enumerate(decoding.frames()):
                self.damaged = decoding.damaged
                if self._abandoned:
                    return
                if number < seen:
                    continue
                last_s = self._time_s(frame, last_s)
                self.decoded += 1
                yield VideoFrame(number, last_s, frame, self._read_orientation(frame), self._pixel_aspect)
            self.damaged = decoding.damaged
            if not (decoding.has_damage or decoding.is_truncated):
                break
        self.problem = self._missing_frames_message(decoding, last_s)

    def _read_orientation(self, frame: av.VideoFrame) -> Orientation:
        if frame.rotation != self._angle_deg:
            self._angle_deg, self._turn = frame.rotation, orientation_of(frame)
        return self._turn

    def _time_s(self, frame: av.VideoFrame, last_s: float) -> float:
        """The frame's timestamp; else the decoding timestamp of its packet; else one frame duration after the frame before it."""
        if frame.time is not None and math.isfinite(frame.time):
            return float(frame.time)
        if frame.dts is not None and frame.time_base:
            return float(frame.dts * frame.time_base)
        if frame.pts is not None and self.info.clock_s:  # a frame decoded from damaged packets may have no time base
            return float(frame.pts * self.info.clock_s)
        self.times_filled += 1
        return 0.0 if math.isnan(last_s) else last_s + self._step_s

    def _missing_frames_message(self, decoding: Decoding, last_s: float) -> str | None:
        reach_s = max(decoding.reach_s, last_s + self._step_s)
        slack_s = max(MISSING_TOLERANCE_S, 2 * self._step_s)
        if decoding.broken_off:
            reason = decoding.broken_off
        elif self._container_duration_s - reach_s > slack_s:
            reason = f"the file's header says {self._container_duration_s:.1f} s"
        elif decoding.damaged and decoding.is_truncated:
            reason = "the rest is damaged"
        else:
            return None
        return f"{self.path}: ends after {self.decoded} frames, at {last_s:.1f} s ({reason}); copy or convert it again"


def _described(
    path: Path, frame: VideoFrame, container: av.container.InputContainer, stream: av.VideoStream
) -> tuple[SourceInfo, float]:
    """The container's metadata, and the expected duration of its pictures (NaN where it is not stated)."""
    duration_s, rate_hz = duration_and_rate(container, stream)
    info = SourceInfo(
        name=shown_name(path.name),
        kind="file",
        width=frame.width,
        height=frame.height,
        container_frames=stream.frames or None,
        duration_s=duration_s,
        frame_rate_hz=rate_hz,
        rotation_deg=frame.turn.rotation_deg,
        has_sound=bool(container.streams.audio),
        clock_s=float(stream.time_base) if stream.time_base else 1e-6,
        zero_s=max(0.0, (container.start_time or 0) / av.time_base) if container.format.name in FREE_CLOCKS else 0.0,
    )
    return info, _container_duration_s(container, stream)


def _container_duration_s(container: av.container.InputContainer, stream: av.VideoStream) -> float:
    """Duration of the video stream by its header or tag; the duration of the whole file is used only where it has no other stream."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    tag = re.fullmatch(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)", stream.metadata.get("DURATION", "").strip(), re.ASCII)
    if tag:
        return int(tag[1]) * 3600 + int(tag[2]) * 60 + float(tag[3])
    if container.duration and len(container.streams) == 1:
        return container.duration / av.time_base
    return math.nan
