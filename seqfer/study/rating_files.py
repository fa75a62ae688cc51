"""Writes the ratings of a finished attempt for `seqfer evaluate-trace` and other programs: means per second as CSV, and CARMA's and DARMA's forms.

Below the folder of results, one file per rater: `ratings/VIDEO/RATER.csv`, `carma/VIDEO/RATER.csv` (one for each axis where there are two, in a
folder of the axis), `darma/VIDEO/RATER.csv`. The means are those of `seqfer.traces.resampling`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from seqfer.core.errors import InputError
from seqfer.study.rating_log import read_samples
from seqfer.study.settings import RatingSettings
from seqfer.traces.resampling import resample
from seqfer.traces.trace import Trace
from seqfer.traces.writing import RatedVideo, write_carma, write_csv, write_darma

RATINGS, CARMA, DARMA = "ratings", "carma", "darma"
_CARMA_RANGE = (-100.0, 100.0)


@dataclass(frozen=True)
class RatedBy:
    """Whose ratings of which video: its name in the results, its file's name, its length in seconds (NaN where unknown), and the rater."""

    video: str
    file_name: str
    length_s: float
    rater: str


def traces_of(log: Path, of: RatedBy) -> tuple[Trace, ...]:
    """The samples of a log as a trace per axis. Values beyond [-1, 1] come from an unbounded rating, which is divided by its largest magnitude.

    Raises InputError for a damaged log, and for one without samples.
    """
    axes, times, values = read_samples(log)
    if not len(times):
        raise InputError(f"{log}: has no samples; rate the video again")
    largest = np.nanmax(np.abs(values), initial=1.0)
    columns = (values / largest).T
    return tuple(
        Trace(axis, times, times, column, of.file_name, source=str(log), length_s=of.length_s)
        for axis, column in zip(axes, columns)
    )


def per_second(trace: Trace) -> Trace:
    """Means per second of the video from 0 s on, NaN where nothing was rated, up to the video's end (the last sample where it is unknown)."""
    last = float(trace.start_s[-1])
    bins = math.ceil(max(trace.length_s, last)) if math.isfinite(trace.length_s) else math.floor(last) + 1
    return replace(resample(trace, bins=bins).as_trace(trace.name, trace.film), length_s=trace.length_s)


def write_ratings(log: Path, of: RatedBy, settings: RatingSettings, out: Path) -> list[Path]:
    """Write the files of one finished attempt below `out`, and return their paths. Unbounded ratings, which CARMA and DARMA cannot hold, are
    written as CSV only. Raises InputError for a damaged log or where the disk refuses."""
    seconds = [per_second(trace) for trace in traces_of(log, of)]
    name = Path(of.video) / f"{of.rater}.csv"
    written = [out / RATINGS / name]
    write_csv(written[0], seconds)
    if settings.mode == "unbounded":
        return written
    for trace, labels in zip(seconds, settings.labels):
        folder = out / CARMA if len(seconds) == 1 else out / CARMA / trace.name
        written.append(folder / name)
        write_carma(written[-1], trace, value_range=_CARMA_RANGE, labels=labels)
    written.append(out / DARMA / name)
    axes = (seconds[0].name.capitalize(), seconds[1].name.capitalize() if len(seconds) == 2 else "Unused")
    length = None if math.isnan(of.length_s) else of.length_s
    write_darma(written[-1], *seconds, axes=axes, video=RatedVideo(of.file_name, length))
    return written
