"""Evaluates predictions against raters' annotations: the report of one video, or a table of several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqfer import __version__
from seqfer.core.errors import SeqferError
from seqfer.metrics.traces import trace_scores
from seqfer.raters.alignment import Aligned, FilmTraces, align, applied_shifts, estimated_lags, lag_warnings
from seqfer.raters.figures import agreement, at_marks, coverage, figure, mean_defined, over_films
from seqfer.raters.films import FilmFiles, Pairing
from seqfer.raters.reading import OnFilm, file_checksums, for_each_film
from seqfer.raters.settings import TraceSettings
from seqfer.runs.folder import machine, versions
from seqfer.traces.lag import Lag
from seqfer.traces.trace import Trace

Floats = NDArray[np.float64]
Report = dict[str, Any]


def evaluate_films(
    pairing: Pairing, settings: TraceSettings, command: str = "", on_film: OnFilm | None = None
) -> tuple[Report, dict[str, Aligned]]:
    """The report of `seqfer evaluate-trace`, and by stem the bins that its figures are computed from. `on_film` is called after every video.

    A video that fails is listed under `failed` with its problem, and the others continue. For a single video raises its SeqferError.
    """
    aligned: dict[str, Aligned] = {}

    def evaluate(files: FilmFiles, film: FilmTraces) -> Report:
        report, aligned[files.stem] = evaluate_film(film, settings)
        return report | {"checksums": file_checksums(files, film)}

    films, failed = for_each_film(pairing, settings, evaluate, on_film)
    return {
        "seqfer": __version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
        "settings": asdict(settings),
        "films": films,
        "summary": over_films([film["figures"] for film in films]),
        "failed": failed,
        "without_annotation": list(pairing.unannotated),
        "without_prediction": [str(path) for path in pairing.unpredicted],
        "versions": versions(),
        "machine": machine(),
    }, aligned


def evaluate_film(film: FilmTraces, settings: TraceSettings) -> tuple[Report, Aligned]:
    """One video's report and the bins of its last comparison: as rated, or with the lag removed where that is set.

    Raises InputError where prediction and annotation do not overlap.
    """
    lags, lag_rate_hz = estimated_lags(film, settings)
    shifts = applied_shifts(lags, settings)
    sides = {}
    try:
        sides["as_rated"] = align(film, settings)
    except SeqferError:
        if shifts is None:  # ratings may overlap the prediction only after removal of their delay
            raise
    if shifts is not None:
        sides["lag_corrected"] = align(film, settings, shifts)
    figures = [figure for key, side in sides.items() for figure in _figures(key, side, film.prediction, settings)]
    last = list(sides.values())[-1]
    report = {
        "film": film.stem,
        "prediction": {"name": film.prediction.name, "source": film.prediction.source, "faces": list(film.faces)},
        "raters": _raters(film, last, lags),
        "lag": {
            "per": settings.lag_per,
            "grid_hz": lag_rate_hz,
            "mean_s": mean_defined([lag.seconds for lag in lags]),
            "applied": shifts is not None,
        },
        "agreement": {key: agreement(side.ratings) for key, side in sides.items()} if len(film.raters) > 1 else {},
        "figures": figures,
        "coverage": coverage(last),
        "warnings": [*film.notes, *lag_warnings(film, lags, lag_rate_hz, settings), *_warnings(film, last, figures)],
    }
    return report, last


def _figures(key: str, side: Aligned, prediction: Trace, settings: TraceSettings) -> list[Report]:
    found = [
        {
            "side": key,
            "every_s": None,
            **figure(side.prediction, side.fused.values, 1 / side.rate_hz, settings),
        }
    ]
    if settings.every_s:
        values = at_marks(prediction, side, settings.every_s)
        found.append({"side": key, "every_s": settings.every_s, **figure(*values, settings.every_s, settings)})
    return found


def _raters(film: FilmTraces, aligned: Aligned, lags: Sequence[Lag]) -> list[Report]:
    annotated = ~np.isnan(aligned.ratings).all(axis=0)
    others = [np.delete(aligned.ratings, k, axis=0) for k in range(len(film.raters))]
    return [
        {
            "name": trace.name,
            "source": trace.source,
            "film": trace.film,
            "rated_s": int((~np.isnan(own)).sum()) / aligned.rate_hz,
            "missing": 1 - float((~np.isnan(own)).sum() / annotated.sum()),
            "weight": weight,
            "lag_s": lag.seconds,
            "lag_correlation": lag.correlation,
            "lag_at_edge": lag.at_edge,
            "shift_s": shift,
            "against_others": asdict(trace_scores(own, _mean_of(rest))) if len(rest) else None,
        }
        for trace, own, rest, weight, lag, shift in zip(
            film.raters, aligned.ratings, others, aligned.fused.weights, lags, aligned.shifts_s, strict=True
        )
    ]


def _mean_of(ratings: Floats) -> Floats:
    known = ~np.isnan(ratings)
    total, count = np.where(known, ratings, 0.0).sum(axis=0), known.sum(axis=0)
    result: Floats = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return result


def _warnings(film: FilmTraces, aligned: Aligned, figures: Sequence[Report]) -> list[str]:
    said = []
    used = aligned.both
    for what, values in (("prediction", aligned.prediction[used]), ("annotation", aligned.fused.values[used])):
        if values.min() == values.max():
            said.append(
                f"The {what} has the same value in all {len(values)} compared bins, so no correlation is defined."
            )
    for index in aligned.fused.zero_weight_raters:
        said.append(f"{film.raters[index].name}: contradicts the others or is constant, and has weight 0.")
    undefined = Counter(name for one in figures for name in one["undefined"])
    if undefined:
        counted = ", ".join(f"{name.upper()} {count} of {len(figures)}" for name, count in undefined.items())
        said.append(f"Undefined figures: {counted}.")
    share = coverage(aligned)["of_annotated"]
    if share < 0.5:
        said.append(f"Only {share:.0%} of the annotated time has a prediction; the figures are computed on that part.")
    return said
