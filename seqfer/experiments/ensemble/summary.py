"""The report of an ensemble: every member and every combination on the same clips."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from seqfer.corpus.manifest import Manifest
from seqfer.corpus.stills import labels_of
from seqfer.experiments.ensemble.file import Ensemble
from seqfer.experiments.ensemble.fit import METHODS, Regression, combine
from seqfer.experiments.ensemble.members import Outputs
from seqfer.metrics.interval_scores import accuracy_difference, interval_scores
from seqfer.models.single_face import SingleFaceModel
from seqfer.runs.folder import machine, versions
from seqfer.runs.kinds.ensemble import EnsembleMember, EnsembleReport, EnsembleRow
from seqfer.runs.results import Difference, interval_fields

TITLES = {
    "average": "average of probabilities",
    "weighted": "weighted average of probabilities",
    "stacking": "stacking on logits",
    "one_vs_rest": "one logistic regression per emotion",
    "multinomial": "multinomial logistic regression",
}


def summarise(
    ensemble: Ensemble, test: Manifest, out: Outputs, split: str, data: str, notes: Sequence[str], started: float
) -> EnsembleReport:
    """The report of an ensemble on the clips of `test`, without its command."""
    members, labels = ensemble.members, labels_of(test.clips, ensemble.classes)
    people = [clip.person for clip in test.clips]
    copied = np.array([clip.attributes.get("duplicate") is not None for clip in test.clips])
    shares = out.member_probabilities()
    combined = combine(ensemble.regressions, ensemble.weights, out.features, out.logits, shares)
    everything = [(m.name, m.name, "member", x) for m, x in zip(members, shares, strict=True)]
    everything += [(name, TITLES[name], "combination", combined[name]) for name in METHODS]
    by_clip = [_clip_sums(frames, out.lengths) for *_, frames in everything]
    right = [float((c.argmax(1) == labels).mean()) for c in by_clip]
    best = int(np.argmax(right[: len(members)]))
    scored = _Scored(labels, people, copied, ensemble.classes, by_clip[best])
    rows = [
        scored.row(name, title, kind, clips, ensemble.regressions.get(name) if kind == "combination" else None)
        for (name, title, kind, _), clips in zip(everything, by_clip, strict=True)
    ]
    return EnsembleReport(
        members=tuple(map(_member, members)),
        data=data,
        corpus=test.corpus,
        data_checksum=test.checksum(),
        split=split or "all",
        classes=tuple(ensemble.classes),
        images=len(labels),
        people=len(set(people)),
        fitted_on=ensemble.about,
        weights=tuple(round(float(weight), 4) for weight in ensemble.weights),
        mirror=ensemble.mirror,
        features=int(out.features.shape[1]),
        best_member=members[best].name,
        rows=tuple(rows),
        notes=tuple(notes),
        seconds=time.monotonic() - started,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        versions=versions(),
        machine=machine(),
    )


@dataclass(frozen=True)
class _Scored:
    """What every row is scored on: labels, people, and whether a clip has a copy elsewhere (clip,); the best member's probabilities (clip class)."""

    labels: np.ndarray
    people: list[str]
    copied: np.ndarray
    classes: Sequence[str]
    best: np.ndarray

    def row(self, name: str, title: str, kind: str, clips: np.ndarray, regression: Regression | None) -> EnsembleRow:
        """The scores of probabilities `clips` (clip class); `regression` is what they were computed by, if it was one."""
        right = clips[~self.copied].argmax(1) == self.labels[~self.copied]
        fitted: dict[str, Any] = {}
        if regression is not None:
            fitted = {"strength": regression.strength, "strength_chosen": regression.chosen}
            fitted["converged"] = regression.converged
        return EnsembleRow(
            name=name,
            title=title,
            kind=kind,
            **interval_fields(interval_scores(clips, self.labels, self.people, self.classes)),
            over_best_member=Difference(**accuracy_difference(self.best, clips, self.labels, self.people)),
            accuracy_without_copies=float(right.mean()) if self.copied.any() and len(right) else math.nan,
            **fitted,
        )


def _member(member: SingleFaceModel) -> EnsembleMember:
    return EnsembleMember(
        name=member.name,
        encoder=member.meta["encoder"],
        input_size=member.meta.get("input_size", 0),
        checksum=member.checksum,
        parameters=member.parameters,
        features=member.feature_dim,
        runtime=member.runtime,
        trained_on={k: member.meta.get(k) for k in ("corpus", "split", "seed")},
    )


def _clip_sums(frames: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Probabilities (frame class) added up over each clip and normalised: (clip class)."""
    sums = np.zeros((len(lengths), frames.shape[1]))
    np.add.at(sums, np.repeat(np.arange(len(lengths)), lengths), frames)
    result: np.ndarray = sums / sums.sum(1, keepdims=True)
    return result
