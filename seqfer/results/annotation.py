"""The results of an annotated video in Python: tables as data frames, the typed record, the page, a figure."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from seqfer.core.errors import InputError, SettingsError
from seqfer.core.input_files import read_text, regular_file
from seqfer.results.page import Page
from seqfer.runs.names import BLINKS_CSV, LANDMARKS_PARQUET, REPORT_HTML, SECONDS_CSV, SUMMARY_JSON, TRACKS_CSV

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.figure import Figure

    from seqfer.runs.kinds.annotate_video import VideoSummary


@dataclass(frozen=True, eq=False)
class Annotation:
    """One annotated video. In a notebook it is shown as a compact table with a timeline of every face.

    `frames`: a row per analysed frame and face (`frame`, `time_s`, `shot`, `face`, box corners `x1 y1 x2 y2` in pixels, `score`, a column per
    emotion with its probability, `emotion`, `valence`); a frame without a face is one row with missing values. `tracks`: a row per face.
    `valence_1hz`: a row per face and second, None where no valence was computed. With `geometry=True`, `frames` has columns for head pose, gaze,
    openness and quality, and `blinks` is a row per blink, else None (docs/geometry.md). Times are seconds of the video, `face` is a nullable integer.
    `summary` is the content of summary.json. `folder` is None where nothing was written.
    """

    frames: pd.DataFrame
    tracks: pd.DataFrame
    valence_1hz: pd.DataFrame | None
    summary: VideoSummary
    report_html: str
    folder: Path | None = None
    blinks: pd.DataFrame | None = None
    landmark_file: Path | bytes | None = field(default=None, repr=False)

    @cached_property
    def landmarks(self) -> np.ndarray | None:
        """float32 (row 478 3): x, y and z of the mesh in pixels of the video, for each row of `frames`; NaN without a mesh. None without geometry.

        Read when it is asked for: 6 kilobytes a row. Raises InputError for a damaged file.

        Example:
            >>> import seqfer
            >>> from pathlib import Path
            >>> from seqfer.posed import PosedFilm, write_posed_film
            >>> _ = write_posed_film(Path("drawn.mp4"), PosedFilm(seconds=1))
            >>> video = seqfer.annotate("drawn.mp4", geometry=True, progress=False)
            >>> video.landmarks.shape == (len(video.frames), 478, 3)
            True
        """
        if self.landmark_file is None:
            return None
        from seqfer.film.output.landmark_reading import read_landmarks

        return read_landmarks(
            self.landmark_file, self.frames["frame"].to_numpy(), self.frames["face"].to_numpy(float, na_value=-1)
        )

    @property
    def blendshapes(self) -> pd.DataFrame | None:
        """The 52 blendshape scores (0 to 1, named as in ARKit) for each row of `frames`, with its `frame`, `time_s` and `face`; NaN without a mesh.
        None without geometry. Computed from `landmarks`. The columns `AU01_estimate` ... of `frames` combine them (docs/how-to/action_units.md).

        Example:
            >>> import seqfer
            >>> from pathlib import Path
            >>> from seqfer.posed import PosedFilm, write_posed_film
            >>> _ = write_posed_film(Path("drawn.mp4"), PosedFilm(seconds=1))
            >>> video = seqfer.annotate("drawn.mp4", geometry=True, progress=False)
            >>> video.blendshapes[["time_s", "mouthSmileLeft", "eyeBlinkLeft"]].shape == (len(video.frames), 3)
            True
        """
        if self.landmarks is None:
            return None
        import pandas as pd

        from seqfer.geometry.blendshapes import BLENDSHAPES, blendshape_scores

        scores = pd.DataFrame(blendshape_scores(self.landmarks), columns=list(BLENDSHAPES), index=self.frames.index)
        return pd.concat([self.frames[["frame", "time_s", "face"]], scores], axis=1)

    @property
    def emotions(self) -> tuple[str, ...]:
        """The columns of `frames` with probabilities, in the order of the model's classes."""
        return self.summary.model.classes

    def report(self) -> Page:
        """The page: a notebook shows it, `.open()` opens it in the browser, `.save(path)` writes it."""
        return Page(self.report_html, self.folder / REPORT_HTML if self.folder else None)

    def plot(self) -> Figure:
        """A figure of the longest faces: emotion probabilities and valence over time. Raises SettingsError without matplotlib (seqfer[notebook]).

        Example:
            >>> import seqfer
            >>> from pathlib import Path
            >>> from seqfer.posed import PosedFilm, write_posed_film
            >>> _ = write_posed_film(Path("drawn.mp4"), PosedFilm(seconds=1))
            >>> video = seqfer.annotate("drawn.mp4", valence=True, detector="haar", progress=False)
            >>> video.plot().savefig("drawn.png")
        """
        try:
            from seqfer.results._figure import draw
        except ImportError as error:
            if (error.name or "").partition(".")[0] != "matplotlib":
                raise
            raise SettingsError(
                "plot() needs matplotlib, which is not installed; pip install 'seqfer[notebook]'"
            ) from None
        return draw(self)

    def __str__(self) -> str:
        return f"{self.summary.film.name}: {outcome(self.summary)}"

    def __repr__(self) -> str:
        return f"<Annotation of {self}{f' in {self.folder}' if self.folder else ''}>"

    def _repr_html_(self) -> str:
        from seqfer.results._card import card

        return card(self)


