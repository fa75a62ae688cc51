"""`seqfer train`: trains one encoder or baseline on one still-image corpus and writes a calibrated weights file.

A baseline is fitted by scikit-learn instead of by gradients; its weights file has the same format.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as distributed

from seqfer.core.emotions import class_list
from seqfer.core.errors import InputError, SettingsError
from seqfer.core.files import file_checksum
from seqfer.corpus.face_stack import frame_faces
from seqfer.corpus.faces import open_data
from seqfer.corpus.manifest import Manifest
from seqfer.corpus.same_data import is_recorded_as
from seqfer.corpus.stills import ImageSet, image_set, of_split, people_of_frames, split_off
from seqfer.metrics.calibration import fit_temperature, tempered_softmax
from seqfer.metrics.classification import classification_report, confusion_matrix, reliability
from seqfer.models.features import classify_images, features_version, run_frames
from seqfer.models.layers import FrameEncoder
from seqfer.models.opening import model_checksum, open_model
from seqfer.models.svm import fit_linear
from seqfer.models.weights import build_encoder, load_into, load_tensors, save_encoder
from seqfer.runs.cache import cached_array, open_array
from seqfer.runs.device import device_key, pick_device
from seqfer.runs.folder import open_run
from seqfer.runs.kinds.train import TrainHistory
from seqfer.runs.names import CHECKPOINT_WEIGHTS, ENCODER_WEIGHTS, HISTORY_JSON
from seqfer.runs.process_tuning import on_recorded_threads
from seqfer.runs.progress import OnProgress, Progress, ProgressBar
from seqfer.runs.records import write_record
from seqfer.training.checkpoint import load_sealed, save_sealed
from seqfer.training.image_loop import fit_images
from seqfer.training.settings import SvmTraining, TrainSettings


@on_recorded_threads
def train_encoder(settings: TrainSettings, out: Path, *, resume: bool = False, quiet: bool = False) -> TrainHistory:
    """Train, fit the temperature on the held-out part, write `encoder.safetensors` and `history.json`; returns the content of the latter.

    Under `torchrun` every process trains on its share of each batch and only the first one writes; `sha256` is empty in the others.
    """
    started = time.monotonic()
    if settings.is_baseline and _processes() > 1:
        raise SettingsError(f"{settings.encoder} is fitted by one process; start it without torchrun")
    first = _join_processes(settings.training.on(settings.device).device)
    classes = class_list(settings.classes)
    torch.manual_seed(settings.seed)
    encoder = _start_encoder(settings, classes)
    manifest = of_split(open_data(settings.data), settings.split)
    data = image_set(manifest, classes, encoder.input_size, encoder.channels)
    if settings.teachers:
        data = replace(data, teacher_logits=_with_teacher_logits(settings, classes, manifest))
    train, held_back = split_off(data, people_of_frames(manifest), settings.held_back, settings.seed)
    if not len(held_back):
        raise InputError(f"{settings.data}: no person can be held out from {len(data)} images; increase held_back")
    if first:
        contents = {"data_checksum": manifest.checksum(), "processes": _processes(), **_origins(settings)}
        open_run(out, {**settings.result_settings, **contents}, resume, partial(is_recorded_as, manifest))
    history = _fit(encoder, train, held_back, settings, out, quiet or not first)
    encoder = encoder.cpu()
    logits = classify_images(encoder, held_back.images).numpy()
    temperature = fit_temperature(logits, held_back.labels)
    sha256 = ""
    if first:
        meta = _weights_meta(settings, manifest, data, temperature)
        path = out / ENCODER_WEIGHTS
        sha256 = save_encoder(path, settings.encoder, encoder, classes, meta, half=settings.half)
    record = TrainHistory(
        **history,
        **_held_back_scores(logits, temperature, held_back.labels, classes),
        corpus=manifest.corpus,
        images=len(train),
        held_back=len(held_back),
        temperature=temperature,
        sha256=sha256,
        seconds=time.monotonic() - started,
    )
    if first:
        write_record(out / HISTORY_JSON, record)
    if distributed.is_initialized():
        distributed.barrier()
        distributed.destroy_process_group()
    return record


def _start_encoder(settings: TrainSettings, classes: tuple[str, ...]) -> FrameEncoder:
    """The encoder to train: from a random start, from ImageNet's weights, or from those of a file."""
    encoder = build_encoder(settings.encoder, len(classes), settings.input_size, settings.pretrained)
    if settings.start:
        tensors, known = load_tensors(Path(settings.start), known_encoder=settings.encoder)
        if tuple(known.get("classes", classes)) != classes:
            raise SettingsError(
                f"start = {settings.start}: knows {', '.join(known['classes'])}, not {', '.join(classes)}"
            )
        load_into(encoder, tensors, settings.start)
    return encoder


def _weights_meta(settings: TrainSettings, manifest: Manifest, data: ImageSet, temperature: float) -> dict[str, Any]:
    """What the weights file says of the training, with the share of each class among its images."""
    shares = np.bincount(data.labels, minlength=len(class_list(settings.classes))) / len(data)
    return {
        "temperature": temperature,
        "corpus": manifest.corpus,
        "split": settings.split,
        "seed": settings.seed,
        "held_back": settings.held_back,
        "data_checksum": manifest.checksum(),
        "class_shares": shares.round(6).tolist(),
    }


