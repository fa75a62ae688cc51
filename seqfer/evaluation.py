"""Scores of one trained encoder on one corpus: as given, and without the images that have a copy in the training split."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from seqfer.cache import open_array
from seqfer.data import open_data
from seqfer.emotions import class_list
from seqfer.errors import SettingsError
from seqfer.features import frame_faces
from seqfer.layers import FrameEncoder, parameter_counts
from seqfer.manifest import Manifest
from seqfer.metrics.calibration import tempered_softmax
from seqfer.metrics.classification import classification_report, confusion_matrix, reliability
from seqfer.runfolder import machine, versions
from seqfer.stills import labels_of, of_split
from seqfer.train import classify_images
from seqfer.weights import open_model

PRIORS = ("auto", "training", "equal")


def evaluate_encoder(
    model: str,
    data: str,
    *,
    split: str = "",
    classes: str = "",
    mirror: bool = False,
    prior: str = "auto",
    command: str = "",
) -> dict[str, Any]:
    """The report of `seqfer evaluate`: clips are labelled by the sum of their frames' probabilities (a still image is a clip of one frame).

    `classes` names a class list; the model's other classes are left out and its probabilities normalised anew. Without it the corpus'
    labels must all be among the model's classes. `prior` is one of PRIORS, see `class_prior`.
    """
    started = time.monotonic()
    encoder, meta = open_model(model)
    manifest = of_split(open_data(data), split)
    names = known_classes(manifest, classes, meta["classes"])
    manifest = manifest.only(names)
    weights = class_prior(prior, meta, manifest.corpus, names)
    logits, lengths = frame_logits(encoder, meta, manifest, names, mirror=mirror)
    shares, as_trained = (clip_shares(logits, lengths, meta.get("temperature", 1.0), p) for p in (weights, None))
    labels = labels_of(manifest.clips, names)
    copied = np.array([clip.attributes.get("duplicate") is not None for clip in manifest.clips])
    return {
        "model": model,
        "model_checksum": meta["sha256"],
        "encoder": meta["encoder"],
        "input_size": meta.get("input_size", 0),
        "parameters": parameter_counts(encoder)[0],
        "data": data,
        "corpus": manifest.corpus,
        "data_checksum": manifest.checksum(),  # of the clips that were scored
        "split": split or "all",
        "classes": list(names),
        "images": len(labels),
        "mirror": mirror and not encoder.two_views,  # which do so anyway
        "temperature": meta.get("temperature", 1.0),
        "prior": "training" if weights is None else "equal",
        "as_given": _scores(shares, labels, names),
        "with_training_prior": None if weights is None else _scores(as_trained, labels, names),
        "without_crossing_duplicates": _scores(shares[~copied], labels[~copied], names) if copied.any() else None,
        "seconds": time.monotonic() - started,
        "command": command,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "machine": machine(),
    }


def frame_logits(
    encoder: FrameEncoder, meta: Mapping[str, Any], manifest: Manifest, names: Sequence[str], *, mirror: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """(logits (frame class) over `names`, lengths (clip,)) of all frames; with `mirror` the mean of each image's and its mirror image's."""
    file, lengths = frame_faces(manifest, encoder.input_size, encoder.channels, manifest.checksum())
    logits = classify_images(encoder, open_array(file), mirror=mirror).numpy()
    return logits[:, [meta["classes"].index(name) for name in names]], lengths


def clip_shares(
    logits: np.ndarray, lengths: np.ndarray, temperature: float, prior: np.ndarray | None = None
) -> np.ndarray:
    """Calibrated probabilities (clip class): of every frame (frame class), added up over the clip of `lengths` (clip,) frames and normalised.

    `prior` as for `tempered_softmax`.
    """
    sums = np.zeros((len(lengths), logits.shape[1]))
    np.add.at(sums, np.repeat(np.arange(len(lengths)), lengths), tempered_softmax(logits, temperature, prior))
    return sums / lengths[:, None]


def class_prior(choice: str, meta: Mapping[str, Any], corpus: str, names: Sequence[str]) -> np.ndarray | None:
    """The class shares (class,) of the model's training data to be divided out of its probabilities, or None to leave them in.

    `training` leaves them in: right where the classes are as frequent as they were in training. `equal` divides them out: nothing is taken for
    granted. `auto` leaves them in on the corpus that the model was trained on, and takes nothing for granted on any other. Raises
    SettingsError for another word, and for `equal` with a model whose file does not know the shares.
    """
    if choice not in PRIORS:
        raise SettingsError(f"prior = {choice!r}; allowed: {', '.join(PRIORS)}")
    known = meta.get("class_shares")
    if choice == "training" or (choice == "auto" and (not known or corpus == meta.get("corpus"))):
        return None
    if not known:
        raise SettingsError(
            "the model's file does not say how frequent its classes were in training; use prior training"
        )
    shares = np.array([known[meta["classes"].index(name)] for name in names])
    return np.maximum(shares, 1e-6)


def known_classes(manifest: Manifest, wanted: str, known: Sequence[str]) -> tuple[str, ...]:
    """The classes to score: those of the list `wanted`, else those of the corpus. Raises SettingsError for one that the model does not know."""
    names = class_list(wanted) if wanted else tuple(name for name in known if name in manifest.classes)
    lacking = [name for name in (names if wanted else manifest.classes) if name not in known]
    if lacking:
        raise SettingsError(
            f"the model does not know {', '.join(lacking)}; it knows {', '.join(known)}: choose with --classes"
        )
    return names


def _scores(shares: np.ndarray, labels: np.ndarray, names: Sequence[str]) -> dict[str, Any]:
    confusion = confusion_matrix(labels, shares.argmax(1) if len(shares) else labels, len(names))
    report = classification_report(confusion, names)
    bins = reliability(shares, labels)
    return {
        "accuracy": report["accuracy"],
        "macro_f1": report["macro_f1"],
        "per_class": report["per_class"],
        "undefined": sum(report["undefined"].values()),
        "confusion": confusion.tolist(),
        "ece": bins.expected_calibration_error,
        "reliability": bins.rows(),
        "count": len(labels),
    }
