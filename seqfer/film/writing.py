"""Writes the rows of one video to the tables of its folder as they come, keeps small pictures for the report, and lets Ctrl-C end a camera."""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path

from seqfer.film.block_log import BlockLog
from seqfer.film.opening import OpenedVideo
from seqfer.film.output.files import AnnotationFiles
from seqfer.film.output.tables import Columns
from seqfer.film.settings import AnnotateSettings
from seqfer.film.stream import annotate
from seqfer.film.summary import AnalysisCounts
from seqfer.film.thumbnails import Thumbnails
from seqfer.runs.progress import ProgressBar
from seqfer.tracks.following import FollowedFrame
from seqfer.video import VideoFrame
from seqfer.video.ahead import read_in_background
from seqfer.video.source import SourceInfo


class AnnotationRun:
    """One pass through a video into the folder `out`. Afterwards `files` are closed, and `thumbnails`, `shots` (their start times) and `counts`
    are complete."""

    def __init__(self, opened: OpenedVideo, out: Path) -> None:
        self.opened, self.out = opened, out
        self.files: AnnotationFiles
        self.thumbnails, self.shots = Thumbnails(), list[float]()
        self._analysed, self._seconds, self._stopped = 0, math.nan, False

    @property
    def counts(self) -> AnalysisCounts:
        """What was analysed so far."""
        return AnalysisCounts(self._analysed, len(self.shots), self._seconds)

    def write_tables(self, log: BlockLog | None, quiet: bool) -> None:
        """Rows into frames.csv, frames.parquet, tracks.csv and valence_1hz.csv; all of them, or none."""
        components, started = self.opened.components, time.monotonic()
        s, reader = components.settings, components.geometry
        measures = reader.columns if reader else ()
        columns = Columns(components.model.classes, s.valence, self.opened.source.names, measures)
        bar = None if quiet else ProgressBar(_expected(self.opened.source.info, s), "frames")
        try:
            min_track_s = 0.0 if components.follow.stills else s.min_track_s
            with (
                self._reader() as frames,
                AnnotationFiles(self.out, columns, min_track_s, s.min_quality) as files,
                closing(annotate(self._counted(frames), components.pipeline, log=log, on_face=self._look)) as rows,
            ):
                for row in rows:
                    files.write(row)
                    if bar:
                        bar.advance(files.counts.frames, f"{len(self.thumbnails.pictures)} faces")
        finally:
            if bar:
                bar.close()
        self.files = files
        self._seconds = time.monotonic() - started

    @contextmanager
    def ended_by_interrupt(self) -> Iterator[None]:
        """For a camera, which has no end: the first Ctrl-C in this context ends the recording; a second one is a KeyboardInterrupt."""
        if self.opened.source.info.kind != "camera" or threading.current_thread() is not threading.main_thread():
            yield
            return

        def stop(*_: object) -> None:
            self._stopped = True
            signal.signal(signal.SIGINT, signal.default_int_handler)

        before = signal.signal(signal.SIGINT, stop)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _reader(self) -> AbstractContextManager[Iterator[VideoFrame]]:
        # A camera's frames must be read at once, or their times would be wrong; the caller's iterator runs in the caller's thread.
        if self.opened.source.is_live:
            return nullcontext(self.opened.frames)
        return read_in_background(self.opened.frames, self.opened.source.abandon)

    def _counted(self, frames: Iterator[VideoFrame]) -> Iterator[VideoFrame]:
        for frame in frames:
            if self._stopped:
                return
            self._analysed += 1
            yield frame

    def _look(self, followed: FollowedFrame[VideoFrame]) -> None:
        self.thumbnails.look(followed)
        if followed.cut or not self.shots:
            self.shots.append(followed.frame.time_s)


def _expected(info: SourceInfo, s: AnnotateSettings) -> int:
    """The expected number of frames, for the progress bar; 0 where unknown."""
    span = (s.end_s or info.duration_s) - s.start_s
    rate = min(s.fps or math.inf, info.frame_rate_hz)
    if math.isfinite(span) and math.isfinite(rate) and (s.fps or s.start_s or s.end_s):
        return max(1, round(span * rate))
    return info.container_frames or 0
