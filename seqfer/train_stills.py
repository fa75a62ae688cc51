"""`seqfer train`: one encoder on one still-image corpus, from settings to a calibrated weights file."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as distributed

from seqfer import parts
from seqfer.cache import cached_array, open_array
from seqfer.config import as_dict
from seqfer.data import open_data
from seqfer.device import pick_device, tune_allocator
from seqfer.emotions import class_list
from seqfer.errors import InputError, SettingsError
from seqfer.features import encoder_code, frame_faces
from seqfer.layers import FrameEncoder, folded
from seqfer.manifest import Manifest
from seqfer.metrics.calibration import fit_temperature
from seqfer.progress import ProgressBar
from seqfer.runfolder import open_run, write_json
from seqfer.stills import image_set, of_split, split_off
from seqfer.train import ImageTraining, classify_images, fit_images
from seqfer.weights import load_into, load_tensors, open_model, save_encoder


@dataclass(frozen=True)
class TrainSettings:
    """`held_back` is the share of the training split that is kept from training, for the validation curve and the temperature. `teachers` are
    weights files (or names of encoders whose weights ship) to distil from; `start` is a weights file to start from."""

    data: str = ""
    encoder: str = "resezap"
    classes: str = "fer2013"
    split: str = "Training"
    held_back: float = 0.05
    seed: int = 0
    start: str = ""
    teachers: tuple[str, ...] = ()
    half: bool = True
    training: ImageTraining = field(default_factory=ImageTraining)

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise SettingsError(f"seed = {self.seed}; allowed: 0 or more")
        if not 0.01 <= self.held_back <= 0.5:
            raise SettingsError(f"held_back = {self.held_back}; allowed: 0.01 to 0.5")
        if self.training.distillation and not self.teachers:
            raise SettingsError("training.distillation needs teachers; name at least one weights file")
        class_list(self.classes)


def train_encoder(settings: TrainSettings, out: Path, *, resume: bool = False, quiet: bool = False) -> dict[str, Any]:
    """Train, fit the temperature on the part held back, write `encoder.safetensors` and `history.json`; returns a summary.

    Under `torchrun` every process trains on its share of each batch and only the first one writes.
    """
    started = time.monotonic()
    tune_allocator()
    first = _join_processes(settings.training.device)
    classes = class_list(settings.classes)
    torch.manual_seed(settings.seed)
    encoder = parts.find("encoders", settings.encoder).build(classes=len(classes))
    if settings.start:
        load_into(encoder, load_tensors(Path(settings.start))[0], settings.start)
    manifest = of_split(open_data(settings.data), settings.split)
    data = image_set(manifest, classes, encoder.input_size, encoder.channels)
    if settings.teachers:
        data = replace(data, soft=_taught(settings.teachers, classes, manifest))
    people = [clip.person for clip in manifest.clips for _ in clip.frames]
    train, held_back = split_off(data, people, settings.held_back, settings.seed)
    if not len(held_back):
        raise InputError(f"{settings.data}: no person can be kept back from {len(data)} images; raise held_back")
    if first:
        open_run(out, {**as_dict(settings), "data_checksum": manifest.checksum(), "processes": _processes()}, resume)
    bar = None if quiet or not first else ProgressBar(settings.training.epochs, "epochs")
    checkpoint = out / "checkpoint.safetensors"
    history = fit_images(
        encoder,
        train,
        settings.training,
        seed=settings.seed,
        validation=held_back,
        checkpoint=checkpoint,
        progress=lambda message: _show(bar, message),
    )
    if bar:
        bar.close()
    encoder = encoder.cpu()
    logits = classify_images(encoder, held_back.images).numpy()
    temperature = fit_temperature(logits, held_back.labels)
    error = float(np.mean(logits.argmax(1) != held_back.labels))
    summary: dict[str, Any] = {
        "images": len(train),
        "held_back": len(held_back),
        "held_back_error": error,
        "temperature": temperature,
    }
    if first:
        meta = {"temperature": temperature, "corpus": manifest.corpus, "split": settings.split, "seed": settings.seed}
        summary["sha256"] = save_encoder(
            out / "encoder.safetensors", settings.encoder, encoder, classes, meta, half=settings.half
        )
        summary["seconds"] = time.monotonic() - started
        write_json(out / "history.json", {**vars(history), **summary})
    if distributed.is_initialized():
        distributed.barrier()
        distributed.destroy_process_group()
    return summary


def _show(bar: ProgressBar | None, message: str) -> None:
    if bar is not None:
        (bar.note if ", step " in message else bar.step)(message)


def _processes() -> int:
    return int(os.environ.get("WORLD_SIZE", "1"))


def _join_processes(device: str) -> bool:
    """Join the group that torchrun started, if it did; whether this process is the one that writes."""
    if _processes() > 1:
        chosen = pick_device(device)
        if chosen.type == "cuda":
            torch.cuda.set_device(chosen)
        distributed.init_process_group("nccl" if chosen.type == "cuda" else "gloo")
        return distributed.get_rank() == 0
    return True


def _taught(teachers: Sequence[str], classes: tuple[str, ...], manifest: Manifest) -> np.ndarray:
    """Logits (image, class) of every image: the mean over the teachers and over the image and its mirror image.

    Asked once and cached: a teacher that looked at every augmented batch would cost more than the student's whole training.
    """
    made = []
    for name in teachers:
        teacher, meta = open_model(name)
        if tuple(meta["classes"]) != classes:
            known = ", ".join(meta["classes"])
            raise SettingsError(f"teacher {name} knows the classes {known}; the student needs {', '.join(classes)}")
        faces, _ = frame_faces(manifest, teacher.input_size, teacher.channels, manifest.checksum())

        def ask(teacher: FrameEncoder = teacher, faces: Path = faces) -> np.ndarray:
            return classify_images(folded(teacher), open_array(faces), mirror=True).numpy()

        key = {"faces": faces.name, "weights": meta["sha256"], "code": encoder_code(meta["encoder"])}
        made.append(open_array(cached_array("teachers", key, ask)))
    return np.mean(made, axis=0)
