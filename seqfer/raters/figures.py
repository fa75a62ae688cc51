"""Computes the figures of an aligned video with their intervals, of a folder with mean and standard deviation, and raters' agreement.

Intervals are from a bootstrap over blocks of time: a tenth of the video long, but 10 s at least and 60 s at most, because neighbouring
seconds are correlated. The protocol of Liu et al. 2020 uses one value every 2 s: the prediction at the nearest frame, the annotation's
mean of the bin that begins there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqfer.metrics.agreement import complete_seconds, icc2k, icc3k, krippendorff_alpha
from seqfer.metrics.traces import MEASURES, block_bootstrap, trace_scores
from seqfer.raters.alignment import Aligned
from seqfer.raters.settings import TraceSettings
from seqfer.traces.trace import Trace

Floats = NDArray[np.float64]
Report = dict[str, Any]
SHORTEST_BLOCK_S, LONGEST_BLOCK_S = 10.0, 60.0
NEAREST_S = 0.5  # a frame further than this from a sampling time is not used for it


def figure(predicted: Floats, truth: Floats, step_s: float, settings: TraceSettings) -> Report:
    """All measures of two arrays (time,) with a value every `step_s` seconds: n, measures, `intervals`, `block_s`, `undefined`."""
    known = np.flatnonzero(~np.isnan(predicted) & ~np.isnan(truth))
    span = slice(known[0], known[-1] + 1) if known.size else slice(0, 0)
    predicted, truth = predicted[span], truth[span]
    length_s = len(predicted) * step_s
    block = max(1, round(min(max(length_s / 10, SHORTEST_BLOCK_S), LONGEST_BLOCK_S) / step_s))
    scores = trace_scores(predicted, truth)
    intervals = (
        block_bootstrap(predicted, truth, block=block, seed=settings.seed, level=settings.level)
        if known.size
        else dict.fromkeys(MEASURES, (math.nan, math.nan))
    )
    return {
        "n": scores.n,
        **{name: getattr(scores, name) for name in MEASURES},
        "intervals": {name: list(intervals[name]) for name in MEASURES},
        "block_s": block * step_s,
        "undefined": list(scores.undefined),
    }


def at_marks(prediction: Trace, aligned: Aligned, every_s: float) -> tuple[Floats, Floats]:
    """Prediction and annotation (mark,) at the times 0, every_s, 2 every_s, ...: the value of the nearest frame, at most 0.5 s away (of the bin
    around that time where the prediction has bins), and the fused rating of the bin around it."""
    marks = np.arange(0.0, len(aligned.prediction) / aligned.rate_hz - 1e-9, every_s)
    bins = np.minimum(np.floor(marks * aligned.rate_hz + 1e-6).astype(int), len(aligned.prediction) - 1)
    return _values_at(prediction, marks), aligned.fused.values[bins]


def agreement(ratings: Floats) -> Report:
    """Agreement of raters (rater, bin): ICC(2,k), ICC(3,k) over the bins that all rated, alpha over those that two or more rated."""
    return {
        "icc2k": icc2k(ratings),
        "icc3k": icc3k(ratings),
        "alpha": krippendorff_alpha(ratings),
        "complete": complete_seconds(ratings),
        "raters": len(ratings),
    }


def coverage(aligned: Aligned) -> Report:
    """Seconds with prediction, with annotation, with both, and the fractions of each that have the other."""
    predicted, annotated = ~np.isnan(aligned.prediction), ~np.isnan(aligned.fused.values)
    both = int(aligned.both.sum())
    return {
        "predicted_s": int(predicted.sum()) / aligned.rate_hz,
        "annotated_s": int(annotated.sum()) / aligned.rate_hz,
        "both_s": both / aligned.rate_hz,
        "of_annotated": both / int(annotated.sum()),
        "of_predicted": both / int(predicted.sum()),
    }


def over_films(films: Sequence[Sequence[Mapping[str, Any]]]) -> list[Report]:
    """Per kind of figure the mean and the standard deviation (n - 1) over videos with equal weights.

    A video in which a measure is undefined is left out of that measure; `count` is the number of videos used.
    """
    kinds = list(dict.fromkeys((f["side"], f["every_s"]) for figures in films for f in figures))
    found = []
    for side, every_s in kinds:
        here = [f for figures in films for f in figures if (f["side"], f["every_s"]) == (side, every_s)]
        over = {name: mean_and_sd([f[name] for f in here]) for name in MEASURES}
        found.append(
            {
                "side": side,
                "every_s": every_s,
                "films": len(here),
                **{key: {name: over[name][key] for name in MEASURES} for key in ("mean", "sd", "count")},
            }
        )
    return found


def mean_and_sd(values: Sequence[float]) -> dict[str, Any]:
    """Mean and standard deviation (n - 1) of the values that are not NaN, and their number."""
    known = [value for value in values if not math.isnan(value)]
    return {"mean": mean_defined(known), "sd": stdev(known) if len(known) > 1 else math.nan, "count": len(known)}


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
