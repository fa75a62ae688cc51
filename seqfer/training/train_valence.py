"""`seqfer train-valence`: nine levels of valence, on the features of a shipped encoder or with a whole network.

They are learned from the votes of raters on stills, or from the valence that the frames of annotated clips carry.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from seqfer.core import registry
from seqfer.core.emotions import EMOTIONS
from seqfer.core.errors import InputError, SettingsError
from seqfer.core.files import write_json
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
from seqfer.corpus.stills import USUAL_HELD_BACK, ImageSet, of_split, split_off, take
from seqfer.metrics.traces import trace_scores
from seqfer.models.features import classify_images, embedded
from seqfer.models.layers import FrameEncoder
from seqfer.models.valence_model import save_levels
from seqfer.models.weights import SHIPPED, TIERS, open_model, save_encoder
from seqfer.runs.cache import open_array
from seqfer.runs.device import tune_allocator
from seqfer.runs.folder import open_run
from seqfer.runs.names import CHECKPOINT_WEIGHTS, HISTORY_JSON, VALENCE_WEIGHTS
from seqfer.runs.progress import ProgressBar
from seqfer.training.image_loop import fit_images
from seqfer.training.settings import ValenceSettings

TARGETS = ("votes", "rounded")
# Weight decay of the last layer, tried on the people kept back; the features are standardised first.
_DECAYS = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 1.0)


def train_valence(settings: ValenceSettings, out: Path, *, resume: bool = False, quiet: bool = False) -> dict[str, Any]:
    """Train, measure on the people kept back, write `valence.safetensors` and `history.json`; returns a summary."""
    started = time.monotonic()
    tune_allocator()
    torch.manual_seed(settings.seed)
    name = settings.encoder
    if settings.whole:
        encoder, name, kept = _network(name)
        meta = None
    else:
        encoder, meta = open_model(settings.encoder)
        if SHIPPED.get(meta["encoder"]) is None or SHIPPED[meta["encoder"]].sha256 != meta["sha256"]:
            raise SettingsError(
                f"{settings.encoder} does not ship; name a tier, or train a network of its own with whole=true"
            )
        kept = meta.get("held_back")
    settings = replace(settings, held_back=settings.held_back or kept or USUAL_HELD_BACK)
    manifest = of_split(open_data(settings.data), settings.split)
    data, truth, rated = _image_set(manifest, encoder, settings)
    people = [clip.person for clip in manifest.clips for _ in clip.frames]
    # Divided before the unrated ones are left out: with the encoder's own seed and share, those kept back are kept back from both.
    numbered = replace(data, labels=np.arange(len(data)))
    parted = (part.labels for part in split_off(numbered, people, settings.held_back, settings.seed))
    train, held_back = (part[rated[part]] for part in parted)
    if len(held_back) < 3:
        raise InputError(f"{settings.data}: no three rated images can be kept back from {len(data)}; raise held_back")
    open_run(
        out,
        {
            **as_dict(settings),
            "data_checksum": manifest.checksum(),
            "encoder_checksum": meta["sha256"] if meta else "none",
        },
        resume,
    )
    about = {"corpus": manifest.corpus, "split": settings.split, "seed": settings.seed, "target": settings.target}
    path = out / VALENCE_WEIGHTS
    summary: dict[str, Any] = {"images": len(train), "held_back": len(held_back)}
    if meta is None:
        history = _train_whole(settings, encoder, data, train, held_back, out, quiet)
        predicted = level_valence(
            classify_images(encoder, data.images[held_back], one_view=True).softmax(1).double().numpy()
        )
        summary |= {"sha256": save_encoder(path, name, encoder, LEVEL_NAMES, about, half=True), **history}
    else:
        features = embedded(encoder, meta, manifest)
        levels, decay = _fit_levels([torch.from_numpy(np.array(f)) for f in features], data, truth, train, held_back)
        with torch.no_grad():
            logits = levels(torch.from_numpy(features[0][held_back]))
        predicted = level_valence(logits.double().softmax(1).numpy())
        summary |= {"sha256": save_levels(path, levels, meta, about), "weight_decay": decay}
    scores = trace_scores(predicted, truth[held_back])
    summary |= {"held_back_rmse": scores.rmse, "held_back_ccc": scores.ccc, "seconds": time.monotonic() - started}
    write_json(out / HISTORY_JSON, summary)
    return summary


def _network(encoder: str) -> tuple[FrameEncoder, str, float | None]:
    """(network whose classes are the levels, its name, what its training kept back): with known weights before the last layer, or random ones."""
    if encoder not in TIERS and not encoder.endswith(".safetensors"):
        return registry.find("encoders", encoder).build(classes=LEVELS), encoder, None
    network, meta = open_model(encoder)
    network.change_classes(meta["classes"], LEVEL_NAMES)
    return network, meta["encoder"], meta.get("held_back")


def votes_of(manifest: Manifest) -> np.ndarray:
    """Votes (image, emotion), zeros where nobody voted. Raises InputError where no still has a vote, or a clip is no still."""
    moving = next((clip.clip for clip in manifest.clips if len(clip.frames) > 1), None)
    if moving:
        raise InputError(
            f"clip {moving} has several frames; valence from votes is for stills, for clips see cv --task valence"
        )
    votes = np.array([clip.votes or (0.0,) * len(EMOTIONS) for clip in manifest.clips])
    if not votes.any():
        raise InputError(
            f"{manifest.corpus}: no still has rater votes; put fer2013new.csv (FER+) beside the corpus and prepare it again"
        )
    return votes


def _image_set(
    manifest: Manifest, encoder: FrameEncoder, settings: ValenceSettings
) -> tuple[ImageSet, np.ndarray, np.ndarray]:
    """Images with their levels as targets, the true valence (image,), and whether enough raters saw an emotion (image,)."""
    file, _ = frame_faces(manifest, encoder.input_size, encoder.channels, manifest.checksum())
    traces = [clip.valence for clip in manifest.clips if clip.valence is not None]
    if traces and len(traces) < len(manifest.clips):
        raise InputError(
            f"{manifest.corpus}: {len(traces)} of {len(manifest.clips)} clips carry valence; give all of them a trace, or none"
        )
    if traces:
        truth = np.concatenate([np.asarray(trace, dtype=np.float64) for trace in traces])
        rated, shares = np.isfinite(truth), valence_to_level_probabilities(np.nan_to_num(truth))
    else:
        votes = votes_of(manifest)
        truth, rated, shares = (
            mean_valence(votes),
            votes.sum(1) >= settings.min_votes,
            votes_to_level_probabilities(votes),
        )
    level = nearest_level(np.nan_to_num(truth))
    if settings.target == "rounded":
        shares = np.eye(LEVELS)[level]
    return ImageSet(open_array(file), level, shares=shares.astype(np.float32)), truth, rated


def _train_whole(
    settings: ValenceSettings,
    encoder: FrameEncoder,
    data: ImageSet,
    train: np.ndarray,
    held_back: np.ndarray,
    out: Path,
    quiet: bool,
) -> dict[str, Any]:
    with ProgressBar(settings.training.epochs, "epochs", quiet) as bar:
        history = fit_images(
            encoder,
            take(data, train),
            settings.training,
            seed=settings.seed,
            validation=take(data, held_back),
            checkpoint=out / CHECKPOINT_WEIGHTS,
            on_progress=bar.show,
        )
    encoder.cpu()
    return vars(history)


def _fit_levels(
    views: list[Tensor], data: ImageSet, truth: np.ndarray, train: np.ndarray, held_back: np.ndarray
) -> tuple[nn.Linear, float]:
    """The last layer, and the weight decay that gave the highest CCC on the images kept back.

    The loss is convex and is brought to its minimum (L-BFGS over all images), so that neither a seed nor an order of images moves the numbers.
    """
    mean, std = views[0][train].mean(0), views[0][train].std(0).clamp(min=1e-6)
    inputs = torch.cat([(view[train] - mean) / std for view in views])
    assert data.shares is not None
    targets = torch.from_numpy(np.concatenate([data.shares[train]] * len(views)))
    found: list[tuple[float, float, nn.Linear]] = []
    layer = nn.Linear(inputs.shape[1], LEVELS)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    for decay in sorted(_DECAYS, reverse=True):  # from the strictest on, each from where the one before ended
        _minimise(layer, inputs, targets, decay)
        plain = nn.Linear(inputs.shape[1], LEVELS)
        with torch.no_grad():  # the standardisation goes into the weights, so that a film needs none
            plain.weight.copy_(layer.weight / std)
            plain.bias.copy_(layer.bias - layer.weight @ (mean / std))
            predicted = level_valence(plain(views[0][held_back]).double().softmax(1).numpy())
        found.append((trace_scores(predicted, truth[held_back]).ccc, decay, plain))
    best = max(found, key=lambda entry: entry[0])
    return best[2].eval(), best[1]


def _minimise(layer: nn.Linear, inputs: Tensor, targets: Tensor, decay: float) -> None:
    optimizer = torch.optim.LBFGS(layer.parameters(), max_iter=100, history_size=20, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = functional.cross_entropy(layer(inputs), targets) + 0.5 * decay * layer.weight.square().sum()
        value.backward()
        return value

    optimizer.step(loss)
