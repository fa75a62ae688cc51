"""`seqfer.stream`: the rows of a video as they come, without a folder of results."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, closing, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from seqfer.core.records import FaceRow
    from seqfer.results.annotating import OneVideo


@dataclass(frozen=True)
class StreamRow:
    """One face on one frame, or a frame without a face, with the numbers of `Annotation.frames`.

    `frame` counts the frames from 0, `time_s` is the video's time, `shot` counts the camera shots and `face` the faces from 1. `box_xyxy_px` are
    the corners of the face's box in pixels, `score` the detector's (NaN where the box is interpolated). `probabilities` has a number per
    emotion, `emotion` is the largest, `valence` is in [-1, 1] (NaN where it was not requested). Without a face `face`, `box_xyxy_px` and
    `emotion` are None and `probabilities` is empty. With `geometry=True`, `geometry` has the numbers of the columns of that name, NaN without a mesh,
    and `landmarks` is the mesh, float32 (478 3) in pixels (docs/geometry.md).
    """

    frame: int
    time_s: float
    shot: int
    face: int | None = None
    box_xyxy_px: tuple[float, float, float, float] | None = None
    score: float = math.nan
    probabilities: Mapping[str, float] = field(default_factory=dict)
    emotion: str | None = None
    valence: float = math.nan
    geometry: Mapping[str, float] = field(default_factory=dict)
    landmarks: np.ndarray | None = field(default=None, compare=False, repr=False)


class Stream(Iterator[StreamRow]):
    """The rows of a video. It ends with the video; `close`, the end of a `with` block, and its deletion release the video and the model earlier."""

    def __init__(self, video: Any, settings: Mapping[str, Any], progress: bool) -> None:
        self._open = ExitStack()
        try:
            self._rows: Iterator[FaceRow] = self._started(video, settings, progress)
        except BaseException:
            self._open.close()
            raise

    def __next__(self) -> StreamRow:
        from seqfer.runs.process_tuning import torch_threads

        try:
            with torch_threads(self._threads):  # between two rows the caller's number holds
                return _typed(next(self._rows), self.emotions, self._measures)
        except BaseException:  # the end of the video, too
            self.close()
            raise

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Release everything; no row follows."""
        self._rows = iter(())
        self._open.close()

    def _started(self, video: Any, given: Mapping[str, Any], progress: bool) -> Generator[FaceRow, None, None]:
        from seqfer.core.settings_files import read_settings
        from seqfer.film.opening import open_video
        from seqfer.film.settings import AnnotateSettings
        from seqfer.film.stream import annotate
        from seqfer.results.annotating import single_video
        from seqfer.runs.process_tuning import torch_threads
        from seqfer.video.ahead import read_in_background

        settings = read_settings(AnnotateSettings, overrides=[given])
        self._threads = settings.threads
        with torch_threads(settings.threads):
            opened = self._open.enter_context(open_video(single_video(video), settings, quiet=not progress))
            live, source = opened.source.is_live, opened.source
            frames = nullcontext(opened.frames) if live else read_in_background(opened.frames, source.abandon)
            rows = annotate(self._open.enter_context(frames), opened.components.pipeline)
        self.emotions = tuple(opened.components.model.classes)
        reader = opened.components.geometry
        self._measures = reader.columns if reader else ()
        self._open.enter_context(closing(rows))
        return rows


def stream(video: OneVideo, *, progress: bool = False, **settings: Any) -> Stream:
    """The rows of a video as they come: a file, a folder of pictures, `camera:0`, or frames from memory as pairs (time_s, picture).

    Nothing is written, and memory does not grow with the video. A row comes as soon as no later frame can change it: about 200 frames later, and
    about 330 with a head that uses later frames (`causal=True` chooses one that does not). `settings` are those of `seqfer annotate-video` that
    rows depend on, by their names: `valence=True`, `causal=True`, `end_s=60`. `progress` says on the logger `seqfer` what was chosen.

    The iterator is a context manager; `.close()` ends it early, and `.emotions` are the names of the probabilities. Raises InputError,
    SettingsError or WeightsError before the first row as `seqfer.annotate` does, and InputError for frames from memory that do not fit.

    Example:
        >>> import seqfer
        >>> from pathlib import Path
        >>> from seqfer.posed import PosedFilm, write_posed_film
        >>> _ = write_posed_film(Path("drawn.mp4"), PosedFilm(seconds=1))
        >>> with seqfer.stream("drawn.mp4", detector="haar") as rows:
        ...     row = next(rows)
        >>> row.frame, row.face, row.emotion
        (0, 1, 'neutral')
    """
    return Stream(video, settings, progress)


def _typed(row: FaceRow, emotions: tuple[str, ...], measures: tuple[str, ...]) -> StreamRow:
    from seqfer.film.output.rounding import (
        BOX_DECIMALS,
        SCORE_DECIMALS,
        SHARE_DECIMALS,
        rounded_probabilities,
        rounded_time,
        top_index,
    )

    time_s = rounded_time(row.time_s)
    if row.box_xyxy_px is None or row.probabilities is None:
        return StreamRow(row.frame, time_s, row.shot)
    x1, y1, x2, y2 = (round(edge, BOX_DECIMALS) + 0.0 for edge in row.box_xyxy_px)
    return StreamRow(
        row.frame,
        time_s,
        row.shot,
        row.face,
        (x1, y1, x2, y2),
        round(row.score, SCORE_DECIMALS) + 0.0,
        dict(zip(emotions, rounded_probabilities(row.probabilities), strict=True)),
        emotions[top_index(row.probabilities)],
        round(row.valence, SHARE_DECIMALS) + 0.0,
        *(_geometry_of(row, measures) if row.geometry else ()),
    )


def _geometry_of(row: FaceRow, measures: tuple[str, ...]) -> tuple[dict[str, float], np.ndarray | None]:
    """The numbers of a row's geometry, rounded as in the tables, and its mesh in pixels."""
    import numpy as np

    from seqfer.film.output.rounding import measure_decimals
    from seqfer.geometry.reader import in_picture

    assert row.geometry is not None
    named = zip(measures, row.geometry.measures, strict=True)
    values = {name: round(value, measure_decimals(name)) + 0.0 for name, value in named}
    mesh = row.geometry.landmarks
    return values, None if mesh is None else in_picture(mesh[None], np.array([row.box_xyxy_px]))[0]
