"""Evaluates one trained encoder on one corpus: on all images, and without those that have a duplicate in the training split."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from seqfer.corpus.faces import open_data
from seqfer.corpus.stills import labels_of, of_split
from seqfer.experiments.prediction_files import class_columns, write_predictions
from seqfer.experiments.settings import EvaluateSettings
from seqfer.metrics.classification import classification_report, confusion_matrix, reliability
from seqfer.models.classify import class_prior, clip_class_probabilities, frame_logits, known_classes
from seqfer.models.image_choice import open_image_model
from seqfer.runs.folder import machine, versions
from seqfer.runs.kinds.evaluate import EvaluateReport, EvaluationScores
from seqfer.runs.process_tuning import torch_threads
from seqfer.runs.results import class_scores, counts, number, reliability_bins


@torch_threads(1)
def evaluate_encoder(settings: EvaluateSettings, *, command: str = "", out: Path | None = None) -> EvaluateReport:
    """The report of `seqfer evaluate`: clips are labelled by the sum of their frames' probabilities (a still image is a clip of one frame).

    With a class list, the model's other classes are left out and its probabilities normalised again. Without one the corpus' labels must all
    be among the model's classes. For the prior see `class_prior`. With `out` the predictions of every clip are written into this folder.
    """
    started = time.monotonic()
    model = open_image_model(settings.model, device=settings.device, runtime=settings.runtime)
    meta = model.meta
    manifest = of_split(open_data(settings.data), settings.split)
    names = known_classes(manifest, settings.classes, meta["classes"])
    manifest = manifest.only(names)
    weights = class_prior(settings.prior, meta, manifest.corpus, names)
    checksum = manifest.checksum()  # of the scored clips
    logits, lengths = frame_logits(model, manifest, checksum, names, mirror=settings.mirror)
    shares, as_trained = (
        clip_class_probabilities(logits, lengths, meta.get("temperature", 1.0), p) for p in (weights, None)
    )
    labels = labels_of(manifest.clips, names)
    if out is not None:
        write_predictions(out, class_columns(manifest.clips, names, shares))
    copied = np.array([clip.attributes.get("duplicate") is not None for clip in manifest.clips])
    return EvaluateReport(
        model=settings.model,
        model_checksum=meta["sha256"],
        encoder=meta["encoder"],
        input_size=meta.get("input_size", 0),
        parameters=model.parameters,
        data=settings.data,
        corpus=manifest.corpus,
        data_checksum=checksum,
        split=settings.split or "all",
        classes=tuple(names),
        images=len(labels),
        mirror=settings.mirror and not model.mirrored,  # models with two views always do
        temperature=meta.get("temperature", 1.0),
        prior="training" if weights is None else "equal",
        as_given=_scores(shares, labels, names),
        with_training_prior=None if weights is None else _scores(as_trained, labels, names),
        without_crossing_duplicates=_scores(shares[~copied], labels[~copied], names) if copied.any() else None,
        seconds=time.monotonic() - started,
        command=command,
        runtime=model.runtime,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        versions=versions(),
        machine=machine(),
    )


def _scores(shares: np.ndarray, labels: np.ndarray, names: Sequence[str]) -> EvaluationScores:
    confusion = confusion_matrix(labels, shares.argmax(1) if len(shares) else labels, len(names))
    report = classification_report(confusion, names)
    bins = reliability(shares, labels)
    return EvaluationScores(
        accuracy=number(report["accuracy"]),
        macro_f1=number(report["macro_f1"]),
        per_class=class_scores(report["per_class"]),
        undefined=sum(report["undefined"].values()),
        confusion=counts(confusion),
        ece=bins.expected_calibration_error,
        reliability=reliability_bins(bins.rows()),
        count=len(labels),
    )
