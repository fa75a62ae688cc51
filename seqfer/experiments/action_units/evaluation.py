"""Scores of estimated action units over all people: scaling and thresholds of each fold are fitted on the people of the other folds.

The scaling is the least squares line from estimates to intensities, cut off at 0 and 5; the threshold is that of the highest F1. Labels that only
say whether a unit occurs are not scaled: ICC(3,1) and MAE, which compare amounts, are then undefined.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqfer.core.errors import SettingsError
from seqfer.experiments.action_units.labels import HIGHEST, AuLabels
from seqfer.experiments.action_units.matching import MatchedVideo
from seqfer.experiments.settings import EvaluateAusSettings
from seqfer.metrics.action_units import MEASURES, AuFrames, au_scores, best_threshold, fit_line
from seqfer.raters.figures import mean_defined
from seqfer.runs.kinds.evaluate_aus import EvaluatedUnit

Floats = NDArray[np.float64]
OF_INTENSITIES = ("icc31", "mae")


@dataclass(frozen=True)
class _Frames:
    """The frames of one action unit that have a label and an estimate, each array (frame,)."""

    truth: Floats
    estimate: Floats
    person: NDArray[np.int64]


def evaluate_units(
    labels: AuLabels, videos: Sequence[MatchedVideo], settings: EvaluateAusSettings
) -> tuple[EvaluatedUnit, ...]:
    """The scores of every action unit with labels and estimates of at least two people. Raises SettingsError for more folds than people."""
    people = sorted({video.labels.person for video in videos})
    if settings.folds > len(people):
        raise SettingsError(
            f"folds is {settings.folds} with {len(people)} people; allowed: 0 (one per person), or 2 to {len(people)}"
        )
    frames = {unit: _frames(unit, videos, people) for unit in labels.units}
    return tuple(
        _evaluated(unit, some, labels.intensities, settings)
        for unit, some in frames.items()
        if len(np.unique(some.person)) > 1
    )


def mean_of(units: Sequence[EvaluatedUnit]) -> dict[str, float]:
    """Each measure's mean over the units in which it is defined; NaN where it is in none."""
    return {name: mean_defined([getattr(unit, name) for unit in units]) for name in MEASURES}


def folds_of(person: NDArray[np.int64], folds: int, seed: int) -> NDArray[np.int64]:
    """The fold (frame,) of each frame from its person (frame,): whole people, evenly divided; one per person for 0 and for more folds than people."""
    names, numbers = np.unique(person, return_inverse=True)
    count = min(folds or len(names), len(names))
    fold: NDArray[np.int64] = np.random.default_rng(seed).permutation(np.arange(len(names)) % count)
    return fold[numbers.ravel()]


def _frames(unit: int, videos: Sequence[MatchedVideo], people: Sequence[str]) -> _Frames:
    """The frames of all videos that have a label and an estimate; a person is a place in `people`."""
    truth, estimate, person = [np.zeros(0)], [np.zeros(0)], [np.zeros(0, np.int64)]
    for video in videos:
        if unit not in video.estimates:
            continue
        values = video.labels.values[:, video.labels.units.index(unit)]
        known = ~np.isnan(values) & ~np.isnan(video.estimates[unit])
        truth.append(values[known])
        estimate.append(video.estimates[unit][known])
        person.append(np.full(int(known.sum()), people.index(video.labels.person)))
    return _Frames(np.concatenate(truth), np.concatenate(estimate), np.concatenate(person))


def _evaluated(unit: int, frames: _Frames, intensities: bool, settings: EvaluateAusSettings) -> EvaluatedUnit:
    active = frames.truth >= (settings.least_intensity if intensities else 1)
    scaled, decided = np.empty(len(frames.truth)), np.empty(len(frames.truth), bool)
    fold = folds_of(frames.person, settings.folds, settings.seed)
    for one in np.unique(fold):
        own, others = fold == one, fold != one
        slope, offset = fit_line(frames.estimate[others], frames.truth[others])
        scaled[own] = np.clip(slope * frames.estimate[own] + offset, 0, HIGHEST)
        decided[own] = frames.estimate[own] >= best_threshold(frames.estimate[others], active[others])
    scores = au_scores(
        AuFrames(frames.truth, active, frames.estimate, scaled, decided, frames.person),
        samples=settings.samples,
        seed=settings.seed,
        level=settings.level,
    )
    undefined = () if intensities else OF_INTENSITIES
    nothing = (math.nan, math.nan)
    return EvaluatedUnit(
        action_unit=unit,
        frames=len(frames.truth),
        active=int(active.sum()),
        people=len(np.unique(frames.person)),
        **{name: math.nan if name in undefined else value for name, value in scores.values.items()},
        intervals={name: nothing if name in undefined else both for name, both in scores.intervals.items()},
    )
