"""Figures of a study: model against raters by stimulus, participant and group, and how alike participants are over the time of a stimulus."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from seqfer.core.errors import SettingsError
from seqfer.metrics.cluster_permutation import cluster_permutation_test
from seqfer.metrics.intersubject import (
    leave_one_out_correlations,
    mean_correlation,
    pairwise_correlations,
    sliding_correlations,
    top_moments,
)
from seqfer.metrics.traces import MEASURES
from seqfer.raters.figures import mean_and_sd
from seqfer.runs.kinds.evaluate_trace import EvaluateTraceReport, TraceFigure
from seqfer.runs.kinds.study import StudyCluster, StudyFigure, StudyGroups, StudyMoment, StudySource, StudyStimulus
from seqfer.study.series import StimulusSeries
from seqfer.study.settings import StudyReportSettings
from seqfer.study.study_file import Recording, StudyFile

MOMENTS = 3
_RANGES = {"rmse": (0.0, 2.0), "mae": (0.0, 2.0), "ccc": (-1.0, 1.0), "pcc": (-1.0, 1.0), "sagr": (0.0, 1.0)}


def figures_by(study: StudyFile, compared: EvaluateTraceReport, level: float) -> tuple[StudyFigure, ...]:
    """Means of the recordings' figures: over all, by stimulus, by participant and by group."""
    films = {film.film: film.figures for film in compared.films}
    group = {one.name: one.group for one in study.participants}
    recordings = [one for one in study.recordings if one.name in films]
    parts: list[tuple[str, str, list[Recording]]] = [("all", "", recordings)]
    parts += [("stimulus", s.name, [r for r in recordings if r.stimulus == s.name]) for s in study.stimuli]
    parts += [("participant", p.name, [r for r in recordings if r.participant == p.name]) for p in study.participants]
    parts += [("group", g, [r for r in recordings if group[r.participant] == g]) for g in study.groups()]
    found = list[StudyFigure]()
    for by, name, chosen in parts:
        every = [figure for one in chosen for figure in films[one.name]]
        for kind in dict.fromkeys(figure.kind for figure in every):
            found.append(_mean_figure(by, name, [figure for figure in every if figure.kind == kind], level))
    return tuple(found)


def _mean_figure(by: str, name: str, figures: Sequence[TraceFigure], level: float) -> StudyFigure:
    over = {measure: mean_and_sd([getattr(one, measure) for one in figures]) for measure in MEASURES}
    side, every_s, smoothed = figures[0].kind
    return StudyFigure(
        by=by,
        name=name,
        side=side,
        every_s=every_s,
        smoothed=smoothed or None,
        recordings=len(figures),
        mean={measure: one.mean for measure, one in over.items()},
        sd={measure: one.sd for measure, one in over.items()},
        count={measure: one.count for measure, one in over.items()},
        intervals={
            measure: mean_interval(one.mean, one.sd, one.count, level, _RANGES[measure])
            for measure, one in over.items()
        },
    )


def mean_interval(mean: float, sd: float, count: int, level: float, limits: tuple[float, float]) -> tuple[float, float]:
    """Student's interval of a mean, cut at the ends of what is possible; NaN for fewer than two values.

    >>> [round(end, 3) for end in mean_interval(0.5, 0.1, 4, 0.95, (-1, 1))]
    [0.341, 0.659]
    """
    if count < 2:
        return math.nan, math.nan
    from scipy.stats import t

    half = float(t.ppf((1 + level) / 2, count - 1)) * sd / math.sqrt(count)
    return max(limits[0], mean - half), min(limits[1], mean + half)


def chosen_groups(study: StudyFile, asked: Sequence[str]) -> tuple[str, str] | None:
    """The two groups to compare: those asked for, else those of the study where it has two. Raises SettingsError for other names."""
    known = tuple(study.groups())
    if unknown := [name for name in asked if name not in known]:
        allowed = ", ".join(known) or 'none: give participants a `group = "..."` in the study file'
        raise SettingsError(f"groups: {unknown[0]!r} is no group of the study; allowed: {allowed}")
    two = tuple(asked) or known
    return (two[0], two[1]) if len(two) == 2 else None


def alike(
    study: StudyFile, series: Sequence[StimulusSeries], settings: StudyReportSettings
) -> tuple[StudyStimulus, ...]:
    """Correlations, moments and the comparison of groups of every stimulus that has a series. Raises SettingsError as `chosen_groups`."""
    groups = chosen_groups(study, settings.groups)
    members = {group: study.groups()[group] for group in groups or ()}
    found = []
    for name in dict.fromkeys(one.stimulus for one in series):
        here = [one for one in series if one.stimulus == name]
        length_s = max(one.values.shape[1] for one in here) / settings.rate_hz
        found.append(
            StudyStimulus(name=name, length_s=length_s, sources=tuple(_source(one, members, settings) for one in here))
        )
    return tuple(found)


def _source(series: StimulusSeries, members: Mapping[str, Sequence[str]], settings: StudyReportSettings) -> StudySource:
    pairs, others = pairwise_correlations(series.values), leave_one_out_correlations(series.values)
    return StudySource(
        source=series.source,
        participants=series.participants,
        correlations=tuple(tuple(map(float, row)) for row in pairs),
        with_others=tuple(map(float, others)),
        mean_correlation=mean_correlation(pairs[np.triu_indices(len(pairs), 1)]),
        mean_with_others=mean_correlation(others),
        moments=_moments(series, settings),
        groups=_groups(series, members, settings),
    )


def _moments(series: StimulusSeries, settings: StudyReportSettings) -> tuple[StudyMoment, ...]:
    window = round(settings.window_s * series.rate_hz)
    found = top_moments(sliding_correlations(series.values, window), window, MOMENTS)
    return tuple(
        StudyMoment(
            start_s=one.first / series.rate_hz,
            end_s=(one.last + 1) / series.rate_hz,
            correlation=one.correlation,
            mean=float(np.nanmean(series.values[:, one.first : one.last + 1])),
        )
        for one in found
        if one.correlation > 0
    )


def _groups(
    series: StimulusSeries, members: Mapping[str, Sequence[str]], settings: StudyReportSettings
) -> StudyGroups | None:
    rows = {
        group: series.values[[series.participants.index(name) for name in names if name in series.participants]]
        for group, names in members.items()
    }
    if len(rows) != 2 or min(map(len, rows.values())) < 2:
        return None
    (first, a), (second, b) = rows.items()
    test = cluster_permutation_test(
        a, b, permutations=settings.permutations, alpha=settings.cluster_alpha, seed=settings.seed
    )
    clusters = tuple(
        StudyCluster(
            start_s=one.first / series.rate_hz,
            end_s=(one.last + 1) / series.rate_hz,
            mass=one.mass,
            p=one.p,
            difference=float(np.nanmean(a[:, one.first : one.last + 1]) - np.nanmean(b[:, one.first : one.last + 1])),
        )
        for one in test.clusters
    )
    return StudyGroups(
        groups=(first, second),
        participants=(len(a), len(b)),
        threshold=test.threshold,
        permutations=test.permutations,
        exact=test.exact,
        clusters=clusters,
    )
