"""`seqfer train-valence-head`: trains a temporal head that regresses valence in videos, on a fixed encoder, from clips with annotated frames."""

from __future__ import annotations

import time
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
import torch

from seqfer.core import registry
from seqfer.core.errors import InputError
from seqfer.core.settings import as_dict
from seqfer.corpus.faces import open_data
from seqfer.corpus.manifest import Manifest
from seqfer.corpus.same_data import is_recorded_as
from seqfer.metrics.traces import trace_scores
from seqfer.models.features import embedded
from seqfer.models.film_files import TrainedHead, save_film_model
from seqfer.models.meta import VALENCE
from seqfer.models.opening import open_model
from seqfer.models.sequence import SequenceModel
from seqfer.runs.folder import open_run
from seqfer.runs.kinds.train_valence_head import TrainValenceHeadHistory
from seqfer.runs.names import FAILED_WEIGHTS, HISTORY_JSON, SEQUENCE_WEIGHTS
from seqfer.runs.process_tuning import on_recorded_threads
from seqfer.runs.progress import ProgressBar
from seqfer.runs.records import write_record
from seqfer.runs.results import TraceMeasures
from seqfer.training.history import History
from seqfer.training.sequence_loop import ClipSet
from seqfer.training.settings import ValenceHeadSettings
from seqfer.training.valence_loop import OUTPUTS, fit_valence, pad_traces, predict_valence


@on_recorded_threads
def train_valence_head(
    settings: ValenceHeadSettings, out: Path, *, resume: bool = False, quiet: bool = False
) -> TrainValenceHeadHistory:
    """Encode the clips (cached by content), train, evaluate on held-out people, write `sequence.safetensors` and `history.json`; returns the
    content of the latter."""
    started = time.monotonic()
    registry.find("heads", settings.head)
    opened = open_model(settings.encoder, kind="image", device=settings.device)
    encoder, meta = opened.encoder, opened.meta
    manifest = open_data(settings.data)
    unrated = sum(clip.valence is None for clip in manifest.clips)
    if unrated:
        raise InputError(
            f"{settings.data}: {unrated} of {len(manifest.clips)} clips have no valence; make clips of annotated videos with prepare-films"
        )
    train, held_back = _parted(manifest, settings)
    contents = {"data_checksum": manifest.checksum(), "encoder_checksum": meta["sha256"]}
    open_run(out, {**as_dict(settings), **contents}, resume, partial(is_recorded_as, manifest))
    lengths = np.array([len(clip.frames) for clip in manifest.clips], dtype=np.int64)
    truth = np.concatenate([np.asarray(clip.valence, dtype=np.float64) for clip in manifest.clips])
    with ProgressBar(2, "steps", quiet) as bar:
        clips = pad_traces(list(embedded(encoder, meta, manifest)), lengths, truth)
        bar.step(f"features of {len(lengths)} clips")
        kept = clips.select(held_back)
        model, history = _fit(clips.select(train), kept, settings, out / FAILED_WEIGHTS)
        bar.step("trained")
    predicted = predict_valence(model, kept)[kept.mask.numpy()]
    scores = trace_scores(predicted, kept.labels[kept.mask].double().numpy())
    about = {"temperature": 1.0, "corpus": manifest.corpus, "seed": settings.seed}
    head = TrainedHead(model, settings.head, (VALENCE,), about)
    record = TrainValenceHeadHistory(
        **history.as_fields(),
        clips=len(train),
        held_back=len(held_back),
        scores=TraceMeasures(**asdict(scores)),
        sha256=save_film_model(out / SEQUENCE_WEIGHTS, head, encoder, meta, half=settings.half),
        seconds=time.monotonic() - started,
    )
    write_record(out / HISTORY_JSON, record)
    return record


def _fit(
    clips: ClipSet, kept: ClipSet, settings: ValenceHeadSettings, keep_on_failure: Path
) -> tuple[SequenceModel, History]:
    torch.manual_seed(settings.seed)
    shape = clips.features.shape[-1], settings.head, OUTPUTS, settings.training.dropout, settings.projection
    model = SequenceModel(*shape)
    return model, fit_valence(
        model, clips, kept, settings.training, seed=settings.seed, keep_on_failure=keep_on_failure
    )


def _parted(manifest: Manifest, settings: ValenceHeadSettings) -> tuple[np.ndarray, np.ndarray]:
    """Clip indices to train on and to evaluate on; whole people, drawn by the seed."""
    people = sorted({clip.person for clip in manifest.clips})
    if len(people) < 2:
        raise InputError(f"{settings.data}: clips of {len(people)} person; at least two are needed, one is held out")
    count = min(len(people) - 1, max(1, round(settings.held_back * len(people))))
    chosen = set(np.random.default_rng(settings.seed).permutation(people)[:count])
    away = np.array([clip.person in chosen for clip in manifest.clips])
    return np.flatnonzero(~away), np.flatnonzero(away)
