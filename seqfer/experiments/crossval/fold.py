"""Runs one fold of a cross-validation: computes features, trains every head on the same features, and tests each once."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from seqfer.experiments.clip_plan import Part, has_part_file, write_part_file
from seqfer.experiments.crossval.plan import Plan
from seqfer.experiments.crossval.settings import part_of
from seqfer.models.features import run_frames
from seqfer.models.layers import parameter_counts
from seqfer.models.sequence import SequenceModel
from seqfer.runs.cache import open_array
from seqfer.runs.progress import OnProgress, Progress, within
from seqfer.runs.seeds import unit_seed
from seqfer.training.history import History
from seqfer.training.image_loop import fit_images
from seqfer.training.sequence_loop import ClipSet, fit_sequence, pad_clips, predict_clips

PEAK_FRAMES = 3  # a still-image baseline uses the last frames of a clip, where CK+ and CK+48 have the apex


@dataclass
class OpenFold:
    """One fold of one repeat during its computation: indices (clip,) of its three parts, and features that are computed on first use.

    `pad` combines the features of all frames, (frame feature) per view, with the targets.
    """

    plan: Plan
    repeat: int
    index: int
    on_progress: OnProgress
    pad: Callable[[list[np.ndarray]], ClipSet]

    def __post_init__(self) -> None:
        fold = self.plan.repeats[self.repeat][self.index]
        self.train, self.validation, self.test = map(self.plan.clips_of, (fold.train, fold.validation, fold.test))

    @property
    def where(self) -> str:
        """The fold's name in messages."""
        return f"repeat {self.repeat + 1} fold {self.index + 1}"

    @property
    def checkpoint(self) -> Path:
        """The checkpoint of the encoder, while it is trained on this fold."""
        return self.plan.part_file(self.repeat, self.index, "encoder").with_suffix(".safetensors")

    @cached_property
    def views(self) -> list[np.ndarray]:
        """Features (frame feature) of all frames, original and mirrored: from the shared files, or of an encoder trained on this fold's training
        people."""
        plan = self.plan
        if plan.features_files:
            return [open_array(file) for file in plan.features_files]
        train, validation = plan.images_of(self.train), plan.images_of(self.validation)
        seed = unit_seed(plan.settings.seed, self.repeat, self.index, "encoder")
        torch.manual_seed(seed)
        encoder, _ = plan.settings.encoding.open(plan.classes, plan.settings.device)
        device = encoder.device
        fit_images(
            encoder,
            train,
            plan.settings.encoder_training.on(plan.settings.device),
            seed=seed,
            validation=validation if len(validation) else None,
            checkpoint=self.checkpoint,
            on_progress=within(self.on_progress, f"{self.where} "),
        )
        encoder = encoder.to(device)  # it may have been trained on another device
        faces = open_array(plan.faces_file)
        return [run_frames(encoder.describe, faces, mirror=mirror, device=device).numpy() for mirror in (False, True)]

    @cached_property
    def data(self) -> ClipSet:
        """All clips of the corpus."""
        return self.pad(self.views)

    def last_good(self, head: str) -> Path:
        """File for the last finite weights of a head whose training diverged."""
        return self.plan.out / "parts" / f"{self.where} {head}-last-good.safetensors".replace(" ", "-")


def run_fold(plan: Plan, unit: tuple[int, int], on_progress: OnProgress) -> str:
    """All heads of one fold that have no file yet; returns a line for the terminal."""
    parts = run_heads(plan, unit, on_progress, lambda views: pad_clips(views, plan.lengths, plan.labels), _fit)
    errors = ", ".join(f"{part['head']} {plan.error_of(part):.1%}" for part in parts)
    return f"repeat {unit[0] + 1} fold {unit[1] + 1} errors: {errors}"


def run_heads(
    plan: Plan,
    unit: tuple[int, int],
    on_progress: OnProgress,
    pad: Callable[[list[np.ndarray]], ClipSet],
    fit: Callable[[OpenFold, str, int], dict[str, Any]],
) -> list[Part]:
    """The parts of all heads of a fold; those without a file are made by `fit(fold, head, seed)`, which returns the test clips' predictions."""
    repeat, index = unit
    fold = OpenFold(plan, repeat, index, on_progress, pad)
    for head in plan.settings.all_heads:
        file = plan.part_file(repeat, index, head)
        if has_part_file(file):
            continue
        on_progress(Progress(f"{fold.where} {head}"))
        started = time.monotonic()
        figures = fit(fold, head, unit_seed(plan.settings.seed, repeat, index, head))
        part = {"head": head, "repeat": repeat, "fold": index, "clips": [plan.names[c] for c in fold.test]}
        write_part_file(file, {**part, **figures, "seconds": time.monotonic() - started})
    fold.checkpoint.unlink(missing_ok=True)  # only needed to resume within this fold, and the largest file of the run
    return [plan.read_part(repeat, index, head) for head in plan.settings.all_heads]


def _fit(fold: OpenFold, head: str, seed: int) -> dict[str, Any]:
    kind, module = part_of(head)
    if kind == "baselines":
        return _run_baseline(fold, module, seed)
    model, figures = fit_head(fold, head, seed, len(fold.plan.classes), fit_sequence)
    return {"probabilities": predict_clips(model, fold.data.select(fold.test)).tolist(), **figures}


def fit_head(
    fold: OpenFold, head: str, seed: int, outputs: int, fit: Callable[..., History]
) -> tuple[SequenceModel, dict[str, Any]]:
    """A head of so many outputs, trained by `fit` on the fold's training clips, and its curve and sizes for the part."""
    # The features come before the seed: making them may draw numbers, and only the first head of a fold makes them.
    data, settings = fold.data, fold.plan.settings.head_training
    torch.manual_seed(seed)
    model = SequenceModel(data.features.shape[-1], head, outputs, dropout=settings.dropout)
    history = fit(
        model,
        data.select(fold.train),
        data.select(fold.validation),
        settings,
        seed=seed,
        keep_on_failure=fold.last_good(head),
    )
    return model, {
        "curve": vars(history),
        "parameters": parameter_counts(model.head)[1],
        "parameters_projection": parameter_counts(model.projection)[1],
    }


def _run_baseline(fold: OpenFold, module: Any, seed: int) -> dict[str, Any]:
    """A still-image baseline on the last frames of the clips, whose probabilities are added up over each clip."""
    plan = fold.plan
    train, test = plan.images_of(fold.train, PEAK_FRAMES), plan.images_of(fold.test, PEAK_FRAMES)
    scores = module.fit_predict(train.images, train.labels, test.images, len(plan.classes), seed)
    owners = np.repeat(np.arange(len(fold.test)), np.minimum(plan.lengths[fold.test], PEAK_FRAMES))
    clips = np.zeros((len(fold.test), len(plan.classes)))
    np.add.at(clips, owners, scores)
    probabilities = clips / clips.sum(1, keepdims=True)
    parameters = int(test.images[0].size + 1) * len(plan.classes)
    return {"probabilities": probabilities.tolist(), "curve": None, "parameters": parameters}
