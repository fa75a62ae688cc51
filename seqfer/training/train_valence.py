"""`seqfer train-valence`: trains nine levels of valence, on the features of an included encoder or with a whole network.

The targets are the votes of raters on stills, or the valence of the frames of annotated clips.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from seqfer.core import registry
from seqfer.core.errors import InputError, SettingsError
from seqfer.core.rated_valence import (
    LEVEL_NAMES,
    LEVELS,
    level_valence,
    mean_valence,
    nearest_level,
    valence_to_level_probabilities,
    votes_to_level_probabilities,
)
from seqfer.core.settings import as_dict
from seqfer.corpus.face_stack import frame_faces
from seqfer.corpus.faces import open_data
from seqfer.corpus.manifest import Manifest
from seqfer.corpus.same_data import is_recorded_as
from seqfer.corpus.stills import USUAL_HELD_BACK, ImageSet, of_split, people_of_frames, split_off, take, votes_of
from seqfer.metrics.traces import trace_scores
from seqfer.models.features import classify_images, embedded
from seqfer.models.included import TIERS, included_encoder
from seqfer.models.layers import FrameEncoder
from seqfer.models.opening import open_model
from seqfer.models.valence_model import save_levels
from seqfer.models.weights import save_encoder
from seqfer.runs.cache import open_array
from seqfer.runs.folder import open_run
from seqfer.runs.kinds.train_valence import TrainValenceHistory
from seqfer.runs.names import CHECKPOINT_WEIGHTS, HISTORY_JSON, VALENCE_WEIGHTS
from seqfer.runs.process_tuning import on_recorded_threads
from seqfer.runs.progress import ProgressBar
from seqfer.runs.records import write_record
from seqfer.training.image_loop import fit_images
from seqfer.training.settings import ValenceSettings

# Weight decay of the last layer, tried on the people held back; the features are standardised first.
_DECAYS = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 1.0)


@on_recorded_threads
def train_valence(
    settings: ValenceSettings, out: Path, *, resume: bool = False, quiet: bool = False
) -> TrainValenceHistory:
    """Train, measure on the people held back, write `valence.safetensors` and `history.json`; returns the content of the latter."""
    started = time.monotonic()
    torch.manual_seed(settings.seed)
    start = _open_start(settings)
    settings = replace(settings, held_back=settings.held_back or start.held_back or USUAL_HELD_BACK)
    manifest = of_split(open_data(settings.data), settings.split)
    images = _rated_images(manifest, start.encoder, settings)
    encoder_checksum = start.meta["sha256"] if start.meta else "none"
    contents = {"data_checksum": manifest.checksum(), "encoder_checksum": encoder_checksum}
    open_run(out, {**as_dict(settings), **contents}, resume, partial(is_recorded_as, manifest))
    about = {"corpus": manifest.corpus, "split": settings.split, "seed": settings.seed, "target": settings.target}
    path = out / VALENCE_WEIGHTS
    summary: dict[str, Any] = {"images": len(images.train), "held_back": len(images.held_back)}
    if start.meta is None:
        history = _train_whole(settings, start.encoder, images, out, quiet)
        held_back = images.data.images[images.held_back]
        logits = classify_images(start.encoder, held_back, one_view=True)
        predicted = level_valence(logits.softmax(1).double().numpy())
        checksum = save_encoder(path, start.name, start.encoder, LEVEL_NAMES, about, half=True)
        summary |= {"sha256": checksum, **history}
    else:
        features = [torch.from_numpy(np.array(view)) for view in embedded(start.encoder, start.meta, manifest)]
        levels, decay = _fit_levels(features, images)
        predicted = _predicted(levels, features[0][images.held_back])
        summary |= {"sha256": save_levels(path, levels, start.meta, about), "weight_decay": decay}
    scores = trace_scores(predicted, images.truth[images.held_back])
    summary |= {"held_back_rmse": scores.rmse, "held_back_ccc": scores.ccc, "seconds": time.monotonic() - started}
    record = TrainValenceHistory(**summary)
    write_record(out / HISTORY_JSON, record)
    return record


@dataclass(frozen=True)
class _Start:
    """What a training begins with. `meta` is what the file of an included encoder says, on whose features a layer is fitted; None where all
    layers are trained. `held_back` is the share that the encoder's own training held back, where it is known."""

    encoder: FrameEncoder
    name: str
    meta: Mapping[str, Any] | None
    held_back: float | None


def _open_start(settings: ValenceSettings) -> _Start:
    name = settings.encoder
    if settings.whole and name not in TIERS and not name.endswith(".safetensors"):
        return _Start(registry.find("encoders", name).build(classes=LEVELS), name, None, None)
    opened = open_model(name, kind="image", device=settings.device)
    encoder, meta = opened.encoder, opened.meta
    if settings.whole:
        encoder.change_classes(opened.classes, LEVEL_NAMES)
        return _Start(encoder, opened.encoder_name, None, meta.get("held_back"))
    included = included_encoder(opened.encoder_name)
    if included is None or included.sha256 != opened.checksum:
        raise SettingsError(f"{name} is not included; name a tier, or train a whole network with whole=true")
    return _Start(encoder, opened.encoder_name, meta, meta.get("held_back"))


