"""Opens a video source: a video file, a folder of pictures, a camera, or frames in memory."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from seqfer.core.errors import InputError, SettingsError
from seqfer.core.numbers import is_count
from seqfer.video.film import FilmSource
from seqfer.video.images import SUFFIXES, read_image
from seqfer.video.memory import MemorySource
from seqfer.video.picture import VideoFrame
from seqfer.video.source import Source, SourceInfo, shown_name, spread_over

CAMERA = "camera:"


Video = str | MemorySource  # what can be annotated: the path of a file or folder, `camera:0`, or frames in memory


def is_live(video: str | Path | MemorySource) -> bool:
    """Whether a video can be read only once: a camera, or frames in memory, of which no copy is stored."""
    return isinstance(video, MemorySource) or str(video).startswith(CAMERA)


def open_source(spec: str | Path | MemorySource, folder_fps: float = 0.0) -> Source:
    """A video by its path, a folder of pictures shown at `folder_fps` (0: a set of stills), a camera by its number (`camera:0`), or frames in
    memory, which are open already.

    Raises InputError for what is none of these, SettingsError for a rate that is negative or not a number.
    """
    if isinstance(spec, MemorySource):
        return spec
    if isinstance(spec, str) and spec.startswith(CAMERA):
        return CameraSource(spec)
    path = Path(spec)
    return FolderSource(path, folder_fps) if path.is_dir() else FilmSource(path)


class FolderSource(Source):
    """The pictures of a folder by name, sorted with numbers by value (`2.png` before `10.png`); picture k is shown at k / fps.

    With `fps` 0 they are stills (`info.kind` "stills"): nothing is known of the time between them, and `time_s` is the picture's number.

    A picture that cannot be read is counted as damaged and left out, like a damaged frame of a video; its number and time are not reused.
    """

    def __init__(self, folder: Path, fps: float) -> None:
        super().__init__()
        if not (math.isfinite(fps) and fps >= 0):
            raise SettingsError(f"frames per second of a folder are {fps}; allowed: 0 (a set of stills) or above")
        files = [path for path in folder.iterdir() if path.is_file() and path.suffix.lower() in SUFFIXES]
        self._files = sorted((f for f in files if not f.name.startswith(".")), key=natural)
        if not self._files:
            raise InputError(
                f"{folder}: a folder without pictures; allowed: {' '.join(SUFFIXES)}, or give a video file"
            )
        self._step_s = 1 / fps if fps else 1.0
        self.names = tuple(shown_name(path.name) for path in self._files)
        height, width = self._first().shape[:2]
        count = len(self._files)
        name = shown_name(folder.resolve().name or str(folder))
        kind, duration_s, rate_hz = ("folder", count / fps, fps) if fps else ("stills", math.nan, math.nan)
        self.info = SourceInfo(name, kind, width, height, count, duration_s, rate_hz)

    def _first(self) -> np.ndarray:
        """The first picture that can be read. Where none can, raises the InputError of the first one."""
        problem = None
        for path in self._files:
            try:
                return read_image(path)
            except InputError as error:
                problem = problem or error
        assert problem is not None
        raise problem

    def samples(self, count: int, start_s: float = 0.0, end_s: float = math.inf) -> Iterator[VideoFrame]:
        """Up to `count` pictures spread over a part of the folder; none of a set of stills."""
        if self.info.kind != "folder":
            return
        inside = [k for k in range(len(self._files)) if start_s <= k * self._step_s < end_s]
        for index in spread_over(inside, count):
            try:
                yield VideoFrame(index, index * self._step_s, read_image(self._files[index]))
            except InputError:
                continue

    def _walk(self) -> Iterator[VideoFrame]:
        for index, path in enumerate(self._files):
            try:
                picture = read_image(path)
            except InputError:
                self.damaged += 1
                continue
            self.decoded += 1
            yield VideoFrame(index, index * self._step_s, picture)


class CameraSource(Source):
    """A camera read with OpenCV, until it or the reader stops. Times are the computer's, from the first frame on.

    A camera is read once: frames that are not fetched in time are lost.
    """

    def __init__(self, spec: str) -> None:
        super().__init__()
        number = spec.removeprefix(CAMERA)
        if not (is_count(number) and len(number) < 5):
            raise InputError(f"{spec}: not a camera; write camera:0 for the first one, camera:1 for the second")
        self._spec = spec
        talk = cv2.utils.logging.getLogLevel()
        cv2.utils.logging.setLogLevel(0)  # OpenCV's log lines about a missing camera do not help the user
        try:
            self._camera = cv2.VideoCapture(int(number))
            found, first = self._camera.read() if self._camera.isOpened() else (False, None)
        finally:
            cv2.utils.logging.setLogLevel(talk)
        if not found or first is None:
            self._camera.release()
            raise InputError(f"{spec}: no camera of that number gives pictures; plug it in, or give a video file")
        rate_hz = self._camera.get(cv2.CAP_PROP_FPS)
        height, width = first.shape[:2]
        self.info = SourceInfo(spec, "camera", width, height, None, math.nan, rate_hz if rate_hz > 0 else math.nan)

    def close(self) -> None:
        """Release the camera."""
        self._camera.release()

    def _walk(self) -> Iterator[VideoFrame]:
        start_s = None
        while True:
            found, picture = self._camera.read()
            now_s = time.monotonic()
            if not found:
                self.problem = f"{self._spec}: the camera stopped after {self.decoded} frames"
                return
            start_s = now_s if start_s is None else start_s
            index, self.decoded = self.decoded, self.decoded + 1
            yield VideoFrame(index, now_s - start_s, cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))


def natural(path: Path) -> tuple[list[tuple[int, int, str]], str]:
    """Sort key: letters by letter, digits by their number."""
    pieces = re.findall(r"(\d+)|(\D+)", path.name.lower())
    return [(0, int(digits), "") if digits else (1, 0, letters) for digits, letters in pieces], path.name
