"""Valence of all participants over the time of a stimulus: by the model, and by the mean of the raters."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqfer.core.errors import InputError
from seqfer.raters.reading import choose_face
from seqfer.runs.kinds.evaluate_trace import EvaluateTraceReport
from seqfer.runs.names import SUMMARY_JSON
from seqfer.study.rating_files import RATINGS
from seqfer.study.settings import StudyReportSettings
from seqfer.study.study_file import Recording, StudyFile
from seqfer.traces.fusion import fuse
from seqfer.traces.reading import read_traces
from seqfer.traces.resampling import resample
from seqfer.traces.trace import Trace
from seqfer.video.reading import probe

Floats = NDArray[np.float64]
MODEL, RATERS = "model", "raters"


@dataclass(frozen=True, eq=False)
class StimulusSeries:
    """Valence (participant, bin) in bins of 1 / rate_hz s from the beginning of a stimulus on, NaN where there is none. `source` is the model, or the
    fused raters."""

    stimulus: str
    source: str
    rate_hz: float
    participants: tuple[str, ...]
    values: Floats

    @property
    def start_s(self) -> Floats:
        """Starts of the bins, (bin,)."""
        return np.arange(self.values.shape[1]) / self.rate_hz


def is_annotated(study: StudyFile, recording: Recording) -> bool:
    """Whether the recording's annotation is finished."""
    return (study.results / recording.name / SUMMARY_JSON).is_file()


def rating_files(study: StudyFile, recording: Recording) -> tuple[Path, ...]:
    """The finished ratings of a recording, one file per rater: of the study's raters where it names any, else all."""
    found = sorted((study.ratings / RATINGS / recording.name).glob("*.csv"))
    return tuple(path for path in found if not study.raters or path.stem in study.raters)


def stimulus_series(
    study: StudyFile, settings: StudyReportSettings, compared: EvaluateTraceReport | None
) -> tuple[list[StimulusSeries], list[str]]:
    """The series of every stimulus and source that has any, and what could not be used, a line each.

    Delays of raters that were removed in `compared` are removed here too.
    """
    shifts = {(film.film, r.name): r.shift_s for film in (compared.films if compared else ()) for r in film.raters}
    found, problems = list[StimulusSeries](), list[str]()
    for stimulus in study.stimuli:
        recordings = [one for one in study.recordings if one.stimulus == stimulus.name]
        longest = _bins_of(stimulus.video, settings.rate_hz)
        for source in (MODEL, RATERS):
            rows = dict[str, Floats]()
            for one in recordings:
                try:
                    read = (
                        _model_values(study, one, settings)
                        if source == MODEL
                        else _rated_values(study, one, settings, shifts)
                    )
                except InputError as problem:
                    problems.append(f"{one.name}: {problem}")
                    continue
                if read is not None and not np.isnan(read).all():
                    rows[one.participant] = read[:longest]
            if rows:
                found.append(
                    StimulusSeries(stimulus.name, source, settings.rate_hz, tuple(rows), _padded(list(rows.values())))
                )
    return found, problems


def _model_values(study: StudyFile, one: Recording, settings: StudyReportSettings) -> Floats | None:
    if not is_annotated(study, one):
        return None
    folder = study.results / one.name
    faces = read_traces(folder, axis=settings.prediction_axis or None)
    return _in_stimulus_time(choose_face(faces, settings.face, str(folder)), one.offset_s, settings.rate_hz)


def _rated_values(
    study: StudyFile, one: Recording, settings: StudyReportSettings, shifts: Mapping[tuple[str, str], float]
) -> Floats | None:
    files = rating_files(study, one)
    if not files:
        return None
    rows = list[Floats]()
    for path in files:
        (trace,) = read_traces(path, axis=settings.axis or None)
        removed = shifts.get((one.name, path.stem), 0.0)
        rows.append(_in_stimulus_time(trace, one.offset_s + removed, settings.rate_hz))
    return fuse(_padded(rows), settings.fusion, [path.stem for path in files]).values


def _in_stimulus_time(trace: Trace, offset_s: float, rate_hz: float) -> Floats:
    return resample(trace.shifted(-offset_s) if offset_s else trace, rate_hz).values


def _padded(rows: Sequence[Floats]) -> Floats:
    out = np.full((len(rows), max(len(row) for row in rows)), np.nan)
    for row, values in zip(out, rows):
        row[: len(values)] = values
    return out


def _bins_of(video: Path | None, rate_hz: float) -> int | None:
    """How many bins a stimulus has; None where its length is not known."""
    length_s = probe(video).duration_s if video else math.nan
    return math.ceil(length_s * rate_hz - 1e-6) if length_s > 0 else None
