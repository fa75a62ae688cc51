"""Computes probabilities of clips from a model's logits of frames, with or without the class frequencies of its training data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from seqfer.core.emotions import class_list
from seqfer.core.errors import SettingsError
from seqfer.corpus.face_stack import frame_faces
from seqfer.corpus.manifest import Manifest
from seqfer.metrics.calibration import tempered_softmax
from seqfer.models.single_face import SingleFaceModel
from seqfer.runs.cache import open_array

PRIORS = ("auto", "training", "equal")


def frame_logits(
    model: SingleFaceModel, manifest: Manifest, checksum: str, names: Sequence[str], *, mirror: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """(logits (frame class) over `names`, lengths (clip,)) of all frames; with `mirror` the mean of each image's and its mirror image's.

    `checksum` is `manifest.checksum()`, computed by the caller.
    """
    file, lengths = frame_faces(manifest, model.input_size, model.channels, checksum)
    logits = model.logits(open_array(file), mirror=mirror)
    return logits[:, [model.classes.index(name) for name in names]], lengths


def clip_class_probabilities(
    logits: np.ndarray, lengths: np.ndarray, temperature: float, prior: np.ndarray | None = None
) -> np.ndarray:
    """Calibrated probabilities (clip class): of every frame (frame class), added up over the clip of `lengths` (clip,) frames and normalised.

    `prior` as for `tempered_softmax`.
    """
    sums = np.zeros((len(lengths), logits.shape[1]))
    np.add.at(sums, np.repeat(np.arange(len(lengths)), lengths), tempered_softmax(logits, temperature, prior))
    result: np.ndarray = sums / lengths[:, None]
    return result


def class_prior(choice: str, meta: Mapping[str, Any], corpus: str, names: Sequence[str]) -> np.ndarray | None:
    """The prior (class,) of the model's training data by which its probabilities are to be divided, or None for no prior correction.

    `training`: no correction, for data whose classes are as frequent as in training. `equal`: divide by the prior, which assumes equally
    frequent classes. `auto`: `training` on the corpus that the model was trained on, `equal` on any other. Raises
    SettingsError for another word, and for `equal` with a model whose file has no class frequencies.
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
    result: np.ndarray | None = np.maximum(shares, 1e-6)
    return result


def known_classes(manifest: Manifest, wanted: str, known: Sequence[str]) -> tuple[str, ...]:
    """The classes to score: those of the list `wanted`, else those of the corpus. Raises SettingsError for one that the model does not have."""
    names = class_list(wanted) if wanted else tuple(name for name in known if name in manifest.classes)
    lacking = [name for name in (names if wanted else manifest.classes) if name not in known]
    if lacking:
        raise SettingsError(
            f"the model does not know {', '.join(lacking)}; it knows {', '.join(known)}: choose with --classes"
        )
    return names
