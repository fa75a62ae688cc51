"""Writes traces to files: plain CSV, and the formats of CARMA, DARMA and ELAN, so that these tools open them.

Files are written atomically. NaN is an empty cell in CSV, `NaN` for CARMA and DARMA, and no annotation in ELAN.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqfer.core.csv_text import csv_text
from seqfer.core.errors import InputError
from seqfer.core.files import write_atomically
from seqfer.traces.binned import starts_of
from seqfer.traces.eaf import Annotation, document
from seqfer.traces.resampling import hold_end_times
from seqfer.traces.scaling import check_range
from seqfer.traces.trace import STEP_S, Trace

MARK = "%%%%%%"


@dataclass(frozen=True)
class RatedVideo:
    """The video that was rated, as DARMA names it: its file's `name`, "" for the trace's own, and its duration, None for the end of the trace."""

    name: str = ""
    duration_s: float | None = None


UNNAMED = RatedVideo()


def write_csv(path: Path, traces: Sequence[Trace]) -> None:
    """`time_s`, for bins also `end_s`, and a column per trace. Raises InputError for traces of different times or equal names."""
    _check_names(path, traces)
    first = traces[0]
    for trace in traces[1:]:
        if not (_same(trace.start_s, first.start_s) and _same(trace.end_s, first.end_s)):
            raise InputError(
                f"{path}: traces {first.name!r} and {trace.name!r} have different times; resample both, or write a file of each"
            )
    times = [first.start_s] if first.samples else [first.start_s, first.end_s]
    rows = zip(*(map(_cell, column) for column in (*times, *(trace.values for trace in traces))))
    names = ["time_s", "end_s"][: len(times)]
    write_atomically(path, csv_text([[*names, *(trace.name for trace in traces)], *rows]))


def write_carma(
    path: Path,
    trace: Trace,
    *,
    film: str = "",
    value_range: tuple[float, float] = (-100.0, 100.0),
    labels: tuple[str, str] = ("very negative", "very positive"),
    steps: int = 9,
    date: str | None = None,
) -> None:
    """CARMA's newest format: the session, six settings, `Second,Rating`, and the bins by their ends, in `value_range`.

    `film` is by default that of the trace. Raises InputError for a trace that is not bins of one width from 0 s on.
    """
    low, high = check_range(path, *value_range)
    _check_bins(path, trace)
    settings = [
        ["Time at Media End", date or f"{datetime.now():%d-%b-%Y %H:%M:%S}"],
        ["Multimedia File", film or trace.film],
        ["Lower Label", labels[0]],
        ["Upper Label", labels[1]],
        ["Minimum Value", f"{low:g}"],
        ["Maximum Value", f"{high:g}"],
        ["Number of Steps", str(steps)],
        ["Second", "Rating"],
        [MARK, MARK],
    ]
    ratings = low + (trace.values + 1.0) * (high - low) / 2.0
    write_atomically(path, csv_text([*settings, *zip(map(_cell, trace.end_s), map(_nan_cell, ratings))]))


def write_darma(
    path: Path,
    trace: Trace,
    other: Trace | None = None,
    *,
    axes: tuple[str, str] = ("Valence", "Arousal"),
    magnitude: float = 1000.0,
    video: RatedVideo = UNNAMED,
    date: str | None = None,
) -> None:
    """DARMA's four columns: `trace` on the first of the two `axes`, `other` or 0 on the second, the button never pressed.

    Raises InputError for a trace that is not bins of one width from 0 s on, and for two traces of different times.
    """
    check_range(path, -magnitude, magnitude)
    _check_bins(path, trace)
    if other is not None and not (_same(trace.start_s, other.start_s) and _same(trace.end_s, other.end_s)):
        raise InputError(f"{path}: the traces of both axes must have the same times; resample both")
    duration = float(trace.end_s[-1]) if video.duration_s is None else video.duration_s
    settings = [
        ["Time of Rating", date or f"{datetime.now():%d-%b-%Y %H:%M:%S}", "", ""],
        ["Multimedia File", video.name or trace.film, f"{duration:g}", ""],
        ["Magnitude", f"{magnitude:g}", "", ""],
        ["Second", *axes, "Button"],
        [MARK] * 4,
    ]
    second = np.where(np.isnan(trace.values), np.nan, 0.0) if other is None else other.values
    columns = (map(_cell, trace.end_s), map(_nan_cell, trace.values * magnitude), map(_nan_cell, second * magnitude))
    write_atomically(path, csv_text([*settings, *([*cells, "0"] for cells in zip(*columns))]))


def write_elan(path: Path, traces: Sequence[Trace], *, film: Path | str | None = None, date: str | None = None) -> None:
    """A document with a tier per trace and an annotation per value, 6 decimals; a sample lasts until the next one.

    `film` is the path of the video, for ELAN to open it. ELAN has whole milliseconds, no time below 0, and no interval shorter than 1 ms:
    annotations outside these limits are left out. Raises InputError for equal names, or when the file cannot be written.
    """
    _check_names(path, traces)
    tiers = {trace.name: _annotations(trace) for trace in traces}
    write_atomically(path, document(path, tiers, "valence", None if film is None else Path(film), date))


def _annotations(trace: Trace) -> list[Annotation]:
    ends = hold_end_times(trace, 1.0) if trace.samples else trace.end_s
    found: list[Annotation] = []
    for start_s, end_s, value in zip(trace.start_s, ends, trace.values):
        start, end = max(0, round(start_s * 1000)), round(end_s * 1000)
        if end > start and not np.isnan(value):
            found.append((start, end, f"{round(value, 6) + 0.0:.6f}"))
    return found


def _check_bins(path: Path, trace: Trace) -> None:
    """Raises InputError where the bins cannot be recovered from their ends alone."""
    if trace.samples:
        raise InputError(f"{path}: trace {trace.name!r} is samples, and this format has means over bins; resample it")
    starts = starts_of(path, np.arange(1, len(trace.end_s) + 1), trace.end_s)
    if not np.allclose(starts, trace.start_s, rtol=0.0, atol=2 * STEP_S):
        raise InputError(f"{path}: trace {trace.name!r} has bins of several widths; resample it")


def _check_names(path: Path, traces: Sequence[Trace]) -> None:
    names = [trace.name for trace in traces]
    if not names:
        raise InputError(f"{path}: no traces to write; give at least one")
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"{path}: two traces are named {twice!r}; give each its own name")


def _same(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    return one.shape == other.shape and bool((np.abs(one - other) <= STEP_S).all())


def _cell(value: float) -> str:
    """Ten significant digits, "" for NaN, never "-0"."""
    return "" if np.isnan(value) else f"{value + 0.0:.10g}"


def _nan_cell(value: float) -> str:
    return _cell(value) or "NaN"
