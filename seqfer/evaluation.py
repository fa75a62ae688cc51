"""Scores of one trained encoder on one corpus: as given, and without the images that have a copy in the training split."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from seqfer.cache import open_array
from seqfer.data import open_data
from seqfer.emotions import class_list
from seqfer.errors import SettingsError
from seqfer.features import frame_faces
from seqfer.layers import parameter_counts
from seqfer.manifest import Manifest
from seqfer.metrics.calibration import tempered_softmax
from seqfer.metrics.classification import classification_report, confusion_matrix, reliability
from seqfer.runfolder import machine, versions
from seqfer.stills import labels_of, of_split
from seqfer.train import classify_images
from seqfer.weights import open_model


def evaluate_encoder(
    model: str, data: str, *, split: str = "", classes: str = "", mirror: bool = False, command: str = ""
) -> dict[str, Any]:
    """The report of `seqfer evaluate`: clips are labelled by the sum of their frames' probabilities (a still image is a clip of one frame).

    `classes` names a class list; the model's other classes are left out and its probabilities normalised anew. Without it the corpus'
    labels must all be among the model's classes.
    """
    started = time.monotonic()
    encoder, meta = open_model(model)
    manifest = of_split(open_data(data), split)
    names = _classes(manifest, classes, meta["classes"])
    manifest = manifest.only(names)
    shares = clip_shares(encoder, meta, manifest, names, mirror=mirror)
    labels = labels_of(manifest.clips, names)
    copied = np.array([clip.attributes.get("duplicate") is not None for clip in manifest.clips])
    return {
        "model": model,
        "model_checksum": meta["sha256"],
        "encoder": meta["encoder"],
        "parameters": parameter_counts(encoder)[0],
        "data": data,
        "corpus": manifest.corpus,
        "data_checksum": manifest.checksum(),  # of the clips that were scored
        "split": split or "all",
        "classes": list(names),
        "images": len(labels),
        "mirror": mirror,
        "temperature": meta.get("temperature", 1.0),
        "as_given": _scores(shares, labels, names),
        "without_crossing_duplicates": _scores(shares[~copied], labels[~copied], names) if copied.any() else None,
        "seconds": time.monotonic() - started,
        "command": command,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "machine": machine(),
    }


def clip_shares(
    encoder, meta: dict[str, Any], manifest: Manifest, names: Sequence[str], *, mirror: bool = False
) -> np.ndarray:
    """Calibrated probabilities (clip class) over `names`: of every frame, added up over the clip and normalised."""
    file, lengths = frame_faces(manifest, encoder.input_size, encoder.channels, manifest.checksum())
    logits = classify_images(encoder, open_array(file), mirror=mirror).numpy()
    columns = [meta["classes"].index(name) for name in names]
    frames = tempered_softmax(logits[:, columns], meta.get("temperature", 1.0))
    sums = np.zeros((len(lengths), len(names)))
    np.add.at(sums, np.repeat(np.arange(len(lengths)), lengths), frames)
    return sums / lengths[:, None]


def _classes(manifest: Manifest, wanted: str, known: Sequence[str]) -> tuple[str, ...]:
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
