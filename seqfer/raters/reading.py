"""Reads the prediction and the raters of one video as traces, chooses one of several faces, and detects files of different videos."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy import isnan

from seqfer.core.errors import InputError, SeqferError
from seqfer.core.files import file_checksum
from seqfer.raters.alignment import FilmTraces
from seqfer.raters.films import FilmFiles, Pairing, film_stem, is_run_folder
from seqfer.raters.settings import JOINED, TraceSettings
from seqfer.traces.reading import read_traces
from seqfer.traces.request import Video
from seqfer.traces.resampling import resample
from seqfer.traces.trace import Trace

Result = TypeVar("Result")
OnFilm = Callable[[str], None]


def for_each_film(
    pairing: Pairing,
    settings: TraceSettings,
    work: Callable[[FilmFiles, FilmTraces], Result],
    on_film: OnFilm | None = None,
) -> tuple[list[Result], list[dict[str, str]]]:
    """`work` on every video that can be read and used, and a {"film", "problem"} for each that cannot. `on_film` is called with the stem of
    every video that is done.

    For a single video raises its SeqferError.
    """
    results: list[Result] = []
    failed: list[dict[str, str]] = []
    stems = [*(files.stem for files in pairing.films), *pairing.unannotated]
    for files in pairing.films:
        try:
            others = [stem for stem in stems if stem != files.stem]
            results.append(work(files, read_film(files, settings, others)))
        except SeqferError as error:
            if not pairing.many:
                raise
            failed.append({"film": files.stem, "problem": str(error)})
        if on_film is not None:
            on_film(files.stem)
    return results, failed


def file_checksums(files: FilmFiles, film: FilmTraces) -> dict[str, str]:
    """sha256 of every file by its path; of a video folder that of the table that was read. A prediction in memory has no file."""
    predicted = [film.prediction.source] if film.prediction.source else []
    return {path: file_checksum(Path(path)) for path in (*predicted, *map(str, files.annotations))}


def read_film(files: FilmFiles, settings: TraceSettings, others: Sequence[str] = ()) -> FilmTraces:
    """Read prediction and ratings of a video; `others` are the stems of the study's other videos.

    Raises InputError for a file that cannot be read, and for files that name different videos.
    """
    faces = files.prediction
    if isinstance(faces, Path):
        faces = read_traces(faces, axis=settings.prediction_axis or None)
    prediction = choose_face(faces, settings.face, files.where)
    raters = _named_raters(files, settings, _video(files.stem, faces))
    notes = list(dict.fromkeys(note for trace in raters for note in trace.notes))
    if mixed := _mixed(prediction, raters, others):
        if not settings.any_film:
            raise InputError(f"{files.stem}: the files are of different videos ({mixed}); sort them, or add --any-film")
        notes.append(f"The files name different videos ({mixed}); compared because of --any-film.")
    names = tuple(trace.name for trace in faces)
    if len(faces) > 1 and not settings.face:
        others = ", ".join(name for name in names if name != prediction.name)
        notes.append(
            f"The prediction has {len(faces)} faces; {prediction.name!r} has the most seconds and is compared, not {others}. "
            "If all are one person with a new number after each cut or absence, use --face joined."
        )
    return FilmTraces(files.stem, prediction, raters, names, tuple(notes))


def choose_face(faces: Sequence[Trace], face: int, where: str) -> Trace:
    """The face with this number or, for 0, with the most rated seconds, the first of equal ones; JOINED combines all of them. Raises InputError."""
    if not faces:
        raise InputError(f"{where}: no face has a valence; annotate the video with --valence")
    if face == JOINED:
        return _joined(faces, where)
    if not face:
        return max(faces, key=_rated_seconds)
    for trace in faces:
        if re.findall(r"\d+", trace.name)[-1:] == [str(face)]:
            return trace
    raise InputError(f"{where}: no face {face}; it has {', '.join(trace.name for trace in faces)}")


def _joined(faces: Sequence[Trace], where: str) -> Trace:
    """One trace of a person who got a new number at every cut and absence. Raises InputError where two faces are visible at once."""
    start, end, values = (np.concatenate([getattr(t, name) for t in faces]) for name in ("start_s", "end_s", "values"))
    places, first, which = np.unique(np.round(start, 6), return_index=True, return_inverse=True)
    shared = len(start) - len(places)
    # two may share the second in which one leaves and the other appears, but no point in time
    if shared > (len(faces) - 1 if (end > start).any() else 0):
        raise InputError(
            f"{where}: {shared} times of {len(start)} show two of its {len(faces)} faces at once, so they are not one person; give --face N"
        )
    known = ~np.isnan(values)
    counts = np.bincount(which[known], minlength=len(places))
    with np.errstate(invalid="ignore"):
        means = np.bincount(which[known], values[known], len(places)) / counts
    name = f"{len(faces)} faces as one"
    return replace(faces[0], name=name, start_s=start[first], end_s=end[first], values=means, rate_hz=math.nan)


def _rated_seconds(trace: Trace) -> int:
    return int((~isnan(resample(trace).values)).sum())


def _mixed(prediction: Trace, raters: Sequence[Trace], others: Sequence[str]) -> str:
    """The videos that the files name, and in which file, where they differ; else "". `others` are the stems of the study's other videos."""
    films = [(trace.film, f"{trace.film} in {trace.name}") for trace in raters if trace.film]
    exact = {film_stem(film).casefold() for film, _ in films}
    known = {film_stem(other).casefold() for other in others}
    if prediction.film:
        films.append((prediction.film, f"{prediction.film} in the prediction"))
        exact, known = {film_stem(prediction.film).casefold()}, known | {film_stem(prediction.film).casefold()}
    named = {_video_key(film, exact, known): words for film, words in films}
    return ", ".join(named.values()) if len(named) > 1 else ""


