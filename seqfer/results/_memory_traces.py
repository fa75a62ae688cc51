"""Predictions in memory as traces: an annotated video, or a data frame with a column of times and one of values."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from seqfer.core.errors import InputError
from seqfer.results._paths import AnyPath, paths_of
from seqfer.results.annotation import Annotation
from seqfer.results.annotations import Annotations

if TYPE_CHECKING:
    import pandas as pd

    from seqfer.raters.films import Pairing, Prediction
    from seqfer.traces.request import Video
    from seqfer.traces.trace import Trace

    Predicted: TypeAlias = AnyPath | Annotation | pd.DataFrame

VALENCE, FACE, TIME_S, SECOND = "valence", "face", "time_s", "second"
_OTHERS = (FACE, TIME_S, SECOND, "frame", "shot")  # columns that hold no values of a trace
_UNNAMED = "prediction"


def pairing_of(
    prediction: Predicted | Annotations | Mapping[str, Predicted], annotations: AnyPath | Iterable[AnyPath], axis: str
) -> Pairing:
    """Predictions with their annotation files, see `seqfer.compare_traces`; `axis` is the column of values in data frames that have several.

    Raises InputError as `seqfer.raters.films.pair_films`, and for a data frame without such columns.
    """
    from seqfer.raters.films import film_stem, pair_films, pair_many, pair_one

    files = paths_of(annotations)
    if isinstance(prediction, Annotations):
        prediction = _by_stem(prediction)
    if isinstance(prediction, Mapping):
        if not prediction:
            raise InputError("no video is given; give a mapping from the videos' names to their predictions")
        return pair_many({str(stem): _prediction(one, axis, str(stem)) for stem, one in prediction.items()}, files)
    if isinstance(prediction, str | os.PathLike):
        return pair_films(Path(prediction), files)
    stem = film_stem(prediction.summary.film.name) if isinstance(prediction, Annotation) else _UNNAMED
    return pair_one(stem, _prediction(prediction, axis, stem), files)


def _by_stem(annotated: Annotations) -> dict[str, Predicted]:
    """Annotated videos by their stems, with their folders below the common parent. Raises InputError where two have one stem."""
    from seqfer.film.batch import names_of
    from seqfer.raters.films import film_stem

    found: dict[str, Predicted] = {}
    for name, one in zip(names_of(list(annotated.by_video)), annotated, strict=True):
        stem = name.with_name(film_stem(one.summary.film.name)).as_posix()
        if stem in found:
            raise InputError(f"two annotations are of {stem!r}; give a mapping from names to annotations")
        found[stem] = one
    return found


def _prediction(given: Predicted, axis: str, name: str) -> Prediction:
    from seqfer.traces.request import Video

    if isinstance(given, str | os.PathLike):
        return Path(given)
    if isinstance(given, Annotation):
        if VALENCE not in given.frames:
            raise InputError(f"{given.summary.film.name}: has no valence; annotate the video with valence=True")
        film = given.summary.film
        return _traces(given.frames, VALENCE, Video(film.name, film.duration_s, film.frame_rate_hz), film.zero_s)
    column = _value_column(given, axis, name)
    try:
        return _traces(given, column, Video(), 0.0)  # a data frame does not say of which video it is
    except InputError as error:
        raise InputError(f"{name}: {error}") from None


def _value_column(table: Any, axis: str, name: str) -> str:
    """The column of values. Raises InputError for something that is no table, and where no column or none of several is meant."""
    if not hasattr(table, "columns"):
        raise InputError(f"{name}: a {type(table).__name__}; give a path, an Annotation or a data frame")
    columns = [str(column) for column in table.columns]
    if TIME_S not in columns and SECOND not in columns:
        raise InputError(f"{name}: no column {TIME_S} or {SECOND}, the times in seconds; it has {', '.join(columns)}")
    values = [column for column in columns if column not in _OTHERS]
    wanted = axis or (VALENCE if VALENCE in values else values[0] if len(values) == 1 else "")
    if wanted not in values:
        raise InputError(f"{name}: no column {wanted or VALENCE!r}; name one with prediction_axis: {', '.join(values)}")
    return wanted


def _traces(table: pd.DataFrame, column: str, video: Video, zero_s: float) -> tuple[Trace, ...]:
    """A trace per face, or one of a table without faces. Raises InputError for what is no number, and as `Trace`."""
    import numpy as np

    from seqfer.traces.faces import face_trace

    time = TIME_S if TIME_S in table else SECOND
    names = [name for name in (time, column, FACE) if name in table]
    try:
        times, values, *of_face = (table[name].to_numpy(dtype=float, na_value=np.nan) for name in names)
    except (TypeError, ValueError) as error:
        raise InputError(f"{', '.join(names)} must be numbers ({error})") from None
    faces = of_face[0] if of_face else np.ones(len(table))
    traces = tuple(
        face_trace(int(face), times[faces == face], values[faces == face], video, zero_s=zero_s, seconds=time == SECOND)
        for face in np.unique(faces[~np.isnan(faces)])
    )
    return traces if FACE in table else tuple(replace(trace, name=column) for trace in traces)
