"""Summarises the results of a cross-validation of valence for `report.json`: scores per fold, tests, and the data of the charts.

Reads only files of the run. A score is computed over all test frames of a fold, because the concordance of a single short clip is
mostly noise, and reported as its mean over folds and repeats.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from seqfer.experiments.crossval.run import CrossValidation
from seqfer.experiments.crossval.settings import CONSTANT, part_of
from seqfer.experiments.crossval.summary import compared_heads, curves_of, protocol, provenance
from seqfer.experiments.crossval.valence_fold import frames_of_part
from seqfer.metrics.classification import mean_and_standard_error
from seqfer.metrics.comparison import NAME, corrected_resampled_t_test
from seqfer.metrics.traces import rmse, trace_scores
from seqfer.models.layers import parameter_counts
from seqfer.runs.kinds.cv_valence import (
    CvValenceReport,
    Example,
    FoldScores,
    ValenceComparison,
    ValenceHead,
    ValenceProtocol,
)
from seqfer.runs.results import Confusion, counts

MEASURES = ("rmse", "ccc", "pcc", "sagr", "mae")
TESTED = ("ccc", "rmse")
BINS = 20  # of [-1, 1] on each axis of the chart of truth and prediction
EXAMPLES = 6


def summarise_valence(run: CrossValidation, command: str) -> CvValenceReport:
    """The whole report, computed from the parts of the run."""
    settings = run.settings
    heads = {name: _head(run, name) for name in settings.all_heads}
    pair, against_mean = compared_heads(settings)
    pairs = [*([pair] if pair else []), *against_mean]
    pairs += [(name, CONSTANT) for name in settings.all_heads if name != CONSTANT]
    tests = {measure: tuple(_comparison(run, heads, measure, a, b) for a, b in pairs) for measure in TESTED}
    return CvValenceReport(
        **provenance(run, command),
        protocol=_protocol(run),
        heads=heads,
        comparison={measure: tests[measure][0] for measure in TESTED} if pair else None,
        comparisons={measure: tests[measure][bool(pair) :] for measure in TESTED},
        examples=_examples(run, pair[0] if pair else settings.heads[0]),
    )


def _protocol(run: CrossValidation) -> ValenceProtocol:
    truth = run.plan.valence
    return ValenceProtocol(
        **protocol(run),
        frames_at_zero=int((truth == 0).sum()),
        valence_mean=float(truth.mean()),
        valence_std=float(truth.std()),
    )


def _head(run: CrossValidation, name: str) -> ValenceHead:
    plan, settings = run.plan, run.settings
    parts = {(part["repeat"], part["fold"]): part for part in run.parts if part["head"] == name}
    frames = {key: frames_of_part(plan, part) for key, part in parts.items()}
    measured = {key: trace_scores(*pair) for key, pair in frames.items()}
    grid = [[(repeat, fold) for fold in range(settings.folds)] for repeat in range(settings.repeats)]
    scores = {
        measure: _score([[float(getattr(measured[key], measure)) for key in row] for row in grid])
        for measure in MEASURES
    }
    predicted, truth = (np.concatenate(side) for side in zip(*frames.values(), strict=True))
    first = next(iter(parts.values()))
    return ValenceHead(
        title="Constant" if name == CONSTANT else getattr(part_of(name)[1], "TITLE", name),
        scores=scores,
        sem_over="repeats" if settings.repeats > 1 else "folds",
        parameters=first["parameters"],
        parameters_projection=first.get("parameters_projection"),
        parameters_encoder=None if name == CONSTANT else parameter_counts(run.encoder)[1],
        density=_density(predicted, truth),
        curves=curves_of(parts, grid),
        seconds=sum(part["seconds"] for part in parts.values()),
    )


def _score(folds: list[list[float]]) -> FoldScores:
    """Mean and standard error over repeats (of one: over its folds) of values [repeat][fold]; undefined ones are left out and counted."""
    per_repeat = [mean_and_standard_error(_defined(row))[0] for row in folds]
    mean = mean_and_standard_error(_defined(per_repeat))[0]
    spread = _defined(per_repeat if len(folds) > 1 else folds[0])
    undefined = sum(math.isnan(value) for row in folds for value in row)
    sem = mean_and_standard_error(spread)[1]
    return FoldScores(
        mean=mean, sem=sem, folds=tuple(map(tuple, folds)), per_repeat=tuple(per_repeat), undefined=undefined
    )


def _defined(values: list[float]) -> list[float]:
    return [value for value in values if not math.isnan(value)]


def _comparison(
    run: CrossValidation, heads: Mapping[str, ValenceHead], measure: str, a: str, b: str
) -> ValenceComparison:
    """`a` minus `b`, paired by repeat and fold; everything is NaN where a fold is undefined, because leaving it out would bias the difference."""
    differences = np.ravel(heads[a].scores[measure].folds) - np.ravel(heads[b].scores[measure].folds)
    if not np.isfinite(differences).all():
        test: dict[str, Any] = dict.fromkeys(("difference", "standard_error", "t", "p_value"), math.nan)
        test |= {"test": NAME, "df": differences.size - 1, "n": differences.size}
    else:
        folds = [fold for repeat in run.plan.repeats for fold in repeat]
        fitted, tested = (_frame_counts(run, [getattr(fold, part) for fold in folds]) for part in ("train", "test"))
        test = corrected_resampled_t_test(differences, fitted, tested)
    return ValenceComparison(heads=(a, b), measure=measure, higher_is_better=measure != "rmse", **test)


def _frame_counts(run: CrossValidation, people: list[frozenset[str]]) -> np.ndarray:
    """(fold,) number of frames of the people of each fold."""
    return np.array([len(run.plan.frames_of(run.plan.clips_of(some))) for some in people])


def _density(predicted: np.ndarray, truth: np.ndarray) -> Confusion:
    """Frames [truth bin][predicted bin], from -1 to 1 each."""
    frames, _, _ = np.histogram2d(truth, predicted, bins=BINS, range=[[-1, 1], [-1, 1]])
    return counts(frames.astype(np.int64))


def _examples(run: CrossValidation, head: str) -> tuple[Example, ...]:
    """Clips of the first repeat with truth and every head's prediction (frame,), at equal steps from the best to the worst RMSE of `head`, so that
    the choice is not biased."""
    traces: dict[str, dict[str, list[float]]] = {}
    for part in run.parts:
        if part["repeat"] == 0:
            for name, trace in zip(part["clips"], part["valence"], strict=True):
                traces.setdefault(name, {})[part["head"]] = trace
    ends = np.cumsum(run.plan.lengths)
    truth = {
        name: run.plan.valence[end - length : end]
        for name, end, length in zip(run.plan.names, ends, run.plan.lengths, strict=True)
    }
    ranked = sorted((rmse(told[head], truth[name]), name) for name, told in traces.items())
    chosen = sorted({round(k * (len(ranked) - 1) / (EXAMPLES - 1)) for k in range(EXAMPLES)})
    return tuple(
        Example(
            clip=name,
            rank=rank + 1,
            of=len(ranked),
            head=head,
            rmse=error,
            truth=tuple(truth[name].tolist()),
            heads={key: tuple(trace) for key, trace in traces[name].items() if key != CONSTANT},
        )
        for rank, (error, name) in ((k, ranked[k]) for k in chosen)
    )
