"""Summarises the results of a transfer for `report.json`: every row under every protocol, and the differences."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np

from seqfer.core.settings import as_dict
from seqfer.experiments.transfer.plan import PROTOCOLS, ROW_TITLES, SCRATCH, ZERO_SHOT
from seqfer.experiments.transfer.run import Transfer
from seqfer.experiments.transfer.stages import stage_names
from seqfer.metrics.classification import mean_and_standard_error
from seqfer.metrics.interval_scores import accuracy_difference, interval_scores
from seqfer.runs.folder import machine, versions
from seqfer.runs.kinds.transfer import PartSizes, TransferReport, TransferRow
from seqfer.runs.results import Difference, interval_fields

Part = dict[str, Any]


def summarise(run: Transfer, command: str) -> TransferReport:
    """The report of a finished transfer; rates are fractions, undefined ones NaN."""
    plan, settings = run.plan, run.settings
    titles = {**ROW_TITLES, **{step.name: step.title for step in plan.steps}}
    protocols = {p: tuple(_row(run, p, row, titles[row]) for row in plan.rows) for p in plan.divisions}
    known = set(run.meta["classes"])
    return TransferReport(
        model=settings.model,
        model_checksum=run.meta["sha256"],
        encoder=plan.encoder,
        stages=tuple(stage_names(run.model)),
        data=settings.data,
        corpus=plan.corpus,
        data_checksum=run.contents["data_checksum"],
        folds_checksums={p: run.contents[f"{p}_folds_checksum"] for p in protocols},
        input_size=run.meta.get("input_size", 0),
        classes=tuple(plan.classes),
        new_classes=tuple(name for name in plan.classes if name not in known),
        images=len(plan.labels),
        people=len(set(plan.people)),
        folds=settings.folds,
        protocol_titles={p: PROTOCOLS[p] for p in protocols},
        protocols=protocols,
        sizes={p: _sizes(run, p) for p in protocols},
        chosen=run.chosen,
        settings=as_dict(settings),
        seconds=run.seconds,
        command=command,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        versions=versions(),
        machine=machine(),
    )


def _row(run: Transfer, protocol: str, row: str, title: str) -> TransferRow:
    found = run.parts[protocol, row]
    shares, labels, people = _pooled(run, found)
    scores = interval_scores(shares, labels, people, run.plan.classes)
    errors = [_error(run, part) for part in found]
    mean, sem = mean_and_standard_error(errors)
    whole = sum(len(run.plan.clips_of(protocol, fold.test)) for fold in run.plan.divisions[protocol])
    return TransferRow(
        name=row,
        title=title,
        **interval_fields(scores),
        left_out=whole - len(labels),  # clips of classes that the unchanged model does not have
        error_rates=tuple(errors),
        error_rate_mean=mean,
        error_rate_sem=sem,
        trainable=found[0].get("trainable", 0),
        epochs=sum(part["epochs"] for part in found) / len(found),
        seconds=sum(part["seconds"] for part in found),
        validation_error=_mean(found, "validation_error"),
        validation_loss=_mean(found, "validation_loss"),
        temperatures=tuple(part.get("temperature") for part in found),
        over_zero_shot=_over(run, protocol, ZERO_SHOT, row),
        over_scratch=_over(run, protocol, SCRATCH, row),
    )


def _mean(found: tuple[Part, ...], key: str) -> float | None:
    return float(np.mean([part[key] for part in found])) if all(key in part for part in found) else None


def _pooled(run: Transfer, found: tuple[Part, ...]) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Probabilities (clip class), labels (clip,) and people of all folds' test clips, concatenated."""
    index = {name: i for i, name in enumerate(run.plan.names)}
    clips = [index[name] for part in found for name in part["clips"]]
    rows = [row for part in found for row in part["probabilities"]]
    shares = np.array(rows, dtype=np.float64).reshape(-1, len(run.plan.classes))
    return shares, run.plan.labels[np.array(clips, dtype=np.int64)], [run.plan.people[i] for i in clips]


def _over(run: Transfer, protocol: str, other: str, row: str) -> Difference | None:
    """Accuracy of a row minus another's, on the clips that both were scored on; None for a missing row or the row itself."""
    if row == other or (protocol, other) not in run.parts:
        return None
    ours, theirs = (
        {n: p for part in run.parts[protocol, r] for n, p in zip(part["clips"], part["probabilities"], strict=True)}
        for r in (row, other)
    )
    names = [name for name in run.plan.names if name in ours and name in theirs]
    index = {name: i for i, name in enumerate(run.plan.names)}
    clips = np.array([index[name] for name in names], dtype=np.int64)
    first, second = (np.array([d[n] for n in names]).reshape(len(names), -1) for d in (theirs, ours))
    people = [run.plan.people[i] for i in clips]
    return Difference(**accuracy_difference(first, second, run.plan.labels[clips], people))


def _error(run: Transfer, part: Part) -> float:
    shares, labels, _ = _pooled(run, (part,))
    return float(np.mean(shares.argmax(1) != labels)) if len(labels) else float("nan")


def _sizes(run: Transfer, protocol: str) -> PartSizes:
    """Clips in each part by fold, and the number of the test part's people who are also in the training part."""
    plan = run.plan
    sizes: dict[str, list[int]] = {"train": [], "validation": [], "test": [], "people_in_both": []}
    for fold in plan.divisions[protocol]:
        clips = {part: plan.clips_of(protocol, getattr(fold, part)) for part in ("train", "validation", "test")}
        for part, index in clips.items():
            sizes[part].append(len(index))
        seen = {plan.people[i] for i in clips["train"]} & {plan.people[i] for i in clips["test"]}
        sizes["people_in_both"].append(len(seen))
    return PartSizes(**{part: tuple(found) for part, found in sizes.items()})