def outcome(summary: VideoSummary) -> str:
    """What came of a video, in one line: "50 frames, 2 faces and 1 short track, 3 without a face, 40 frames/s"."""
    s, short = summary, summary.short_tracks or 0
    count = s.faces - short or s.faces  # where all are short, all count
    faces = "no face" if not count else "1 face" if count == 1 else f"{count} faces"
    faces += f" and {short} short {'track' if short == 1 else 'tracks'}" if short and count < s.faces else ""
    seen = f", {s.rows_without_face} without a face" if s.rows_without_face and s.faces else ""
    rate = f", {s.speed.frames_per_second:.0f} frames/s" if s.speed.frames_per_second > 0 else ""
    damaged = f", {s.damaged_packets} damaged" if s.damaged_packets else ""
    frames = "1 frame" if s.analysed == 1 else f"{s.analysed} frames"
    return f"{'partial: ' if s.partial else ''}{frames}{damaged}, {faces}{seen}{rate}"


def read_annotation(folder: Path, *, in_memory: bool = False) -> Annotation:
    """The results in a folder of `seqfer annotate-video`; `in_memory` says that the folder will not last.

    Raises InputError for a folder that holds no finished annotation, or one whose files are damaged.
    """
    import pandas as pd
    import pyarrow as pa

    from seqfer.film.output.reading import read_table

    summary = read_summary(folder)
    frames = read_table(folder).to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
    emotion = pd.CategoricalDtype(list(summary.model.classes))
    frames = frames.astype(
        {"frame": "int64", "shot": "int64", "emotion": emotion}
    )  # of these only `face` may be missing
    try:
        tracks = _read_csv(folder / TRACKS_CSV)
        types = {"emotion": emotion, "short": bool}  # earlier versions have no column `short`
        tracks = tracks.astype({name: kind for name, kind in types.items() if name in tracks})
        seconds = _read_csv(folder / SECONDS_CSV) if summary.valence is not None else None
        blinks = _read_csv(folder / BLINKS_CSV) if summary.geometry is not None else None
        mesh: Path | bytes | None = folder / LANDMARKS_PARQUET if summary.geometry is not None else None
        if mesh and in_memory:
            mesh = (folder / LANDMARKS_PARQUET).read_bytes()
        report = read_text(folder / REPORT_HTML, "annotate the video again")
    except (OSError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise InputError(f"{folder}: a table cannot be read ({reason}); annotate the video again") from None
    return Annotation(frames, tracks, seconds, summary, report, None if in_memory else folder, blinks, mesh)


def _read_csv(path: Path) -> pd.DataFrame:
    import pandas as pd

    regular_file(path, "annotate the video again")
    with open(path, "rb") as content:  # of a path pandas would expand `~`, and take some names for addresses
        return pd.read_csv(content, dtype={"face": "Int64"})


def read_summary(folder: Path) -> VideoSummary:
    """The record of a finished annotation. Raises InputError for a folder that holds none."""
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
