"""`seqfer train-head`: trains a temporal head for videos on a fixed encoder, with sequences made from still faces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from seqfer.core import registry
from seqfer.core.emotions import class_list
from seqfer.core.errors import InputError, SettingsError
from seqfer.core.settings import as_dict
from seqfer.corpus.faces import open_data
from seqfer.corpus.manifest import Manifest
from seqfer.corpus.same_data import is_recorded_as
from seqfer.corpus.stills import USUAL_HELD_BACK, ImageSet, image_set, of_split, people_of_frames, split_off
from seqfer.metrics.calibration import fit_temperature, tempered_softmax
from seqfer.metrics.classification import reliability
from seqfer.models.film_files import TrainedHead, save_film_model
from seqfer.models.layers import FrameEncoder, fuse_conv_bn
from seqfer.models.logit_correction import LogitCorrection, averaged_logits
from seqfer.models.opening import open_model
from seqfer.models.sequence import SequenceModel
from seqfer.runs.folder import open_run
from seqfer.runs.kinds.train_head import TrainHeadHistory
from seqfer.runs.names import FAILED_WEIGHTS, HISTORY_JSON, SEQUENCE_WEIGHTS
from seqfer.runs.process_tuning import on_recorded_threads
from seqfer.runs.progress import ProgressBar
from seqfer.runs.records import write_record
from seqfer.training.encoded_sequences import (
    DRAWN,
    HELD_BACK,
    TRAIN,
    EncodedSequences,
    SequenceEncoder,
    Stills,
    blocks_of,
    clips_of,
)
from seqfer.training.history import History
from seqfer.training.moving_stills import FPS
from seqfer.training.sequence_loop import ClipSet, fit_sequence
from seqfer.training.settings import HeadSettings

LAST_MEASURED = "P006"  # of the drawn people


@on_recorded_threads
def train_head(settings: HeadSettings, out: Path, *, resume: bool = False, quiet: bool = False) -> TrainHeadHistory:
    """Make the sequences, encode them (cached by content), train, fit the temperature, write `sequence.safetensors` and `history.json`; returns the
    content of the latter."""
    opened = open_model(settings.encoder, kind="image", device=settings.device)
    encoder, meta = opened.encoder, opened.meta
    settings = replace(settings, held_back=settings.held_back or meta.get("held_back") or USUAL_HELD_BACK)
    classes = _video_classes(settings, meta)
    registry.find("heads", settings.head)
    manifest = of_split(open_data(settings.data), settings.split)
    train, held_back = _divided_stills(manifest, encoder, classes, settings)
    contents = {"data_checksum": manifest.checksum(), "encoder_checksum": meta["sha256"]}
    open_run(out, {**as_dict(settings), **contents}, resume, partial(is_recorded_as, manifest))
    parts = [(Stills(train), TRAIN, settings.sequences), (Stills(held_back), HELD_BACK, settings.held_back_sequences)]
    if settings.correction_limit:
        parts.append((_drawn_stills(classes, encoder), DRAWN, settings.drawn_sequences))
    maker = SequenceEncoder(settings, fuse_conv_bn(encoder), meta)
    with ProgressBar(sum(len(blocks_of(count)) for _, _, count in parts), "blocks", quiet) as bar:
        encoded = [maker.encode(*part, bar.step) for part in parts]
    model, kept, history = _fit(encoded, settings, float(meta.get("temperature", 1.0)), out / FAILED_WEIGHTS)
    others = {"encoder_": encoded[HELD_BACK].encoder_logits}
    if isinstance(model, LogitCorrection) and model.uses_later_frames:
        others["average_"] = averaged_logits(kept.features[0], len(classes)) / model.temperature
    summary = _measure(model, kept, others)
    if isinstance(model, LogitCorrection) and model.uses_later_frames:
        model.average_temperature = summary["average_temperature"]
    about = {"temperature": summary["temperature"], "corpus": manifest.corpus, "seed": settings.seed}
    head = TrainedHead(model, settings.head, classes, about)
    sha256 = save_film_model(out / SEQUENCE_WEIGHTS, head, encoder, meta, half=settings.half)
    record = TrainHeadHistory(**history.as_fields(), **summary, sha256=sha256)
    write_record(out / HISTORY_JSON, record)
    return record


def _drawn_stills(classes: tuple[str, ...], encoder: FrameEncoder) -> Stills:
    """Drawn people with all expressions, without those that tools/measure_response.py measures."""
    manifest = open_data("posed")
    manifest = replace(manifest, clips=tuple(clip for clip in manifest.clips if clip.person > LAST_MEASURED))
    return Stills(
        image_set(manifest, classes, encoder.input_size, encoder.channels), np.array(people_of_frames(manifest))
    )


def _fit(
    encoded: Sequence[EncodedSequences], settings: HeadSettings, temperature: float, keep_on_failure: Path
) -> tuple[SequenceModel, ClipSet, History]:
    """(trained model, the held-out sequences as its inputs, history). With a correction limit a plain head is trained first, whose projection the
    correction takes over; the correction learns from what the encoder says of the unmoved stills, not from labels."""
    clips, kept = encoded[TRAIN].clips(), encoded[HELD_BACK].clips()
    shape = clips.features.shape[-1], settings.head, clips.labels.shape[-1], settings.training.dropout
    fit = partial(fit_sequence, settings=settings.training, seed=settings.seed, keep_on_failure=keep_on_failure)
    torch.manual_seed(settings.seed)
    plain = SequenceModel(*shape, settings.projection)
    history = fit(plain, clips, kept)
    if not settings.correction_limit:
        return plain, kept, history
    torch.manual_seed(settings.seed)
    model = LogitCorrection(*shape, settings.projection, limit=settings.correction_limit, temperature=temperature)
    model.take_projection(plain)
    times_s = torch.arange(settings.length, dtype=torch.double) / FPS
    inputs = [_correction_inputs(model.eval(), part, times_s) for part in encoded]
    learned = [TRAIN, DRAWN]
    clips = clips_of(
        torch.cat([inputs[part] for part in learned]), torch.cat([encoded[part].clean for part in learned])
    )
    kept = clips_of(inputs[HELD_BACK], encoded[HELD_BACK].truth)
    return model, kept, fit(model, clips, kept)


@torch.no_grad()
def _correction_inputs(model: LogitCorrection, part: EncodedSequences, times_s: torch.Tensor) -> torch.Tensor:
    """(sequence frame input), block by block: the average over alike frames holds (sequence frame frame) numbers."""
    blocks = [slice(start, start + count) for start, count in blocks_of(len(part.values))]
    return torch.cat([model.training_inputs(part.features[at], part.encoder_logits[at], times_s) for at in blocks])


def _video_classes(settings: HeadSettings, meta: Mapping[str, Any]) -> tuple[str, ...]:
    """The classes of the encoder. Raises SettingsError where they are not those of fer2013, which videos are annotated with."""
    classes = tuple(meta["classes"])
    if classes != class_list("fer2013"):
        raise SettingsError(
            f"{settings.encoder} has the classes {', '.join(classes)}; a head for videos needs those of fer2013"
        )
    return classes


def _divided_stills(
    manifest: Manifest, encoder: FrameEncoder, classes: tuple[str, ...], settings: HeadSettings
) -> tuple[ImageSet, ImageSet]:
    """(stills to train on, stills of the held-out people)."""
    data = image_set(manifest, classes, encoder.input_size, encoder.channels)
    train, held_back = split_off(data, people_of_frames(manifest), settings.held_back, settings.seed)
    if len(held_back) < 3:
        raise InputError(f"{settings.data}: no three stills can be held out from {len(data)}; increase held_back")
    return train, held_back


@torch.no_grad()
def _measure(model: SequenceModel, kept: ClipSet, others: Mapping[str, torch.Tensor]) -> dict[str, Any]:
    """Frame error and calibration on the held-out sequences, of the head and of `others`, prefix of the names -> logits (sequence frame class), each
    with its own temperature. Frames between two stills, where no class has 90 %, are not counted."""
    clear = kept.labels.max(-1).values > 0.9
    labels = kept.labels[clear].argmax(-1).numpy()
    summary: dict[str, Any] = {"frames": len(labels)}
    for name, made in {"": model(kept.features[0], kept.mask), **others}.items():
        logits = made[clear].numpy()
        temperature = fit_temperature(logits, labels)
        summary[f"{name}temperature"] = temperature
        summary[f"{name}error"] = float(np.mean(logits.argmax(-1) != labels))
        bins = reliability(tempered_softmax(logits, temperature), labels)
        summary[f"{name}calibration_error"] = bins.expected_calibration_error
    return summary
