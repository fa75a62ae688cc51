"""One film on its way into the tables of one folder: rows stream to the disk, the report's small pictures are kept, Ctrl-C ends a camera."""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from seqfer.film.block_log import BlockLog
from seqfer.film.output.files import AnnotationFiles
from seqfer.film.settings import AnnotateSettings
from seqfer.film.stream import annotate
from seqfer.film.summary import AnalysisCounts, Components
from seqfer.film.thumbnails import Thumbnails
from seqfer.runs.progress import ProgressBar
from seqfer.tracks.following import FollowedFrame
from seqfer.video import Source, VideoFrame
from seqfer.video.ahead import read_in_background
from seqfer.video.source import SourceInfo


class FilmRun:
    """`frames` of `source` into `out`. Afterwards `files` are closed, and `thumbnails`, `shots` (their first times) and `walked` are whole."""

    def __init__(self, source: Source, frames: Iterator[VideoFrame], out: Path, used: Components) -> None:
        self.source, self.frames, self.out, self.used = source, frames, out, used
        self.files: AnnotationFiles
        self.thumbnails, self.shots = Thumbnails(), list[float]()
        self._analysed, self._seconds, self._stopped = 0, math.nan, False

    @property
    def walked(self) -> AnalysisCounts:
        """How far the walk came."""
        return AnalysisCounts(self._analysed, len(self.shots), self._seconds)

    def write_tables(self, log: BlockLog | None, quiet: bool) -> None:
        """Rows into frames.csv, frames.parquet, tracks.csv and valence_1hz.csv; all of them, or none."""
        s, model, started = self.used.settings, self.used.model, time.monotonic()
        bar = None if quiet else ProgressBar(_expected(self.source.info, s), "frames")
        try:
            with self._reader() as frames, AnnotationFiles(self.out, model.classes, s.valence) as files:
                for row in annotate(
                    self._counted(frames),
                    self.used.detector.detect,
                    model,
                    self.used.follow,
                    valence=s.valence,
                    encode_hz=s.encode_hz,
                    log=log,
                    on_face=self._look,
                ):
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
        """A camera has no end of its own: the first Ctrl-C in here is where its film ends, whatever is being done; a second one is an interrupt."""
        if self.source.info.kind != "camera" or threading.current_thread() is not threading.main_thread():
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
        if self.source.info.kind == "camera":  # its frames are read as they are shown, or their times would be wrong
            return nullcontext(self.frames)
        return read_in_background(self.frames, self.source.abandon)

    def _counted(self, frames: Iterator[VideoFrame]) -> Iterator[VideoFrame]:
        for frame in frames:
            if self._stopped:
                return
            self._analysed += 1
            yield frame

    def _look(self, followed: FollowedFrame) -> None:
        self.thumbnails.look(followed)
        if followed.cut or not self.shots:
            self.shots.append(followed.frame.time_s)


def _expected(info: SourceInfo, s: AnnotateSettings) -> int:
    """Frames that are likely to come, for the progress bar; 0 where nobody knows."""
    span = (s.end_s or info.duration_s) - s.start_s
    rate = min(s.fps or math.inf, info.frame_rate_hz)
    if math.isfinite(span) and math.isfinite(rate) and (s.fps or s.start_s or s.end_s):
        return max(1, round(span * rate))
    return info.container_frames or 0
