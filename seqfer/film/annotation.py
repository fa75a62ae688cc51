"""The results of one annotated video in Python: its tables as data frames, its summary, and its report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from seqfer.core.errors import InputError
from seqfer.core.input_files import read_text, regular_file
from seqfer.film.output.reading import read_table
from seqfer.runs.kinds.annotate_video import VideoSummary
from seqfer.runs.names import REPORT_HTML, SECONDS_CSV, SUMMARY_JSON, TRACKS_CSV
from seqfer.runs.records import read_record

_NULLABLE = {pa.int32(): pd.Int64Dtype(), pa.int64(): pd.Int64Dtype()}  # a row without a face has no face number


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


def read_annotation(folder: Path, *, in_memory: bool = False) -> Annotation:
    """The results in a folder of `seqfer annotate-video`; `in_memory` says that the folder will not last.

    Raises InputError for a folder that holds no finished annotation, or one whose files are damaged.
    """
    summary = _read_summary(folder)
    frames = read_table(folder).to_pandas(types_mapper=_NULLABLE.get)
    try:
        tracks = _read_csv(folder / TRACKS_CSV)
        seconds = _read_csv(folder / SECONDS_CSV) if summary.valence is not None else None
        report = read_text(folder / REPORT_HTML, "annotate the video again")
    except (OSError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise InputError(f"{folder}: a table cannot be read ({reason}); annotate the video again") from None
    return Annotation(frames, tracks, seconds, summary, report, None if in_memory else folder)


def _read_csv(path: Path) -> pd.DataFrame:
    regular_file(path, "annotate the video again")
    with open(path, "rb") as content:  # of a path pandas would expand `~`, and take some names for addresses
        return pd.read_csv(content)


def _read_summary(folder: Path) -> VideoSummary:
    path = folder / SUMMARY_JSON
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; give one that `seqfer annotate-video` or seqfer.annotate wrote")
    if not path.is_file():
        raise InputError(
            f"{folder}: has no {SUMMARY_JSON}, so it holds no finished annotation; annotate the video, or finish it with resume"
        )
    return read_record(VideoSummary, path)