def _video_key(film: str, exact: Collection[str], known: Collection[str]) -> str:
    """What two names of one video have in common. CARMA's mean of several raters names the video `STEM_Mean.mp4`: it is that of STEM where STEM is
    one of `exact`, unless a video of the study (`known`) has this very name. Both are in lower case."""
    key = film_stem(film).casefold()
    mean_of = key.removesuffix("_mean")
    return mean_of if mean_of in exact and key not in known else key


def _video(stem: str, faces: Sequence[Trace]) -> Video:
    """What the prediction tells of its video; the end of the trace stands for an unknown length."""
    first = faces[0]
    ends = [float(face.end_s[-1]) for face in faces if len(face.end_s)]
    length_s = max(ends, default=math.nan) if math.isnan(first.length_s) else first.length_s
    return Video(first.film or stem, length_s, first.frame_rate_hz)


def _named_raters(files: FilmFiles, settings: TraceSettings, video: Video) -> tuple[Trace, ...]:
    """All traces of the annotation files, with unique names: the file's without the video's stem, or the trace's own."""
    found: list[tuple[str, Path, Trace]] = []
    joined, last = files.stem.replace("/", "_"), files.stem.rpartition("/")[2]
    for path in files.annotations:
        if is_run_folder(path):
            raise InputError(f"{path}: is a run folder, and annotations are files of raters; give the prediction first")
        traces = read_traces(
            path,
            kind=settings.kind,
            axis=settings.axis or None,
            value_range=settings.value_range,
            time_unit=settings.time_unit,
            video=video,
        )
        for trace in traces:
            named = next((f"{stem}_" for stem in (joined, last) if path.stem.startswith(f"{stem}_")), "")
            own = path.stem.removeprefix(named) or path.stem
            found.append((own if len(traces) == 1 else trace.name, path, trace))
    names = [name for name, _, _ in found]
    longer = [f"{path.resolve().parent.name}/{name}" if names.count(name) > 1 else name for name, path, _ in found]
    return tuple(
        replace(trace, name=name if longer.count(name) == 1 else f"{name} {number}")
        for number, (name, (_, _, trace)) in enumerate(zip(longer, found), 1)
    )
