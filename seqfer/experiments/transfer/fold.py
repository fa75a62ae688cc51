"""Runs one unit of a transfer: one fold under one protocol, from the unchanged model through every step of unfreezing.

Each finished row writes a JSON file, each step its weights, so that a killed run resumes after the last finished step, and within a step after
the last finished epoch.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from seqfer.core.files import file_checksum
from seqfer.core.records import Fold
from seqfer.experiments.clip_plan import has_part_file, read_part_file, write_part_file
from seqfer.experiments.transfer.plan import SCRATCH, ZERO_SHOT, Plan
from seqfer.metrics.calibration import fit_temperature, tempered_softmax
from seqfer.models.classify import class_prior, clip_class_probabilities
from seqfer.models.features import classify_images
from seqfer.models.layers import FrameEncoder, parameter_counts
from seqfer.models.opening import open_model
from seqfer.models.weights import build_encoder, load_into, load_tensors, save_encoder
from seqfer.runs.device import pick_device
from seqfer.runs.progress import OnProgress, within
from seqfer.runs.seeds import unit_seed
from seqfer.training.history import History
from seqfer.training.image_loop import fit_images
from seqfer.training.settings import ImageTraining


def run_unit(plan: Plan, unit: tuple[str, int], on_progress: OnProgress) -> str:
    """Every row of one unit that has no file yet; returns a line for the terminal."""
    return _Unit(plan, unit, on_progress).run()


@dataclass
class _Unit:
    plan: Plan
    unit: tuple[str, int]
    on_progress: OnProgress

    def __post_init__(self) -> None:
        plan, (protocol, index) = self.plan, self.unit
        fold: Fold = next(f for f in plan.divisions[protocol] if f.index == index)
        self.clips = {k: plan.clips_of(protocol, getattr(fold, k)) for k in ("train", "validation", "test")}
        self.where = f"{protocol} fold {index + 1}"

    def run(self) -> str:
        """The unchanged model, each step from the one before, and the same network from random weights."""
        plan = self.plan
        missing = [row for row in plan.rows if not self._is_finished(row)]
        model = open_model(plan.settings.model, kind="image", device=plan.settings.device)
        encoder, meta = model.encoder, model.meta
        if ZERO_SHOT in missing:
            self._zero_shot(encoder, meta)
        torch.manual_seed(self._seed("classifier"))
        if tuple(meta["classes"]) != plan.classes:
            encoder.change_classes(meta["classes"], plan.classes)
        for step in plan.steps if set(missing) - {ZERO_SHOT, SCRATCH} else ():
            settings = plan.settings.training if step.stages else plan.settings.head_training
            self._fit(step.name, encoder, replace(settings, freeze=step.layers_frozen))
        if SCRATCH in missing:
            torch.manual_seed(self._seed(SCRATCH))
            fresh = build_encoder(plan.encoder, len(plan.classes), meta.get("input_size", 0))
            self._fit(SCRATCH, fresh, plan.settings.scratch_training)
        found = [plan.read_part(*self.unit, row) for row in plan.rows]
        if plan.settings.folds:  # of one division they are kept: one of them becomes the resulting model
            for row in plan.rows:
                self._file(row).with_suffix(".safetensors").unlink(missing_ok=True)
        return f"{self.where} errors: " + ", ".join(f"{p['row']} {plan.error_of(p):.1%}" for p in found if p["clips"])

    def _is_finished(self, row: str) -> bool:
        """Whether a row needs no computation. Its weights are kept only where there is one division."""
        needs_weights = row != ZERO_SHOT and not self.plan.settings.folds
        return has_part_file(self._file(row)) and (not needs_weights or self._has_weights(row))

    def _has_weights(self, row: str) -> bool:
        """Whether the weights of a finished row are there as they were written."""
        file = self._file(row)
        weights, wanted = file.with_suffix(".safetensors"), read_part_file(file).get("weights_checksum")
        return weights.is_file() and file_checksum(weights) == wanted

    def _zero_shot(self, encoder: FrameEncoder, meta: Mapping[str, Any]) -> None:
        """The original classifier on the clips of its classes; the others are left out and counted."""
        plan, known = self.plan, list(meta["classes"])
        agreed = [name for name in plan.classes if name in known]
        columns = [plan.classes.index(name) for name in agreed]
        clips = np.array([c for c in self.clips["test"] if plan.classes[plan.labels[c]] in agreed], dtype=np.int64)
        shares = np.zeros((len(clips), len(plan.classes)))
        started = time.monotonic()
        if len(clips):
            logits = self._logits(encoder, clips)[:, [known.index(name) for name in agreed]]
            # as `seqfer evaluate` scores it: on another corpus with prior correction by the class frequencies of its training
            prior = class_prior("auto", meta, plan.corpus, agreed)
            shares[:, columns] = clip_class_probabilities(
                logits, plan.lengths[clips], meta.get("temperature", 1.0), prior
            )
        more = {"agreed": agreed, "trainable": 0, "epochs": 0, "seconds": time.monotonic() - started}
        self._write(ZERO_SHOT, clips, shares, more)

    def _fit(self, row: str, encoder: FrameEncoder, settings: ImageTraining) -> None:
        """Train in place and score, or load the weights of a finished step."""
        weights = self._file(row).with_suffix(".safetensors")
        if has_part_file(self._file(row)) and self._has_weights(row):
            load_into(encoder, load_tensors(weights)[0], str(weights))
            return
        started = time.monotonic()
        encoder.requires_grad_(True)  # the previous step froze more layers
        train, validation = (self.plan.images_of(self.clips[k]) for k in ("train", "validation"))
        checkpoint = weights.with_name(f"{weights.stem}-checkpoint.safetensors")
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        history = fit_images(
            encoder,
            train,
            settings.on(self.plan.settings.device),
            seed=self._seed(row),
            validation=validation,
            checkpoint=checkpoint,
            on_progress=within(self.on_progress, f"{self.where} {row}: "),
        )
        encoder.to(pick_device(self.plan.settings.device))  # it may have been trained on another device
        self._score(row, encoder, history, weights, started)
        checkpoint.unlink(missing_ok=True)

    def _score(self, row: str, encoder: FrameEncoder, history: History, weights: Path, started: float) -> None:
        plan, (validation, test) = self.plan, (self.clips["validation"], self.clips["test"])
        logits = self._logits(encoder, validation)
        labels = plan.images_of(validation).labels
        temperature = fit_temperature(logits, labels)
        chosen = np.log(np.maximum(tempered_softmax(logits, temperature)[np.arange(len(labels)), labels], 1e-12))
        more = {
            "temperature": temperature,
            "validation_loss": float(-chosen.mean()),
            "validation_error": float(np.mean(logits.argmax(1) != labels)),
            "trainable": sum(p.numel() for p in encoder.parameters() if p.requires_grad),
            "parameters": parameter_counts(encoder)[0],
            "epochs": len(history.train_loss),
            "curve": vars(history),
            "seconds": time.monotonic() - started,
        }
        shares = clip_class_probabilities(self._logits(encoder, test), plan.lengths[test], temperature)
        meta = {"temperature": temperature, "corpus": plan.corpus, "split": "Training", "seed": plan.settings.seed}
        meta["held_back"] = 0.0  # nobody of that split: validation people have a separate split
        if checksum := plan.trained_checksums.get(self.unit[0]):
            # "Training" means the people of this division, not those of the corpus' official split
            meta["data_checksum"] = checksum
        saved = save_encoder(weights, plan.encoder, encoder, plan.classes, {**meta, "transferred": row})
        more["weights_checksum"] = saved
        self._write(row, test, shares, more)

    def _write(self, row: str, clips: np.ndarray, shares: np.ndarray, more: dict[str, Any]) -> None:
        protocol, fold = self.unit
        names = [self.plan.names[c] for c in clips]
        head = {"row": row, "protocol": protocol, "fold": fold, "clips": names, "probabilities": shares.tolist()}
        write_part_file(self._file(row), {**head, **more})

    def _logits(self, encoder: FrameEncoder, clips: np.ndarray) -> np.ndarray:
        """(frame class) of all frames of these clips."""
        return classify_images(encoder, self.plan.images_of(clips).images).numpy()

    def _file(self, row: str) -> Path:
        return self.plan.part_file(*self.unit, row)

    def _seed(self, what: str) -> int:
        protocol, fold = self.unit
        return unit_seed(self.plan.settings.seed, 0, fold, f"{protocol} {what}")
