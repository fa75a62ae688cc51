"""One fold of a cross-validation: features, then every head on the same features, then the test people, once."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from seqfer.cache import open_array
from seqfer.cv_plan import Plan, part_of, unit_seed
from seqfer.features import load_encoder, run_frames
from seqfer.layers import parameter_counts
from seqfer.model import SequenceModel
from seqfer.runfolder import write_json
from seqfer.train import ImageSet, fit_images
from seqfer.train_sequence import fit_sequence, pad_clips, predict_clips

PEAK_FRAMES = 3  # a still-image baseline sees the last frames of a clip, where CK+ and CK+48 have their peak


def run_fold(plan: Plan, unit: tuple[int, int], note: Callable[[str], None]) -> str:
    """All heads of one fold that have no file yet; returns a line for the screen."""
    repeat, index = unit
    fold = plan.repeats[repeat][index]
    train, validation, test = (plan.clips_of(people) for people in (fold.train, fold.validation, fold.test))
    missing = [head for head in plan.settings.all_heads if not plan.part_file(repeat, index, head).exists()]
    checkpoint = plan.out / "parts" / f"repeat{repeat}-fold{index}-encoder.safetensors"
    data = None
    for head in missing:
        kind, module = part_of(head)
        where = f"repeat {repeat + 1} fold {index + 1} {head}"
        note(where)
        started = time.monotonic()
        seed = unit_seed(plan.settings.seed, repeat, index, head)
        if kind == "baselines":
            scores, extra = _run_baseline(plan, module, train, test, seed)
        else:
            if data is None:
                views = _views(plan, repeat, index, train, validation, checkpoint, note)
                data = pad_clips(views, plan.lengths, plan.labels)
            scores, extra = _run_head(plan, head, data, train, validation, test, seed, where)
        part = {
            "head": head,
            "repeat": repeat,
            "fold": index,
            "clips": [plan.names[c] for c in test],
            "probabilities": scores.tolist(),
        }
        write_json(plan.part_file(repeat, index, head), {**part, **extra, "seconds": time.monotonic() - started})
    checkpoint.unlink(missing_ok=True)  # only needed to resume within this fold, and the largest file of the run
    parts_read = [plan.read_part(repeat, index, head) for head in plan.settings.all_heads]
    errors = ", ".join(f"{p['head']} {np.mean(_wrong(plan, p)):.1%}" for p in parts_read)
    return f"repeat {repeat + 1} fold {index + 1} errors: {errors}"


def _views(
    plan: Plan,
    repeat: int,
    fold: int,
    train: np.ndarray,
    validation: np.ndarray,
    checkpoint: Path,
    note: Callable[[str], None],
) -> list[np.ndarray]:
    """Features (frame feature) of all frames as filmed and mirrored: the shared files', or of an encoder trained on this fold's training people."""
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
        progress=lambda message: note(where + message),
    )
    encoder = encoder.cpu()  # it may have been trained elsewhere
    return [run_frames(encoder.describe, faces, mirror=mirror).numpy() for mirror in (False, True)]


def _run_head(
    plan: Plan, head: str, data, train: np.ndarray, validation: np.ndarray, test: np.ndarray, seed: int, where: str
) -> tuple[np.ndarray, dict[str, Any]]:
    torch.manual_seed(seed)
    model = SequenceModel(data.features.shape[-1], head, len(plan.classes), dropout=plan.settings.head_training.dropout)
    failed = plan.out / "parts" / (where.replace(" ", "-") + "-last-good.safetensors")
    history = fit_sequence(
        model,
        data.select(train),
        data.select(validation),
        plan.settings.head_training,
        seed=seed,
        keep_on_failure=failed,
    )
    return predict_clips(model, data.select(test)), {
        "curve": vars(history),
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
