"""`seqfer train-head`: a temporal head for films, on a fixed encoder, from still faces made to move."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from seqfer.core import registry
from seqfer.core.emotions import class_list
from seqfer.core.errors import InputError, SettingsError
from seqfer.core.files import write_json
from seqfer.core.settings import as_dict
from seqfer.corpus.face_stack import code_checksum
from seqfer.corpus.faces import open_data
from seqfer.corpus.stills import USUAL_HELD_BACK, ImageSet, image_set, of_split, split_off
from seqfer.metrics.calibration import fit_temperature, tempered_softmax
from seqfer.metrics.classification import reliability
from seqfer.models.features import encoder_code, run_frames
from seqfer.models.film_files import save_film_model
from seqfer.models.layers import FrameEncoder, fuse_conv_bn
from seqfer.models.sequence import SequenceModel
from seqfer.models.weights import open_model
from seqfer.runs.cache import cached_array, open_array
from seqfer.runs.device import tune_allocator
from seqfer.runs.folder import open_run
from seqfer.runs.names import FAILED_WEIGHTS, HISTORY_JSON, SEQUENCE_WEIGHTS
from seqfer.runs.progress import ProgressBar
from seqfer.training import moving_stills as motion
from seqfer.training.sequence_loop import ClipSet, fit_sequence
from seqfer.training.settings import HeadSettings

BLOCK = 100  # sequences that are made, encoded and kept together


def train_head(settings: HeadSettings, out: Path, *, resume: bool = False, quiet: bool = False) -> dict[str, Any]:
    """Make the sequences, encode them (cached by content), train, fit the temperature, write `sequence.safetensors` and `history.json`."""
    tune_allocator()
    encoder, meta = open_model(settings.encoder)
    settings = replace(settings, held_back=settings.held_back or meta.get("held_back") or USUAL_HELD_BACK)
    classes = tuple(meta["classes"])
    if classes != class_list("fer2013"):
        raise SettingsError(
            f"{settings.encoder} knows {', '.join(classes)}; a head for films needs the classes of fer2013"
        )
    registry.find("heads", settings.head)
    manifest = of_split(open_data(settings.data), settings.split)
    data = image_set(manifest, classes, encoder.input_size, encoder.channels)
    people = [clip.person for clip in manifest.clips for _ in clip.frames]
    train, held_back = split_off(data, people, settings.held_back, settings.seed)
    if len(held_back) < 3:
        raise InputError(f"{settings.data}: no three stills can be kept back from {len(data)}; raise held_back")
    open_run(
        out, {**as_dict(settings), "data_checksum": manifest.checksum(), "encoder_checksum": meta["sha256"]}, resume
    )
    short = fuse_conv_bn(encoder)
    sums = [
        hashlib.sha256(np.ascontiguousarray(s.images).tobytes() + s.labels.tobytes()).hexdigest()
        for s in (train, held_back)
    ]
    blocks = [(train, 0, block) for block in _blocks(settings.sequences)]
    blocks += [(held_back, 1, block) for block in _blocks(settings.held_back_sequences)]
    bar = None if quiet else ProgressBar(len(blocks), "blocks")
    made: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    for source, part, (start, count) in blocks:
        made[part].append(_block(settings, source, sums[part], (part, start, count), short, meta, len(classes)))
        if bar:
            bar.step(f"{len(made[part][-1])} sequences encoded")
    if bar:
        bar.close()
    kept_back = np.concatenate(made[1])
    clips, kept = _clip_set(np.concatenate(made[0]), len(classes)), _clip_set(kept_back, len(classes))
    torch.manual_seed(settings.seed)
    model = SequenceModel(
        clips.features.shape[-1], settings.head, len(classes), settings.training.dropout, settings.projection
    )
    history = fit_sequence(
        model, clips, kept, settings.training, seed=settings.seed, keep_on_failure=out / FAILED_WEIGHTS
    )
    alone = torch.from_numpy(kept_back[..., -2 * len(classes) : -len(classes)])
    summary = _measure(model, kept, alone)
    about = {"temperature": summary["temperature"], "corpus": manifest.corpus, "seed": settings.seed}
    path = out / SEQUENCE_WEIGHTS
    summary["sha256"] = save_film_model(path, model, settings.head, classes, encoder, meta, about, half=settings.half)
    write_json(out / HISTORY_JSON, {**vars(history), **summary})
    return summary


def _blocks(sequences: int) -> list[tuple[int, int]]:
    return [(start, min(BLOCK, sequences - start)) for start in range(0, sequences, BLOCK)]


def _block(
    settings: HeadSettings,
    stills: ImageSet,
    checksum: str,
    place: tuple[int, int, int],
    encoder: FrameEncoder,
    meta: Mapping[str, Any],
    classes: int,
) -> np.ndarray:
    """float32 (sequence frame feature+logit+share): a block of sequences, encoded, with what the encoder alone says and what is true."""
    key = {
        "seed": settings.seed,
        "place": place,
        "length": settings.length,
        "stills": checksum,
        "weights": meta["sha256"],
        "code": [encoder_code(meta["encoder"]), code_checksum(motion)],
    }

    def make() -> np.ndarray:
        part, start, count = place
        generator = torch.Generator().manual_seed(settings.seed * 1_000_003 + part * 500_009 + start)
        one_hot = np.eye(classes, dtype=np.float32)
        frames, shares = [], []
        for _ in range(count):
            shown = torch.randint(
                len(stills), (int(torch.randint(1, 4, (), generator=generator)),), generator=generator
            ).numpy()
            seen, true = motion.moving_stills(
                stills.images[shown], one_hot[stills.labels[shown]], settings.length, generator
            )
            frames.append(seen)
            shares.append(true)
        pixels, truth = np.concatenate(frames), np.concatenate(shares)
        features = run_frames(lambda x: _features_and_logits(encoder, x), pixels).numpy()
        return np.concatenate([features, truth], 1).reshape(count, settings.length, -1)

    return open_array(cached_array("moving", key, make))


def _features_and_logits(encoder: FrameEncoder, pixels: torch.Tensor) -> torch.Tensor:
    """(image feature+logit), in one pass."""
    features = encoder.embed(pixels)
    return torch.cat([features, encoder.classifier(features)], 1)


def _clip_set(blocks: np.ndarray, classes: int) -> ClipSet:
    """Features, and true shares as labels; the encoder's own logits, between them, are left out."""
    every = torch.from_numpy(blocks)
    return ClipSet(
        every[None, ..., : -2 * classes], torch.ones(every.shape[:2], dtype=torch.bool), every[..., -classes:]
    )


@torch.no_grad()
def _measure(model: SequenceModel, kept: ClipSet, alone: torch.Tensor) -> dict[str, Any]:
    """Frame error and calibration on the sequences kept back, beside the encoder alone (logits (sequence frame class)), each with a temperature of
    its own. Frames between two stills, where no class has 90 %, are not counted."""
    clear = kept.labels.max(-1).values > 0.9
    labels = kept.labels[clear].argmax(-1).numpy()
    summary: dict[str, Any] = {"frames": len(labels)}
    for name, logits in (("", model(kept.features[0], kept.mask)[clear].numpy()), ("encoder_", alone[clear].numpy())):
        temperature = fit_temperature(logits, labels)
        summary[f"{name}temperature"] = temperature
        summary[f"{name}error"] = float(np.mean(logits.argmax(-1) != labels))
        summary[f"{name}calibration_error"] = reliability(
            tempered_softmax(logits, temperature), labels
        ).expected_calibration_error
    return summary
