"""`seqfer.annotate`, `seqfer.read` and `seqfer annotate-video`: the results of an annotated video in Python."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqfer.core.errors import InputError
from seqfer.core.input_files import read_text, regular_file
from seqfer.results._folders import folder_of
from seqfer.runs.names import REPORT_HTML, SECONDS_CSV, SUMMARY_JSON, TRACKS_CSV

if TYPE_CHECKING:
    import pandas as pd

    from seqfer.runs.kinds.annotate_video import VideoSummary


@dataclass(frozen=True, eq=False)
class Annotation:
    """One annotated video.

    `frames`: a row per analysed frame and face (`frame`, `time_s`, `shot`, `face`, box corners `x1 y1 x2 y2` in pixels, `score`, a column per
    emotion with its probability, `emotion`, `valence`); a frame without a face is one row with missing values. `tracks`: a row per face.
    `valence_1hz`: a row per face and second, None where no valence was computed. `summary` is the content of summary.json. `folder`
    is None where nothing was written.
    """

    frames: pd.DataFrame
    tracks: pd.DataFrame
    valence_1hz: pd.DataFrame | None
    summary: VideoSummary
    report_html: str
    folder: Path | None = None

    @property
    def emotions(self) -> tuple[str, ...]:
        """The columns of `frames` with probabilities, in the order of the model's classes."""
        return self.summary.model.classes

    def __repr__(self) -> str:
        where = f" in {self.folder}" if self.folder else ""
        faces = len(self.tracks)
        return f"<Annotation of {self.summary.film.name}: {self.summary.analysed} frames, {faces} faces{where}>"


def annotate(
    video: str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None = None,
    resume: bool = False,
    progress: bool = True,
    **settings: Any,
) -> Annotation:
    """Annotate a video: find and track its faces, and compute emotions (and valence) of every face on every frame.

    `video` is a file, a folder of pictures, or `camera:0`. `out` is the folder for all files that `seqfer annotate-video` writes; without it
    nothing is kept on disk. `resume` continues an interrupted annotation in `out`. `progress` shows a progress bar. `settings` are those of
    `seqfer annotate-video` (docs/commands.md), by their names: `valence=True`, `model="small"`, `start_s=10`.

    Raises InputError for a video that cannot be read, SettingsError for an unknown setting or value, WeightsError for damaged weights.

    Example:
        >>> import seqfer
        >>> from pathlib import Path
        >>> from seqfer.posed import PosedFilm, write_posed_film
        >>> _ = write_posed_film(Path("drawn.mp4"), PosedFilm(seconds=2))
        >>> result = seqfer.annotate("drawn.mp4", valence=True, detector="haar", progress=False)
        >>> list(result.frames.columns[:4])
        ['frame', 'time_s', 'shot', 'face']
    """
    from seqfer.core.settings import narrowed
    from seqfer.core.settings_files import read_settings
    from seqfer.film.one import annotate_film
    from seqfer.film.settings import AnnotateSettings, AnnotateVideoSettings, OutputOptions

    chosen = read_settings(AnnotateVideoSettings, overrides=[settings])
    options = OutputOptions(chosen.faces, chosen.overlay, chosen.formats, "seqfer.annotate")
    rows = narrowed(chosen, AnnotateSettings)
    with folder_of(out, resume) as folder:
        annotate_film(os.fspath(video), folder, rows, options, resume=resume, quiet=not progress)
        return read_annotation(folder, in_memory=out is None)


def read(folder: str | os.PathLike[str]) -> Annotation:
    """The results of an earlier `seqfer annotate-video` or `seqfer.annotate(..., out=folder)`.

    Raises InputError for a folder without a finished annotation.

    Example:
        >>> import seqfer
        >>> from pathlib import Path
        >>> from seqfer.posed import PosedFilm, write_posed_film
        >>> _ = write_posed_film(Path("drawn.mp4"), PosedFilm(seconds=2))
        >>> _ = seqfer.annotate("drawn.mp4", out="drawn-seqfer", detector="haar", progress=False)
        >>> seqfer.read("drawn-seqfer").summary.analysed
        50
    """
    return read_annotation(Path(folder))


def read_annotation(folder: Path, *, in_memory: bool = False) -> Annotation:
    """The results in a folder of `seqfer annotate-video`; `in_memory` says that the folder will not last.

    Raises InputError for a folder that holds no finished annotation, or one whose files are damaged.
    """
    import pandas as pd
    import pyarrow as pa

    from seqfer.film.output.reading import read_table

    nullable = {pa.int32(): pd.Int64Dtype(), pa.int64(): pd.Int64Dtype()}  # a row without a face has no face number
    summary = _read_summary(folder)
    frames = read_table(folder).to_pandas(types_mapper=nullable.get)
    try:
        tracks = _read_csv(folder / TRACKS_CSV)
        seconds = _read_csv(folder / SECONDS_CSV) if summary.valence is not None else None
        report = read_text(folder / REPORT_HTML, "annotate the video again")
    except (OSError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise InputError(f"{folder}: a table cannot be read ({reason}); annotate the video again") from None
    return Annotation(frames, tracks, seconds, summary, report, None if in_memory else folder)


def _read_csv(path: Path) -> pd.DataFrame:
    import pandas as pd

    regular_file(path, "annotate the video again")
    with open(path, "rb") as content:  # of a path pandas would expand `~`, and take some names for addresses
        return pd.read_csv(content)


def _read_summary(folder: Path) -> VideoSummary:
    from seqfer.runs.kinds.annotate_video import VideoSummary
    from seqfer.runs.records import read_record

    path = folder / SUMMARY_JSON
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; give one that `seqfer annotate-video` or seqfer.annotate wrote")
    if not path.is_file():
        raise InputError(
            f"{folder}: has no {SUMMARY_JSON}, so it holds no finished annotation; annotate the video, or finish it with resume"
        )
    return read_record(VideoSummary, path)
