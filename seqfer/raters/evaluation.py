"""Evaluates predictions against raters' annotations: the report of one video, or a table of several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from seqfer import __version__
from seqfer.core.errors import SeqferError
from seqfer.metrics.traces import ccc, trace_scores
from seqfer.raters.alignment import Aligned, FilmTraces, align, applied_shifts, estimated_lags, lag_warnings
from seqfer.raters.figures import Compared, FigureKind, agreement, at_marks, coverage, figure, mean_defined, over_films
from seqfer.raters.films import FilmFiles, Pairing
from seqfer.raters.people import people_of
from seqfer.raters.reading import OnFilm, file_checksums, for_each_film
from seqfer.raters.settings import TraceSettings
from seqfer.raters.smoothing import GRID_S, best_sd, check_enough, left_out_sds, smoothed, smoothed_bins
from seqfer.runs.folder import machine, versions
from seqfer.runs.kinds.evaluate_trace import (
    ChosenSmoothing,
    ComparedFilm,
    EvaluateTraceReport,
    TraceFigure,
    TraceLag,
    TracePrediction,
    TraceRater,
)
from seqfer.runs.results import TraceMeasures
from seqfer.traces.lag import Lag
from seqfer.traces.request import AUTO

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class FilmResult:
    """One video: its part of the report, the bins of its last comparison (as rated, or with the lag removed where that is set), and its figures
    with the values that they were computed from."""

    report: ComparedFilm
    aligned: Aligned
    compared: tuple[Compared, ...]


@dataclass(frozen=True)
class _Sides:
    """What is compared in one video, by side, with the estimated delays."""

    aligned: Mapping[str, Aligned]
    lags: tuple[Lag, ...]
    lag_rate_hz: float
    shifted: bool

    @property
    def last(self) -> Aligned:
        return list(self.aligned.values())[-1]


def evaluate_films(
    pairing: Pairing, settings: TraceSettings, command: str = "", on_film: OnFilm | None = None
) -> tuple[EvaluateTraceReport, dict[str, Aligned]]:
    """The report of `seqfer evaluate-trace`, and by stem the bins that its figures are computed from. `on_film` is called after every video.

    A video that fails is listed under `failed` with its problem, and the others continue. For a single video raises its SeqferError. Raises
    InputError for `smooth` "auto" with fewer than two videos that can be compared.
    """
    smoothing = choose_smoothing(pairing, settings) if settings.smooth == AUTO else None
    results: dict[str, FilmResult] = {}

    def evaluate(files: FilmFiles, film: FilmTraces) -> None:
        smooth_s = smoothing.films.get(files.stem) if smoothing else settings.fixed_smooth_s()
        done = evaluate_film(film, settings, smooth_s)
        results[files.stem] = replace(done, report=replace(done.report, checksums=file_checksums(files, film)))

    _, failed = for_each_film(pairing, settings, evaluate, on_film)
    report = EvaluateTraceReport(
        seqfer=__version__,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=command,
        settings=asdict(settings),
        films=tuple(result.report for result in results.values()),
        summary=over_films([result.compared for result in results.values()]),
        smoothing=smoothing,
        failed=tuple(failed),
        without_annotation=pairing.unannotated,
        without_prediction=tuple(map(str, pairing.unpredicted)),
        versions=versions(),
        machine=machine(),
    )
    return report, {stem: result.aligned for stem, result in results.items()}


def choose_smoothing(pairing: Pairing, settings: TraceSettings) -> ChosenSmoothing:
    """For each video the SD with the highest mean CCC on the videos of other people, with the delay removed where that is set.

    Reads every video once. Raises InputError for fewer than two videos or people that can be compared.
    """
    stems = [files.stem for files in pairing.films]
    check_enough(stems, people_of(stems, settings.people))

    def score(files: FilmFiles, film: FilmTraces) -> tuple[str, list[float]]:
        side = _sides(film, settings).last
        bins = (smoothed_bins(film.prediction, sd_s, side.rate_hz, len(side.prediction)) for sd_s in GRID_S)
        return files.stem, [ccc(predicted, side.fused.values) for predicted in bins]

    found, _ = for_each_film(pairing, settings, score)
    stems = [stem for stem, _ in found]
    people = people_of(stems, settings.people)
    check_enough(stems, people)
    scores = np.array([values for _, values in found]).T
    return ChosenSmoothing(
        grid_s=GRID_S, films=dict(zip(stems, left_out_sds(scores, people), strict=True)), on_all_films_s=best_sd(scores)
    )


def evaluate_film(film: FilmTraces, settings: TraceSettings, smooth_s: float | None = None) -> FilmResult:
    """The result of one video; with `smooth_s` the smoothed prediction is compared as well.

    Raises InputError where prediction and annotation do not overlap.
    """
    if smooth_s is not None:
        film = replace(film, smoothed=smoothed(film.prediction, smooth_s))
    sides = _sides(film, settings)
    compared = tuple(
        one for side, aligned in sides.aligned.items() for one in _compared(side, aligned, film, settings, smooth_s)
    )
    figures = tuple(one.figure for one in compared)
    report = ComparedFilm(
        film=film.stem,
        prediction=TracePrediction(name=film.prediction.name, source=film.prediction.source, faces=film.faces),
        raters=_raters(film, sides.last, sides.lags),
        lag=TraceLag(
            per=settings.lag_per,
            grid_hz=sides.lag_rate_hz,
            mean_s=mean_defined([lag.seconds for lag in sides.lags]),
            applied=sides.shifted,
        ),
        agreement={key: agreement(side.ratings) for key, side in sides.aligned.items()} if len(film.raters) > 1 else {},
        figures=figures,
        coverage=coverage(sides.last),
        warnings=(
            *film.notes,
            *lag_warnings(film, sides.lags, sides.lag_rate_hz, settings),
            *_warnings(film, sides.last, figures),
        ),
    )
    return FilmResult(report, sides.last, compared)


def _sides(film: FilmTraces, settings: TraceSettings) -> _Sides:
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
    return _Sides(sides, lags, lag_rate_hz, shifts is not None)


def _compared(
    side: str, aligned: Aligned, film: FilmTraces, settings: TraceSettings, smooth_s: float | None
) -> list[Compared]:
    """The figures of one side: of all bins and at marks where that is set, each of the prediction and of the smoothed prediction."""
    found = []
    for sd_s, trace, values in (
        (None, film.prediction, aligned.prediction),
        (smooth_s, film.smoothed, aligned.smoothed),
    ):
        if trace is None or values is None:
            continue
        pairs = [(FigureKind(side, 1 / aligned.rate_hz, None, sd_s), (values, aligned.fused.values))]
        if settings.every_s:
            marks = at_marks(trace, aligned, settings.every_s)
            pairs.append((FigureKind(side, settings.every_s, settings.every_s, sd_s), marks))
        found += [Compared(figure(*pair, kind, settings), *pair) for kind, pair in pairs]
    return found


def _raters(film: FilmTraces, aligned: Aligned, lags: Sequence[Lag]) -> tuple[TraceRater, ...]:
    annotated = ~np.isnan(aligned.ratings).all(axis=0)
    others = [np.delete(aligned.ratings, k, axis=0) for k in range(len(film.raters))]
    return tuple(
        TraceRater(
            name=trace.name,
            source=trace.source,
            film=trace.film,
            rated_s=int((~np.isnan(own)).sum()) / aligned.rate_hz,
            missing=1 - float((~np.isnan(own)).sum() / annotated.sum()),
            weight=weight,
            lag_s=lag.seconds,
            lag_correlation=lag.correlation,
            lag_at_edge=lag.at_edge,
            shift_s=shift,
            against_others=TraceMeasures(**asdict(trace_scores(own, _mean_of(rest)))) if len(rest) else None,
        )
        for trace, own, rest, weight, lag, shift in zip(
            film.raters, aligned.ratings, others, aligned.fused.weights, lags, aligned.shifts_s, strict=True
        )
    )


def _mean_of(ratings: Floats) -> Floats:
    known = ~np.isnan(ratings)
    total, count = np.where(known, ratings, 0.0).sum(axis=0), known.sum(axis=0)
    result: Floats = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return result


def _warnings(film: FilmTraces, aligned: Aligned, figures: Sequence[TraceFigure]) -> list[str]:
    said = []
    used = aligned.both
    for what, values in (("prediction", aligned.prediction[used]), ("annotation", aligned.fused.values[used])):
        if values.min() == values.max():
            said.append(
                f"The {what} has the same value in all {len(values)} compared bins, so no correlation is defined."
            )
    for index in aligned.fused.zero_weight_raters:
        said.append(f"{film.raters[index].name}: contradicts the others or is constant, and has weight 0.")
    undefined = Counter(name for one in figures for name in one.undefined)
    if undefined:
        counted = ", ".join(f"{name.upper()} {count} of {len(figures)}" for name, count in undefined.items())
        said.append(f"Undefined figures: {counted}.")
    share = coverage(aligned).of_annotated
    if share < 0.5:
        said.append(f"Only {share:.0%} of the annotated time has a prediction; the figures are computed on that part.")
    return said
