"""The report of an ensemble: every member and every combination on the same clips."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from seqfer.corpus.manifest import Manifest
from seqfer.corpus.stills import labels_of
from seqfer.experiments.ensemble.file import Ensemble
from seqfer.experiments.ensemble.fit import METHODS, combine
from seqfer.experiments.ensemble.members import Outputs
from seqfer.metrics.interval_scores import accuracy_difference, interval_scores
from seqfer.models.image_model import ImageModel
from seqfer.models.layers import parameter_counts
from seqfer.runs.folder import machine, versions

TITLES = {
    "average": "average of probabilities",
    "weighted": "weighted average of probabilities",
    "stacking": "stacking on logits",
    "one_vs_rest": "one logistic regression per emotion",
    "multinomial": "multinomial logistic regression",
}


def summarise(
    ensemble: Ensemble, test: Manifest, out: Outputs, split: str, data: str, notes: Sequence[str], started: float
) -> dict[str, Any]:
    members, labels = ensemble.members, labels_of(test.clips, ensemble.classes)
    people = [clip.person for clip in test.clips]
    copied = np.array([clip.attributes.get("duplicate") is not None for clip in test.clips])
    shares = out.member_probabilities()
    combined = combine(ensemble.regressions, ensemble.weights, out.features, out.logits, shares)
    everything = [(m.name, m.name, "member", x) for m, x in zip(members, shares, strict=True)]
    everything += [(name, TITLES[name], "combination", combined[name]) for name in METHODS]
    rows = []
    by_clip = [_clip_sums(frames, out.lengths) for *_, frames in everything]
    right = [float((c.argmax(1) == labels).mean()) for c in by_clip]
    best = int(np.argmax(right[: len(members)]))
    for (name, title, kind, _), clips in zip(everything, by_clip, strict=True):
        row = {"name": name, "title": title, "kind": kind, **interval_scores(clips, labels, people, ensemble.classes)}
        row["over_best_member"] = accuracy_difference(by_clip[best], clips, labels, people)
        cleaned = clips[~copied].argmax(1) == labels[~copied]
        row["accuracy_without_copies"] = float(cleaned.mean()) if copied.any() and len(cleaned) else None
        if kind == "combination" and name in ensemble.regressions:
            regression = ensemble.regressions[name]
            row |= {"strength": regression.strength, "strength_chosen": regression.chosen}
            row["converged"] = regression.converged
        rows.append(row)
    return {
        "kind": "ensemble",
        "members": [_member(m) for m in members],
        "data": data,
        "corpus": test.corpus,
        "data_checksum": test.checksum(),
        "split": split or "all",
        "classes": list(ensemble.classes),
        "images": len(labels),
        "people": len(set(people)),
        "fitted_on": ensemble.about,
        "weights": [round(float(weight), 4) for weight in ensemble.weights],
        "mirror": ensemble.mirror,
        "features": int(out.features.shape[1]),
        "best_member": members[best].name,
        "rows": rows,
        "notes": list(notes),
        "seconds": time.monotonic() - started,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "machine": machine(),
    }


def _member(member: ImageModel) -> dict[str, Any]:
    return {
        "name": member.name,
        "encoder": member.meta["encoder"],
        "input_size": member.meta.get("input_size", 0),
        "checksum": member.checksum,
        "parameters": parameter_counts(member.encoder)[0],
        "features": member.encoder.feature_dim,
        "trained_on": {k: member.meta.get(k) for k in ("corpus", "split", "seed")},
    }


def _clip_sums(frames: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Probabilities (frame class) added up over each clip and normalised: (clip class)."""
    sums = np.zeros((len(lengths), frames.shape[1]))
    np.add.at(sums, np.repeat(np.arange(len(lengths)), lengths), frames)
    return sums / sums.sum(1, keepdims=True)