def _origins(settings: TrainSettings) -> dict[str, Any]:
    """Checksums of the weights that a training starts from: when it is resumed, the same name may stand for other weights."""
    found: dict[str, Any] = {"start_checksum": file_checksum(Path(settings.start))} if settings.start else {}
    if settings.teachers:
        found["teachers_checksum"] = " ".join(map(model_checksum, settings.teachers))
    return found


def _fit(
    encoder: FrameEncoder, train: ImageSet, held_back: ImageSet, settings: TrainSettings, out: Path, quiet: bool
) -> dict[str, Any]:
    """Train in place, by gradients or by scikit-learn; returns the contents of `history.json`."""
    checkpoint = out / CHECKPOINT_WEIGHTS
    if settings.is_baseline:
        with ProgressBar(len(settings.svm.penalties), "penalties", quiet) as bar:
            return _fit_baseline(encoder, train, held_back, settings.svm, settings.seed, checkpoint, bar.show)
    with ProgressBar(settings.training.epochs, "epochs", quiet) as bar:
        fitted = fit_images(
            encoder,
            train,
            settings.training.on(settings.device),
            seed=settings.seed,
            validation=held_back,
            checkpoint=checkpoint,
            on_progress=bar.show,
        )
    return fitted.as_fields()


@torch.no_grad()
def _fit_baseline(
    encoder: Any,
    train: ImageSet,
    held_back: ImageSet,
    training: SvmTraining,
    seed: int,
    checkpoint: Path,
    on_progress: OnProgress,
) -> dict[str, Any]:
    """Fit once for every penalty and keep the fit with the lowest error on the held-out people, of equal ones that with the smallest C.

    Finished fits are kept in `checkpoint`, so that a resumed run does not repeat them.
    """
    fits, _ = load_sealed(checkpoint) or ({}, {})
    encoder.mean.zero_()
    features = run_frames(encoder.embed, train.images).numpy()
    mean = features.mean(0, dtype=np.float64).astype(np.float32)
    features -= mean
    encoder.mean.copy_(torch.from_numpy(mean))
    asked = run_frames(encoder.embed, held_back.images).numpy()
    errors = []
    for penalty in training.penalties:
        names = [f"{penalty}.{part}" for part in ("weight", "bias")]
        if names[0] not in fits:
            fitted = fit_linear(
                features,
                train.labels,
                encoder.classifier.out_features,
                penalty=penalty,
                passes=training.passes,
                seed=seed,
            )
            fits |= dict(zip(names, map(torch.from_numpy, fitted), strict=True))
            save_sealed(checkpoint, fits, {"seed": seed})
        weight, bias = (fits[name].numpy() for name in names)
        errors.append(float(np.mean((asked @ weight.T + bias).argmax(1) != held_back.labels)))
        line = f"C = {penalty:g}: error {errors[-1]:.1%} on {len(held_back)} held-out images"
        on_progress(Progress(line, finished=True))
    best = min(zip(errors, training.penalties, strict=True))[1]
    encoder.classifier.weight.copy_(fits[f"{best}.weight"])
    encoder.classifier.bias.copy_(fits[f"{best}.bias"])
    return {"penalties": training.penalties, "validation_error": tuple(errors), "penalty": best}


def _held_back_scores(
    logits: np.ndarray, temperature: float, labels: np.ndarray, classes: tuple[str, ...]
) -> dict[str, Any]:
    """Scores on the held-out part. The temperature was fitted on it, so its calibration error is too low."""
    confusion = confusion_matrix(labels, logits.argmax(1), len(classes))
    bins = reliability(tempered_softmax(logits, temperature), labels)
    return {
        "held_back_error": float(np.mean(logits.argmax(1) != labels)),
        "held_back_macro_f1": classification_report(confusion, classes)["macro_f1"],
        "held_back_ece": bins.expected_calibration_error,
    }


def _processes() -> int:
    return int(os.environ.get("WORLD_SIZE", "1"))


def _join_processes(device: str) -> bool:
    """Join the process group of torchrun, if there is one; returns whether this process writes the files."""
    if _processes() > 1:
        chosen = pick_device(device)
        if chosen.type == "cuda":
            torch.cuda.set_device(chosen)
        distributed.init_process_group("nccl" if chosen.type == "cuda" else "gloo")
        return distributed.get_rank() == 0
    return True


def _with_teacher_logits(settings: TrainSettings, classes: tuple[str, ...], manifest: Manifest) -> np.ndarray:
    """Logits (image, class) of every image: the mean over the teachers and over the image and its mirror image.

    Computed once and cached: a teacher on every augmented batch would take longer than the student's whole training.
    """
    made = []
    for name in settings.teachers:
        model = open_model(name, kind="image", device=settings.device)
        teacher, meta = model.encoder, model.meta
        if tuple(meta["classes"]) != classes:
            known = ", ".join(meta["classes"])
            raise SettingsError(f"teacher {name} has the classes {known}; the student needs {', '.join(classes)}")
        faces, _ = frame_faces(manifest, teacher.input_size, teacher.channels, manifest.checksum())

        def ask(teacher: FrameEncoder = teacher, faces: Path = faces) -> np.ndarray:
            return classify_images(teacher, open_array(faces), mirror=True).numpy()

        key = {"faces": faces.name, "weights": meta["sha256"], "version": features_version(model.encoder_name)}
        key |= device_key(model.device)
        made.append(open_array(cached_array("teachers", key, ask)))
    result: np.ndarray = np.mean(made, axis=0)
    return result
