"""Smooths a predicted trace for the comparison with slow human hands, and chooses how much on other videos than the one that is scored.

People who rate with a joystick or a slider follow a face slowly; a model that reads every frame does not. The prediction is averaged with a Gaussian
on the true times of its frames, before it is averaged over bins. The standard deviation (SD) is given, or chosen from `GRID_S`: the one with the
highest mean CCC on the other videos of the study, the smallest of equal ones. Rows and traces of `annotate-video` are never smoothed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from seqfer.core.errors import InputError
from seqfer.traces.resampling import LONGEST_HOLD, resample
from seqfer.traces.trace import STEP_S, Trace

Floats = NDArray[np.float64]
GRID_S = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
REACH = 4.0  # in SDs: beyond it a Gaussian weight is below 0.0004


def smoothed(trace: Trace, sd_s: float) -> Trace:
    """The trace averaged with a Gaussian of this SD in seconds; 0 returns it unchanged.

    Every value counts with the Gaussian weight of its distance in time and with its duration, so that frames of a variable rate do not count more
    where they are dense. Missing values have no weight and stay missing; the weights of the others sum to 1.
    """
    known = ~np.isnan(trace.values)
    if sd_s <= 0 or not known.any():
        return trace
    times = (trace.start_s[known] + trace.end_s[known]) / 2
    lengths, values = _durations(trace)[known], trace.values[known]
    weights, sums = lengths.copy(), lengths * values
    furthest = np.searchsorted(times, times + REACH * sd_s, side="right") - np.arange(len(times))
    for step in range(1, int(furthest.max())):
        near = np.exp(-0.5 * ((times[step:] - times[:-step]) / sd_s) ** 2)
        for to, of in ((slice(None, -step), slice(step, None)), (slice(step, None), slice(None, -step))):
            weights[to] += near * lengths[of]
            sums[to] += near * lengths[of] * values[of]
    result = trace.values.copy()
    result[known] = np.clip(sums / weights, values.min(), values.max())
    return replace(trace, values=result)


def _durations(trace: Trace) -> Floats:
    """The time in seconds that each value stands for, above 0: of a bin its length, of a sample half the distance to each neighbour. Towards a gap (a
    step of more than `LONGEST_HOLD` times the 90th percentile of all steps) and at the ends it is as much as on the other side."""
    if not trace.samples:
        return trace.end_s - trace.start_s
    steps = np.diff(trace.start_s)
    if not (steps > STEP_S).any():
        return np.ones(len(trace.values))
    usual_s = float(np.quantile(steps[steps > STEP_S], 0.9))
    half = np.where(steps > LONGEST_HOLD * usual_s, np.nan, steps / 2)
    before, after = np.append(np.nan, half), np.append(half, np.nan)
    sides = [np.where(np.isnan(side), other, side) for side, other in ((before, after), (after, before))]
    lengths: Floats = np.where(np.isnan(sides[0]), usual_s, sides[0] + sides[1])
    return np.maximum(lengths, STEP_S)  # several samples at one time share a duration


def smoothed_bins(trace: Trace, sd_s: float, rate_hz: float, bins: int) -> Floats:
    """The smoothed trace as means over bins from 0 s on, (bin,); the same bins as unsmoothed have a value."""
    return resample(smoothed(trace, sd_s), rate_hz, bins=bins).values


def best_sd(scores: Floats) -> float:
    """The SD of `GRID_S` with the highest mean of `scores` (SD, video). Videos with an undefined score are left out; without any it is 0."""
    defined = scores[:, ~np.isnan(scores).any(axis=0)]
    return GRID_S[int(np.argmax(defined.mean(axis=1)))] if defined.size else 0.0


def left_out_sds(scores: Floats, people: Sequence[str]) -> list[float]:
    """For each video the best SD of all videos of other people, from `scores` (SD, video) and the person of each video."""
    return [best_sd(scores[:, [other != person for other in people]]) for person in people]


def check_enough(stems: Sequence[str], people: Sequence[str]) -> None:
    """Raises InputError for `--smooth auto` with fewer than two videos, or with videos of one person only. `people` are those of the videos."""
    if len(set(people)) < 2:
        videos = (
            f"1 video ({stems[0]})"
            if len(stems) == 1
            else f"{len(stems)} videos of one person ({people[0]})"
            if stems
            else "none"
        )
        raise InputError(
            "--smooth auto needs 2 or more videos with prediction and annotation, of 2 or more people, as it is chosen on the other videos; "
            f"got {videos}; give a number of seconds, as in --smooth 1, or more videos"
        )
