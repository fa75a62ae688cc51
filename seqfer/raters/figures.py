"""Computes the figures of an aligned video with their intervals, of a folder with mean and standard deviation, and raters' agreement.

Intervals are from a bootstrap over blocks of time: a tenth of the video long, but 10 s at least and 60 s at most, because neighbouring
seconds are correlated. The protocol of Liu et al. 2020 uses one value every 2 s: the prediction at the nearest frame, the annotation's
mean of the bin that begins there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, stdev

import numpy as np
from numpy.typing import NDArray

from seqfer.metrics.agreement import complete_seconds, icc2k, icc3k, krippendorff_alpha
from seqfer.metrics.traces import MEASURES, block_bootstrap, pooled_scores, trace_scores
from seqfer.raters.alignment import Aligned
from seqfer.raters.settings import TraceSettings
from seqfer.runs.kinds.evaluate_trace import RaterAgreement, TraceCoverage, TraceFigure, TraceSummary
from seqfer.runs.results import MeanAndSd, TraceMeasures
from seqfer.traces.trace import Trace

Floats = NDArray[np.float64]
SHORTEST_BLOCK_S, LONGEST_BLOCK_S = 10.0, 60.0
NEAREST_S = 0.5  # a frame further than this from a sampling time is not used for it


@dataclass(frozen=True)
class Compared:
    """One figure and the two arrays (time,) that it was computed from, with a value every `step_s` seconds."""

    figure: TraceFigure
    predicted: Floats
    truth: Floats


@dataclass(frozen=True)
class FigureKind:
    """What a figure compares: the side, the distance of its values in seconds (`every_s` where they are at marks), the SD of the smoothing."""

    side: str
    step_s: float
    every_s: float | None = None
    smooth_s: float | None = None


def figure(predicted: Floats, truth: Floats, kind: FigureKind, settings: TraceSettings) -> TraceFigure:
    """All measures of two arrays (time,) of this kind."""
    known = np.flatnonzero(~np.isnan(predicted) & ~np.isnan(truth))
    span = slice(known[0], known[-1] + 1) if known.size else slice(0, 0)
    predicted, truth = predicted[span], truth[span]
    length_s = len(predicted) * kind.step_s
    block = max(1, round(min(max(length_s / 10, SHORTEST_BLOCK_S), LONGEST_BLOCK_S) / kind.step_s))
    scores = trace_scores(predicted, truth)
    intervals = (
        block_bootstrap(predicted, truth, block=block, seed=settings.seed, level=settings.level)
        if known.size
        else dict.fromkeys(MEASURES, (math.nan, math.nan))
    )
    return TraceFigure(
        side=kind.side,
        every_s=kind.every_s,
        smooth_s=kind.smooth_s,
        **asdict(scores),
        intervals={name: intervals[name] for name in MEASURES},
        block_s=block * kind.step_s,
        undefined=scores.undefined,
    )


def at_marks(prediction: Trace, aligned: Aligned, every_s: float) -> tuple[Floats, Floats]:
    """Prediction and annotation (mark,) at the times 0, every_s, 2 every_s, ...: the value of the nearest frame, at most 0.5 s away (of the bin
    around that time where the prediction has bins), and the fused rating of the bin around it."""
    marks = np.arange(0.0, len(aligned.prediction) / aligned.rate_hz - 1e-9, every_s)
    bins = np.minimum(np.floor(marks * aligned.rate_hz + 1e-6).astype(int), len(aligned.prediction) - 1)
    return _values_at(prediction, marks), aligned.fused.values[bins]


def agreement(ratings: Floats) -> RaterAgreement:
    """Agreement of raters (rater, bin): ICC(2,k), ICC(3,k) over the bins that all rated, alpha over those that two or more rated."""
    return RaterAgreement(
        icc2k=icc2k(ratings),
        icc3k=icc3k(ratings),
        alpha=krippendorff_alpha(ratings),
        complete=complete_seconds(ratings),
        raters=len(ratings),
    )


def coverage(aligned: Aligned) -> TraceCoverage:
    """Seconds with prediction, with annotation, with both, and the fractions of each that have the other."""
    predicted, annotated = ~np.isnan(aligned.prediction), ~np.isnan(aligned.fused.values)
    both = int(aligned.both.sum())
    return TraceCoverage(
        predicted_s=int(predicted.sum()) / aligned.rate_hz,
        annotated_s=int(annotated.sum()) / aligned.rate_hz,
        both_s=both / aligned.rate_hz,
        of_annotated=both / int(annotated.sum()),
        of_predicted=both / int(predicted.sum()),
    )


def over_films(films: Sequence[Sequence[Compared]]) -> tuple[TraceSummary, ...]:
    """Per kind of figure the mean and the standard deviation (n - 1) over videos with equal weights, and the measures of all values pooled.

    A video in which a measure is undefined is left out of that measure's mean; `count` is the number of videos used.
    """
    every = [one for film in films for one in film]
    found = []
    for kind in dict.fromkeys(one.figure.kind for one in every):
        here = [one for one in every if one.figure.kind == kind]
        over = {name: mean_and_sd([getattr(one.figure, name) for one in here]) for name in MEASURES}
        found.append(
            TraceSummary(
                side=kind[0],
                every_s=kind[1],
                smoothed=kind[2] or None,
                films=len(here),
                mean={name: over[name].mean for name in MEASURES},
                sd={name: over[name].sd for name in MEASURES},
                count={name: over[name].count for name in MEASURES},
                pooled=TraceMeasures(**asdict(pooled_scores((one.predicted, one.truth) for one in here))),
            )
        )
    return tuple(found)


def mean_and_sd(values: Sequence[float]) -> MeanAndSd:
    """Mean and standard deviation (n - 1) of the values that are not NaN, and their number."""
    known = [value for value in values if not math.isnan(value)]
    return MeanAndSd(mean=mean_defined(known), sd=stdev(known) if len(known) > 1 else math.nan, count=len(known))


def mean_defined(values: Sequence[float]) -> float:
    """The mean of the values that are not NaN; NaN where there are none."""
    known = [value for value in values if not math.isnan(value)]
    return fmean(known) if known else math.nan


def _values_at(trace: Trace, marks: Floats) -> Floats:
    """The trace at times (mark,): NaN where the nearest value is missing or too far."""
    after = np.searchsorted(trace.start_s, marks + 1e-6)
    if not trace.samples:
        inside = np.maximum(after - 1, 0)
        hit = (after > 0) & (trace.end_s[inside] > marks + 1e-6)
        return np.where(hit, trace.values[inside], np.nan)
    left, right = np.maximum(after - 1, 0), np.minimum(after, len(trace.start_s) - 1)
    away_left, away_right = np.abs(trace.start_s[left] - marks), np.abs(trace.start_s[right] - marks)
    nearest = np.where(away_left <= away_right, left, right)
    return np.where(np.minimum(away_left, away_right) <= NEAREST_S, trace.values[nearest], np.nan)
