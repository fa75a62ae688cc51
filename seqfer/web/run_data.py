"""The rows of an annotated video as the viewer's page reads them: slices of time, and means over bins for the timeline."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seqfer.core.errors import InputError
from seqfer.film.corrections import Correction, corrected_face, names_of
from seqfer.film.output.reading import read_classes, read_table
from seqfer.film.output.tables import BOX_COLUMNS
from seqfer.runs.kinds.annotate_video import VideoSummary
from seqfer.traces.resampling import resample
from seqfer.traces.trace import Trace

MOST_ROWS = 20_000  # of one slice
MOST_BINS = 4000
_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RunData:
    """One run folder. `raters` are traces on the video's clock, of which the timeline shows mean and range per second."""

    folder: Path
    summary: VideoSummary
    raters: tuple[Trace, ...] = ()
    corrections: tuple[Correction, ...] = ()

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """The emotions, in the order of the columns."""
        return read_classes(self.folder)

    @cached_property
    def _table(self) -> pa.Table:
        """The rows as they are in the file, read once."""
        return read_table(self.folder)

    @cached_property
    def columns(self) -> dict[str, NDArray[Any]]:
        """The columns of the rows with a face, in the order of time; NaN where a cell is empty."""
        table = self._table
        faces = table.column("face").to_numpy(zero_copy_only=False).astype(np.float64)
        seen = ~np.isnan(faces)
        names = ["time_s", *BOX_COLUMNS, *self.classes, *(["valence"] if "valence" in table.column_names else [])]
        columns = {name: table.column(name).to_numpy(zero_copy_only=False)[seen].astype(np.float64) for name in names}
        return self._corrected({"face": faces[seen].astype(np.int64)} | columns)

    def _corrected(self, columns: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """The columns without excluded rows, with the faces after the corrections."""
        if not self.corrections:
            return columns
        pairs = zip(columns["time_s"].tolist(), columns["face"].tolist())
        faces = np.array([corrected_face(self.corrections, *pair) or 0 for pair in pairs], np.int64)
        return {name: column[faces > 0] for name, column in (columns | {"face": faces}).items()}

    @cached_property
    def frame_times_s(self) -> _Floats:
        """The times of all analysed frames, with or without a face, (frame,)."""
        return np.unique(self._table.column("time_s").to_numpy().astype(np.float64))

    @cached_property
    def cuts_s(self) -> list[float]:
        """The times at which a new shot begins."""
        times, shots = (self._table.column(name).to_numpy() for name in ("time_s", "shot"))
        return [float(times[at]) for at in np.flatnonzero(np.diff(shots)) + 1]

    @cached_property
    def frame_step_s(self) -> float:
        """The usual time from a frame to the next."""
        return float(np.median(np.diff(self.frame_times_s))) if len(self.frame_times_s) > 1 else 0.04

    @cached_property
    def length_s(self) -> float:
        """The time of the last frame, and one frame more."""
        return float(self.frame_times_s[-1]) + self.frame_step_s if len(self.frame_times_s) else 0.0

    def faces(self) -> list[dict[str, Any]]:
        """Every face with its name, first and last time and number of rows, those with the most rows first."""
        names = names_of(self.corrections)
        times, faces = self.columns["time_s"], self.columns["face"]
        found = []
        for face in np.unique(faces):
            here = times[faces == face]
            about = {"face": int(face), "name": names.get(int(face), "")}
            found.append(about | {"from_s": float(here[0]), "to_s": float(here[-1]), "rows": len(here)})
        return sorted(found, key=lambda one: (-one["rows"], one["face"]))

    def rows(self, from_s: float, to_s: float) -> dict[str, Any]:
        """Frames and rows with from_s <= time < to_s, column by column; `to_s` is earlier where there are too many rows."""
        _check_span(from_s, to_s)
        times = self.columns["time_s"]
        first, end = np.searchsorted(times, [from_s, to_s])
        if end - first > MOST_ROWS:
            to_s = float(times[first + MOST_ROWS])
            end = np.searchsorted(times, to_s)
        frames = self.frame_times_s
        inside = frames[np.searchsorted(frames, from_s) : np.searchsorted(frames, to_s)]
        columns = {name: _json_values(column[first:end]) for name, column in self.columns.items()}
        return {"from_s": from_s, "to_s": to_s, "frames": _json_values(inside), "columns": columns}

    def timeline(self, from_s: float, to_s: float, bins: int) -> dict[str, Any]:
        """Means over equal bins of [from_s, to_s) for every face seen there: emotions and valence, None where it is not seen.

        There are `bins` of them, or as many as frames where these are fewer; a bin between two neighbouring frames has the value of the one before.
        """
        _check_span(from_s, to_s)
        if not 0 < bins <= MOST_BINS:
            raise InputError(f"{bins} bins; allowed are 1 to {MOST_BINS}")
        times = self.columns["time_s"]
        bins = min(bins, max(1, math.ceil((to_s - from_s) / self.frame_step_s)))
        first, end = np.searchsorted(times, [from_s, to_s])
        place = np.minimum(((times[first:end] - from_s) / (to_s - from_s) * bins).astype(np.int64), bins - 1)
        faces = self.columns["face"][first:end]
        names = [*self.classes, *(["valence"] if "valence" in self.columns else [])]
        found = {}
        for face in np.unique(faces):
            here = faces == face
            counts = np.bincount(place[here], minlength=bins)
            means = {name: _means(place[here], self.columns[name][first:end][here], counts) for name in names}
            found[str(face)] = {name: _json_values(values) for name, values in means.items()}
        return {"from_s": from_s, "to_s": to_s, "bins": bins, "faces": found}

    def rater_band(self) -> dict[str, Any] | None:
        """Mean, lowest and highest rating per second of all raters; None without raters."""
        if not self.raters:
            return None
        seconds = math.ceil(self.length_s)
        values = np.stack([resample(trace, bins=seconds).values for trace in self.raters])
        some = ~np.isnan(values).all(axis=0)
        band = {}
        for name, reduce in (("mean", np.nanmean), ("low", np.nanmin), ("high", np.nanmax)):
            reduced = np.full(seconds, np.nan)
            reduced[some] = reduce(values[:, some], axis=0)
            band[name] = _json_values(reduced)
        return {"names": [trace.name for trace in self.raters], **band}


def _means(place: NDArray[np.int64], values: _Floats, counts: NDArray[np.int64]) -> _Floats:
    """The mean of every bin; one empty bin after another one has its value."""
    means = np.full(len(counts), np.nan)
    np.divide(np.bincount(place, values, minlength=len(counts)), counts, out=means, where=counts > 0)
    between = np.flatnonzero((counts[1:-1] == 0) & (counts[:-2] > 0) & (counts[2:] > 0)) + 1
    means[between] = means[between - 1]
    return means


def _json_values(values: NDArray[Any]) -> list[Any]:
    """Numbers for JSON with at most six decimals, None for NaN."""
    if values.dtype.kind in "iu":
        return values.tolist()  # type: ignore[no-any-return]
    rounded = np.round(values, 6).astype(object)
    rounded[np.isnan(values)] = None
    return rounded.tolist()  # type: ignore[no-any-return]


def _check_span(from_s: float, to_s: float) -> None:
    if not (math.isfinite(from_s) and math.isfinite(to_s) and from_s < to_s):
        raise InputError(f"from {from_s} to {to_s} s; give two times, the earlier one first")
