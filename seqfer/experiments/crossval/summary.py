"""Summarises the results of a cross-validation for `report.json`: error rates, tables, tests. Reads only files of the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import numpy as np

from seqfer.core.settings import as_dict
from seqfer.experiments.crossval.run import CrossValidation
from seqfer.experiments.crossval.settings import CONSTANT, CvSettings, part_of, reference_head
from seqfer.metrics.classification import classification_report, confusion_matrix, mean_and_standard_error, reliability
from seqfer.metrics.comparison import corrected_resampled_t_test
from seqfer.models.layers import parameter_counts
from seqfer.runs.folder import machine, versions
from seqfer.runs.kinds.cv import CvHead, CvReport
from seqfer.runs.results import (
    Comparison,
    Curve,
    FoldsProtocol,
    class_scores,
    counts,
    number,
    reliability_bins,
)

RELIABILITY_BINS = 15


def summarise(run: CrossValidation, command: str) -> CvReport:
    """The whole report, computed from the parts of the run."""
    heads = {name: _head(run, name) for name in run.settings.all_heads}
    pair, against_mean = compared_heads(run.settings)
    return CvReport(
        **provenance(run, command),
        protocol=FoldsProtocol(**protocol(run)),
        heads=heads,
        comparison=_comparison(run, heads, *pair) if pair else None,
        comparisons=tuple(_comparison(run, heads, *against) for against in against_mean),
    )


def compared_heads(settings: CvSettings) -> tuple[tuple[str, str] | None, list[tuple[str, str]]]:
    """The pair of the summary (BiLSTM and LSTM where both run, else the last head and the first), and each head against the reference head."""
    pair = (settings.heads[-1], settings.heads[0]) if len(settings.heads) > 1 else None
    reference = reference_head()
    return _same_family(settings.heads) or pair, [
        (name, reference) for name in settings.all_heads if name not in (reference, CONSTANT)
    ]


def _same_family(heads: Sequence[str]) -> tuple[str, str] | None:
    """(the head that uses later frames, the head that does not) of the first two heads that differ only in that."""
    modules = {name: part_of(name)[1] for name in heads}
    for later, earlier in permutations(heads, 2):
        families = {getattr(modules[name], "FAMILY", None) for name in (later, earlier)}
        if len(families) == 1 and None not in families and modules[earlier].CAUSAL and not modules[later].CAUSAL:
            return later, earlier
    return None


def provenance(run: CrossValidation, command: str) -> dict[str, Any]:
    """The fields of a report that say where it comes from, whatever the task: command, settings, versions, machine, time."""
    return {
        "seqfer": versions()["seqfer"],
        "command": command,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "settings": as_dict(run.settings),
        "versions": versions(),
        "machine": machine(),
        "seconds": run.seconds,
    }


def protocol(run: CrossValidation) -> dict[str, Any]:
    """The fields of the protocol that every task has."""
    settings, plan = run.settings, run.plan
    return {
        "task": settings.task,
        "corpus": run.manifest.corpus,
        "folds": settings.folds,
        "repeats": settings.repeats,
        "clips": len(plan.names),
        "people": len(set(plan.people)),
        "frames": int(plan.lengths.sum()),
        "classes": tuple(plan.classes),
        "person_disjoint": _person_disjoint(run),
        "validation_share": settings.validation_share,
        "seed": settings.seed,
        "encoder": settings.encoder,
        "encoder_weights": settings.encoder_weights,
        "train_encoder": settings.encoding.trains,
        **run.contents,
        "notes": tuple(run.manifest.notes),
    }


def _person_disjoint(run: CrossValidation) -> bool:
    """Whether no fold has predictions for a clip whose person is in its training part."""
    people = dict(zip(run.plan.names, run.plan.people, strict=True))
    return all(
        people[clip] not in run.plan.repeats[part["repeat"]][part["fold"]].train
        and people[clip] not in run.plan.repeats[part["repeat"]][part["fold"]].validation
        for part in run.parts
        for clip in part["clips"]
    )


def _head(run: CrossValidation, name: str) -> CvHead:
    plan, settings = run.plan, run.settings
    parts = {(p["repeat"], p["fold"]): p for p in run.parts if p["head"] == name}
    label_of = dict(zip(plan.names, plan.labels, strict=True))
    actual = {key: np.array([label_of[clip] for clip in p["clips"]]) for key, p in parts.items()}
    shares = {key: np.array(p["probabilities"]) for key, p in parts.items()}
    grid = [[(repeat, fold) for fold in range(settings.folds)] for repeat in range(settings.repeats)]
    confusions = [
        [confusion_matrix(actual[key], shares[key].argmax(1), len(plan.classes)) for key in row] for row in grid
    ]
    pooled = np.sum(confusions, axis=(0, 1))
    rates = [[float(1 - np.trace(c) / c.sum()) for c in row] for row in confusions]
    per_repeat = [float(1 - np.trace(np.sum(row, 0)) / np.sum(row)) for row in confusions]
    mean, sem = mean_and_standard_error(per_repeat)
    over = "repeats"
    if len(per_repeat) == 1:  # one repeat has no standard error; that of its folds is used
        over, sem = "folds", mean_and_standard_error(rates[0])[1]
    report = classification_report(pooled, plan.classes)
    bins = reliability(np.concatenate(list(shares.values())), np.concatenate(list(actual.values())), RELIABILITY_BINS)
    module = part_of(name)[1]
    first = next(iter(parts.values()))
    return CvHead(
        title=getattr(module, "TITLE", name),
        error_rate_mean=mean,
        error_rate_sem=sem,
        error_rate_sem_over=over,
        error_rates=tuple(map(tuple, rates)),
        error_rate_per_repeat=tuple(per_repeat),
        parameters=first["parameters"],
        parameters_projection=first.get("parameters_projection"),
        parameters_stated=getattr(module, "STATED_PARAMETERS", None),
        parameters_encoder=parameter_counts(run.encoder)[1] if part_of(name)[0] == "heads" else None,
        confusion=counts(pooled),
        confusions=tuple(tuple(map(counts, row)) for row in confusions),
        per_class=class_scores(report["per_class"]),
        macro_f1=number(report["macro_f1"]),
        undefined=sum(report["undefined"].values()),
        ece=bins.expected_calibration_error,
        reliability=reliability_bins(bins.rows()),
        curves=curves_of(parts, grid),
        seconds=sum(p["seconds"] for p in parts.values()),
    )


def curves_of(parts: Mapping[tuple[int, int], dict[str, Any]], grid: list[list[tuple[int, int]]]) -> tuple[Curve, ...]:
    """The learning curves of the parts of one head, by repeat and fold; a head that does not learn has none."""
    places = [place for row in grid for place in row if parts[place]["curve"]]
    return tuple(Curve(repeat=r, fold=f, **parts[r, f]["curve"]) for r, f in places)


def _comparison(run: CrossValidation, heads: Mapping[str, CvHead], a: str, b: str) -> Comparison:
    """Error of `a` minus error of `b`, paired by repeat and fold."""
    differences = np.ravel(heads[a].error_rates) - np.ravel(heads[b].error_rates)
    tested = np.array([np.sum(c) for row in heads[a].confusions for c in row])
    fitted = np.array([len(run.plan.clips_of(fold.train)) for repeat in run.plan.repeats for fold in repeat])
    return Comparison(heads=(a, b), **corrected_resampled_t_test(differences, fitted, tested))
