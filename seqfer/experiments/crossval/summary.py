"""Summarises the results of a cross-validation for `report.json`: error rates, tables, tests. Reads only files of the run."""

from __future__ import annotations

import math
from collections.abc import Sequence
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

RELIABILITY_BINS = 15


def summarise(run: CrossValidation, command: str) -> dict[str, Any]:
    """The whole report as plain values. Shapes: `error_rates` [repeat][fold], `confusions` [repeat][fold][actual][predicted]."""
    heads = {name: _head(run, name) for name in run.settings.all_heads}
    pair, against_mean = compared_heads(run.settings)
    return {
        **about(run, command),
        "heads": heads,
        "comparison": _comparison(run, heads, *pair) if pair else None,
        "comparisons": [_comparison(run, heads, *against) for against in against_mean],
    }


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


def about(run: CrossValidation, command: str) -> dict[str, Any]:
    """The description of a run in its report, for every task: command, protocol, settings, versions, machine, time."""
    settings, plan = run.settings, run.plan
    return {
        "seqfer": versions()["seqfer"],
        "command": command,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "protocol": {
            "task": settings.task,
            "corpus": run.manifest.corpus,
            "folds": settings.folds,
            "repeats": settings.repeats,
            "clips": len(plan.names),
            "people": len(set(plan.people)),
            "frames": int(plan.lengths.sum()),
            "classes": list(plan.classes),
            "person_disjoint": _person_disjoint(run),
            "validation_share": settings.validation_share,
            "seed": settings.seed,
            "encoder": settings.encoder,
            "encoder_weights": settings.encoder_weights,
            "train_encoder": settings.encoding.trains,
            **run.contents,
            "notes": list(run.manifest.notes),
        },
        "settings": as_dict(settings),
        "versions": versions(),
        "machine": machine(),
        "seconds": run.seconds,
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


def _head(run: CrossValidation, name: str) -> dict[str, Any]:
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
    return {
        "title": getattr(module, "TITLE", name),
        "error_rate_mean": mean,
        "error_rate_sem": sem,
        "error_rate_sem_over": over,
        "error_rates": rates,
        "error_rate_per_repeat": per_repeat,
        "parameters": next(iter(parts.values()))["parameters"],
        "parameters_projection": next(iter(parts.values())).get("parameters_projection"),
        "parameters_stated": getattr(module, "STATED_PARAMETERS", None),
        "parameters_encoder": parameter_counts(run.encoder)[1] if part_of(name)[0] == "heads" else None,
        "confusion": pooled.tolist(),
        "confusions": [[c.tolist() for c in row] for row in confusions],
        "per_class": report["per_class"],
        "macro_f1": math.nan if report["macro_f1"] is None else report["macro_f1"],
        "undefined": sum(report["undefined"].values()),
        "ece": bins.expected_calibration_error,
        "reliability": bins.rows(),
        "curves": [
            {"repeat": r, "fold": f, **parts[r, f]["curve"]} for row in grid for r, f in row if parts[r, f]["curve"]
        ],
        "seconds": sum(p["seconds"] for p in parts.values()),
    }


def _comparison(run: CrossValidation, heads: dict[str, Any], a: str, b: str) -> dict[str, Any]:
    """Error of `a` minus error of `b`, paired by repeat and fold."""
    differences = np.ravel(heads[a]["error_rates"]) - np.ravel(heads[b]["error_rates"])
    tested = np.array([np.sum(c) for row in heads[a]["confusions"] for c in row])
    fitted = np.array([len(run.plan.clips_of(fold.train)) for repeat in run.plan.repeats for fold in repeat])
    return {"heads": [a, b], **corrected_resampled_t_test(differences, fitted, tested)}
