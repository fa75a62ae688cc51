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

from seqfer.core.files import write_json
from seqfer.corpus.stills import ImageSet
from seqfer.experiments.crossval.plan import Plan
from seqfer.experiments.crossval.settings import part_of
from seqfer.models.features import load_encoder, run_frames
from seqfer.models.layers import parameter_counts
from seqfer.models.sequence import SequenceModel
from seqfer.runs.cache import open_array
from seqfer.runs.progress import OnProgress, Progress, within
from seqfer.runs.seeds import unit_seed
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
        return self.plan.out / "parts" / f"repeat{self.repeat}-fold{self.index}-encoder.safetensors"

    @cached_property
    def views(self) -> list[np.ndarray]:
        """Features (frame feature) of all frames, original and mirrored."""
        return _views(
            self.plan, self.repeat, self.index, self.train, self.validation, self.checkpoint, self.on_progress
        )

    @cached_property
    def data(self) -> ClipSet:
        """All clips of the corpus."""
        return self.pad(self.views)

    def last_good(self, head: str) -> Path:
        """File for the last finite weights of a head whose training diverged."""
        return self.plan.out / "parts" / f"{self.where} {head}-last-good.safetensors".replace(" ", "-")


def run_fold(plan: Plan, unit: tuple[int, int], on_progress: OnProgress) -> str:
    """All heads of one fold that have no file yet; returns a line for the terminal."""
    parts_read = run_heads(plan, unit, on_progress, lambda views: pad_clips(views, plan.lengths, plan.labels), _fit)
    errors = ", ".join(f"{p['head']} {np.mean(_wrong(plan, p)):.1%}" for p in parts_read)
    return f"repeat {unit[0] + 1} fold {unit[1] + 1} errors: {errors}"


def run_heads(
    plan: Plan,
    unit: tuple[int, int],
    on_progress: OnProgress,
    pad: Callable[[list[np.ndarray]], ClipSet],
    fit: Callable[[OpenFold, str, int], dict[str, Any]],
) -> list[dict[str, Any]]:
    """The parts of all heads of a fold; those without a file are made by `fit(fold, head, seed)`, which returns the test clips' predictions."""
    repeat, index = unit
    fold = OpenFold(plan, repeat, index, on_progress, pad)
    for head in plan.settings.all_heads:
        file = plan.part_file(repeat, index, head)
        if file.exists():
            continue
        on_progress(Progress(f"{fold.where} {head}"))
        started = time.monotonic()
        told = fit(fold, head, unit_seed(plan.settings.seed, repeat, index, head))
        part = {"head": head, "repeat": repeat, "fold": index, "clips": [plan.names[c] for c in fold.test]}
        write_json(file, {**part, **told, "seconds": time.monotonic() - started})
    fold.checkpoint.unlink(missing_ok=True)  # only needed to resume within this fold, and the largest file of the run
    return [plan.read_part(repeat, index, head) for head in plan.settings.all_heads]


def _fit(fold: OpenFold, head: str, seed: int) -> dict[str, Any]:
    kind, module = part_of(head)
    if kind == "baselines":
        scores, extra = _run_baseline(fold.plan, module, fold.train, fold.test, seed)
    else:
        scores, extra = _run_head(fold, head, seed)
    return {"probabilities": scores.tolist(), **extra}


def _views(
    plan: Plan,
    repeat: int,
    fold: int,
    train: np.ndarray,
    validation: np.ndarray,
    checkpoint: Path,
    on_progress: OnProgress,
) -> list[np.ndarray]:
    """Features (frame feature) of all frames, original and mirrored: shared files, or of an encoder trained on this fold's training people."""
    if plan.features_files:
        return [open_array(file) for file in plan.features_files]
    settings = plan.settings
    faces = open_array(plan.faces_file)
    labels = np.repeat(plan.labels, plan.lengths)
    sets = [
        ImageSet(np.asarray(faces[frames]), labels[frames])
        for frames in (plan.frames_of(train), plan.frames_of(validation))
    ]
    seed = unit_seed(settings.seed, repeat, fold, "encoder")
    torch.manual_seed(seed)
    encoder, _ = load_encoder(settings.encoding, plan.classes)
    where = f"repeat {repeat + 1} fold {fold + 1} "
    fit_images(
        encoder,
        sets[0],
        settings.encoder_training,
        seed=seed,
        validation=sets[1] if len(sets[1]) else None,
        checkpoint=checkpoint,
        on_progress=within(on_progress, where),
    )
    encoder = encoder.cpu()  # it may have been trained on another device
    return [run_frames(encoder.describe, faces, mirror=mirror).numpy() for mirror in (False, True)]


def _run_head(fold: OpenFold, head: str, seed: int) -> tuple[np.ndarray, dict[str, Any]]:
    data, settings = fold.data, fold.plan.settings.head_training
    torch.manual_seed(seed)
    model = SequenceModel(data.features.shape[-1], head, len(fold.plan.classes), dropout=settings.dropout)
    history = fit_sequence(
        model,
        data.select(fold.train),
        data.select(fold.validation),
        settings,
        seed=seed,
        keep_on_failure=fold.last_good(head),
    )
    return predict_clips(model, data.select(fold.test)), {"curve": vars(history), **sizes(model)}


def sizes(model: SequenceModel) -> dict[str, int]:
    """Parameters of a trained head, and of the projection before it."""
    return {
        "parameters": parameter_counts(model.head)[1],
        "parameters_projection": parameter_counts(model.projection)[1],
    }


def _run_baseline(
    plan: Plan, module: Any, train: np.ndarray, test: np.ndarray, seed: int
) -> tuple[np.ndarray, dict[str, Any]]:
    faces = open_array(plan.faces_file)
    frame_labels = np.repeat(plan.labels, plan.lengths)
    seen, asked = plan.frames_of(train, PEAK_FRAMES), plan.frames_of(test, PEAK_FRAMES)
    scores = module.fit_predict(
        np.asarray(faces[seen]), frame_labels[seen], np.asarray(faces[asked]), len(plan.classes), seed
    )
    owners = np.repeat(np.arange(len(test)), np.minimum(plan.lengths[test], PEAK_FRAMES))
    clips = np.zeros((len(test), len(plan.classes)))
    np.add.at(clips, owners, scores)
    return clips / clips.sum(1, keepdims=True), {
        "curve": None,
        "parameters": int(faces[0].size + 1) * len(plan.classes),
    }


def _wrong(plan: Plan, part: dict[str, Any]) -> np.ndarray:
    """(clip,) bool: where the clip's most probable class is not its label."""
    index = {name: i for i, name in enumerate(plan.names)}
    labels = plan.labels[[index[name] for name in part["clips"]]]
    return np.asarray(part["probabilities"]).argmax(1) != labels
