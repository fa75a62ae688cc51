"""`seqfer transfer`: retrains a model of one corpus on another, step by step from its classifier down (savoiu2017, section 3.5).

The paper trains on FER2013, freezes all layers but the last few and retrains those on KDEF, with images divided 80-10-10 regardless of the
person. It does not give layers, rates and epochs. Here people are divided, unless the plain split is set; the classifier is
trained first, so that its random rows do not damage the layers before it (Kumar et al. 2022, arXiv 2202.10054); earlier layers are trained
with lower learning rates (Howard & Ruder 2018).
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from seqfer.core.emotions import class_list
from seqfer.core.errors import InputError
from seqfer.core.files import write_atomically
from seqfer.core.records import Fold
from seqfer.core.settings import as_dict
from seqfer.corpus.face_stack import frame_faces
from seqfer.corpus.faces import open_data
from seqfer.corpus.folds import folds_checksum, repeat_seed, save_folds
from seqfer.corpus.manifest import Manifest, write_manifest
from seqfer.corpus.same_data import is_recorded_as
from seqfer.corpus.stills import labels_of, of_split
from seqfer.experiments.clip_plan import Part
from seqfer.experiments.predictions import class_predictions
from seqfer.experiments.transfer.fold import run_unit
from seqfer.experiments.transfer.plan import Plan, divide
from seqfer.experiments.transfer.settings import TransferSettings
from seqfer.experiments.transfer.stages import plan_unfreezing
from seqfer.models.layers import FrameEncoder
from seqfer.models.opening import open_model
from seqfer.models.weights import save_encoder
from seqfer.runs.folder import open_run
from seqfer.runs.names import ENCODER_WEIGHTS
from seqfer.runs.process_tuning import on_recorded_threads, tune_worker
from seqfer.runs.workers import Workers, check_jobs, run_units

Parts = dict[tuple[str, str], tuple[Part, ...]]  # by (protocol, row), one for each fold


@dataclass(frozen=True)
class Transfer:
    """A finished run: the unchanged `model` with its `meta`, `parts` by (protocol, row) with one entry per fold, `chosen` the step of the lowest
    validation loss under the first protocol."""

    settings: TransferSettings
    plan: Plan
    model: FrameEncoder
    meta: dict[str, Any]
    contents: dict[str, str]
    parts: Parts
    chosen: str
    seconds: float


@on_recorded_threads
def transfer(
    settings: TransferSettings, out: Path, *, resume: bool = False, jobs: int = 0, quiet: bool = False
) -> Transfer:
    """Run all units without results; write folds, predictions, the divided manifests and, for one division, the chosen encoder.

    Raises SeqferError for wrong input, before the first training where possible.
    """
    started = time.monotonic()
    check_jobs(jobs)
    model = open_model(settings.model, kind="image", device=settings.device)
    encoder, meta = model.encoder, dict(model.meta)
    steps = plan_unfreezing(encoder, meta["encoder"], settings.unfreeze, settings.stages)
    manifest = _manifest(settings)
    divisions: dict[str, tuple[Fold, ...]] = {
        p: divide(manifest.clips, p, settings.folds, repeat_seed(settings.seed, 0)) for p in settings.protocols
    }
    checksum = manifest.checksum()
    faces_file, lengths = frame_faces(manifest, encoder.input_size, encoder.channels, checksum)
    contents = {"data_checksum": checksum, "model_checksum": meta["sha256"]}
    contents |= {f"{p}_folds_checksum": folds_checksum([folds]) for p, folds in divisions.items()}
    open_run(out, {**as_dict(settings), **contents}, resume, partial(is_recorded_as, manifest))
    plan = Plan(
        settings=settings,
        out=out,
        corpus=manifest.corpus,
        encoder=meta["encoder"],
        classes=manifest.classes,
        names=tuple(clip.clip for clip in manifest.clips),
        people=tuple(clip.person for clip in manifest.clips),
        labels=labels_of(manifest.clips, manifest.classes),
        lengths=lengths,
        faces_file=faces_file,
        steps=steps,
        divisions=divisions,
    )
    plan = replace(plan, trained_checksums=_write_divisions(manifest, plan))
    workers = Workers(partial(tune_worker, settings.threads))
    run_units(run_unit, plan, plan.units, jobs=jobs, what="divisions", quiet=quiet, workers=workers)
    found = _read_parts(plan)
    chosen = _chosen(plan, found)
    if not settings.folds:
        _write_encoder(plan, chosen)
    return Transfer(settings, plan, encoder, meta, contents, found, chosen, time.monotonic() - started)


def _manifest(settings: TransferSettings) -> Manifest:
    """The clips to retrain on. Raises InputError for fewer than two classes."""
    everything = open_data(settings.data)
    manifest = everything.only(class_list(settings.classes) if settings.classes else everything.classes)
    if len(manifest.classes) < 2:
        raise InputError(f"{settings.data}: only {manifest.classes[0]} is labelled; two classes or more are needed")
    return manifest


def _write_divisions(manifest: Manifest, plan: Plan) -> dict[str, str]:
    """Write the folds of every protocol and, of one division, the manifest with its splits; returns the checksums of those to train on."""
    checksums = {}
    for protocol, folds in plan.divisions.items():
        save_folds(plan.out / file_of_protocol("folds", protocol, "json"), [folds], plan.settings.seed)
        if not plan.settings.folds:
            checksums[protocol] = _write_divided(manifest, plan, protocol, folds[0])
    return checksums


def _read_parts(plan: Plan) -> Parts:
    """The parts of all units, and their predictions written as one table for each protocol."""
    found = {
        (protocol, row): tuple(plan.read_part(protocol, fold.index, row) for fold in folds)
        for protocol, folds in plan.divisions.items()
        for row in plan.rows
    }
    for protocol in plan.divisions:
        named = [(row, part) for row in plan.rows for part in found[protocol, row]]
        write_atomically(plan.out / file_of_protocol("predictions", protocol, "csv"), class_predictions(plan, named))
    return found


def file_of_protocol(stem: str, protocol: str, ending: str) -> str:
    """The file name for a protocol: the person-disjoint protocol has the usual names, files of the plain split have its name added."""
    return f"{stem}.{ending}" if protocol == "person" else f"{stem}-{protocol}.{ending}"


def _chosen(plan: Plan, found: Parts) -> str:
    """The step with the lowest validation loss, as a mean over the folds; of equal ones the earlier, which changes fewer layers."""
    protocol = plan.settings.protocols[0]
    losses = {s.name: np.mean([part["validation_loss"] for part in found[protocol, s.name]]) for s in plan.steps}
    return min(losses, key=lambda name: losses[name])


def _write_encoder(plan: Plan, chosen: str) -> None:
    """Write the chosen step of the first protocol as a model file."""
    protocol = plan.settings.protocols[0]
    weights = plan.part_file(protocol, 0, chosen).with_suffix(".safetensors")
    model = open_model(weights, kind="image", device="cpu")
    kept = {k: v for k, v in model.meta.items() if k not in ("encoder", "classes", "sha256")}
    more = {**kept, "protocol": protocol, "start": plan.settings.model}
    save_encoder(plan.out / ENCODER_WEIGHTS, plan.encoder, model.encoder, plan.classes, more, half=plan.settings.half)


def _write_divided(manifest: Manifest, plan: Plan, protocol: str, fold: Fold) -> str:
    """The manifest with the division as splits, for `seqfer evaluate --split Test` and for ensembles of transferred models; returns the checksum of
    the training clips."""
    clips = list(manifest.clips)
    for part, split in (("train", "Training"), ("validation", "Validation"), ("test", "Test")):
        for index in plan.clips_of(protocol, getattr(fold, part)):
            clip = clips[index]
            frames = tuple(os.path.relpath(manifest.root / frame, plan.out) for frame in clip.frames)
            clips[index] = replace(clip, split=split, frames=frames)
    file = plan.out / file_of_protocol("split", protocol, "jsonl")
    divided = replace(manifest, clips=tuple(clips), root=plan.out.resolve())
    write_manifest(divided, file)
    return of_split(divided, "Training").checksum()