@dataclass(frozen=True)
class _RatedImages:
    """Images with probabilities of the levels as targets, their true valence (image,), and the indices (image,) of those that enough raters
    rated: to train on, and of the people held back."""

    data: ImageSet
    truth: np.ndarray
    train: np.ndarray
    held_back: np.ndarray


def _rated_images(manifest: Manifest, encoder: FrameEncoder, settings: ValenceSettings) -> _RatedImages:
    data, truth, rated = _image_set(manifest, encoder, settings)
    # Divided before the unrated ones are left out: with the seed and share of the encoder's own training, both hold back the same people.
    numbered = replace(data, labels=np.arange(len(data)))
    parts = split_off(numbered, people_of_frames(manifest), settings.held_back, settings.seed)
    train, held_back = (part.labels[rated[part.labels]] for part in parts)
    if len(held_back) < 3:
        raise InputError(f"{settings.data}: no three rated images can be held out from {len(data)}; increase held_back")
    return _RatedImages(data, truth, train, held_back)


def _image_set(
    manifest: Manifest, encoder: FrameEncoder, settings: ValenceSettings
) -> tuple[ImageSet, np.ndarray, np.ndarray]:
    """Images with their levels as targets, the true valence (image,), and whether enough raters voted for an emotion (image,)."""
    file, _ = frame_faces(manifest, encoder.input_size, encoder.channels, manifest.checksum())
    traces = [clip.valence for clip in manifest.clips if clip.valence is not None]
    if traces and len(traces) < len(manifest.clips):
        raise InputError(
            f"{manifest.corpus}: {len(traces)} of {len(manifest.clips)} clips have valence; give all of them a trace, or none"
        )
    if traces:
        truth = np.concatenate([np.asarray(trace, dtype=np.float64) for trace in traces])
        rated, probabilities = np.isfinite(truth), valence_to_level_probabilities(np.nan_to_num(truth))
    else:
        votes = votes_of(manifest)
        truth, rated, probabilities = (
            mean_valence(votes),
            votes.sum(1) >= settings.min_votes,
            votes_to_level_probabilities(votes),
        )
    level = nearest_level(np.nan_to_num(truth))
    if settings.target == "rounded":
        probabilities = np.eye(LEVELS)[level]
    return ImageSet(open_array(file), level, class_probabilities=probabilities.astype(np.float32)), truth, rated


def _train_whole(
    settings: ValenceSettings, encoder: FrameEncoder, images: _RatedImages, out: Path, quiet: bool
) -> dict[str, Any]:
    with ProgressBar(settings.training.epochs, "epochs", quiet) as bar:
        history = fit_images(
            encoder,
            take(images.data, images.train),
            settings.training.on(settings.device),
            seed=settings.seed,
            validation=take(images.data, images.held_back),
            checkpoint=out / CHECKPOINT_WEIGHTS,
            on_progress=bar.show,
        )
    encoder.cpu()
    return history.as_fields()


def _fit_levels(views: list[Tensor], images: _RatedImages) -> tuple[nn.Linear, float]:
    """The last layer on features (image feature) of several views, and the weight decay that gave the highest CCC on the images held back.

    The loss is convex and is brought to its minimum (L-BFGS over all images), so that neither a seed nor an order of images moves the numbers.
    """
    train, targets = images.train, images.data.class_probabilities
    assert targets is not None
    mean, std = views[0][train].mean(0), views[0][train].std(0).clamp(min=1e-6)
    inputs = torch.cat([(view[train] - mean) / std for view in views])
    repeated = torch.from_numpy(np.concatenate([targets[train]] * len(views)))
    found: list[tuple[float, float, nn.Linear]] = []
    layer = nn.Linear(inputs.shape[1], LEVELS)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    for decay in sorted(_DECAYS, reverse=True):  # from the largest on, each initialised with the previous result
        _minimise(layer, inputs, repeated, decay)
        plain = nn.Linear(inputs.shape[1], LEVELS)
        with torch.no_grad():  # the standardisation goes into the weights, so that a video needs none
            plain.weight.copy_(layer.weight / std)
            plain.bias.copy_(layer.bias - layer.weight @ (mean / std))
        predicted = _predicted(plain, views[0][images.held_back])
        found.append((trace_scores(predicted, images.truth[images.held_back]).ccc, decay, plain))
    best = max(found, key=lambda entry: entry[0])
    return best[2].eval(), best[1]


@torch.no_grad()
def _predicted(levels: nn.Linear, features: Tensor) -> np.ndarray:
    """Valence (image,) float64."""
    return level_valence(levels(features).double().softmax(1).numpy())


def _minimise(layer: nn.Linear, inputs: Tensor, targets: Tensor, decay: float) -> None:
    optimizer = torch.optim.LBFGS(layer.parameters(), max_iter=100, history_size=20, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = functional.cross_entropy(layer(inputs), targets) + 0.5 * decay * layer.weight.square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
