"""`seqfer evaluate-valence`: compares a valence model and two baselines with the mean of the raters' votes on the same images."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from seqfer.core.emotions import VALENCE_NORMS
from seqfer.core.errors import InputError
from seqfer.core.rated_valence import mean_valence
from seqfer.core.records import Clip
from seqfer.corpus.face_stack import frame_faces
from seqfer.corpus.faces import open_data
from seqfer.corpus.manifest import Manifest
from seqfer.corpus.stills import of_split, votes_of
from seqfer.experiments.prediction_files import Columns, write_predictions
from seqfer.experiments.settings import EvaluateValenceSettings
from seqfer.metrics.calibration import tempered_softmax
from seqfer.metrics.traces import block_bootstrap, sagr, trace_scores
from seqfer.models.image_choice import open_image_model, open_valence_model
from seqfer.runs.cache import open_array
from seqfer.runs.folder import machine, versions
from seqfer.runs.kinds.evaluate_valence import EvaluateValenceReport, ValenceScores
from seqfer.runs.process_tuning import torch_threads


@torch_threads(1)
def evaluate_valence(
    settings: EvaluateValenceSettings, *, command: str = "", out: Path | None = None
) -> EvaluateValenceReport:
    """RMSE, CCC, PCC, SAGR and MAE with 95 % bootstrap intervals over the stills that have at least `min_votes` votes for an emotion.

    Baselines: the mean valence of the split `mean_of`, for every image; the expectation of valence norms over `classifier`'s emotion probabilities.
    With `out` truth and predictions of every image are written into this folder.
    """
    started = time.monotonic()
    valence = open_valence_model(settings.model, device=settings.device, runtime=settings.runtime)
    whole = open_data(settings.data)
    manifest = of_split(whole, settings.split)
    votes = votes_of(manifest)
    used = _rated(settings, votes)
    truth = mean_valence(votes)[used]
    checksum = manifest.checksum()
    file, _ = frame_faces(manifest, valence.input_size, valence.channels, checksum)
    predicted = valence.valence(open_array(file)[used], mirror=settings.mirror)
    others = votes_of(of_split(whole, settings.mean_of))
    constant = float(np.nanmean(mean_valence(others[others.sum(1) >= settings.min_votes])))
    rows = {
        "model": predicted,
        "norms": _under_norms(settings, manifest, checksum, used),
        "constant": np.full(len(truth), constant),
    }
    if out is not None:
        clips = [clip for clip, kept in zip(manifest.clips, used, strict=True) if kept]
        write_predictions(out, _columns(clips, truth, rows))
    return EvaluateValenceReport(
        model=settings.model,
        encoder=valence.encoder_name,
        model_checksum=valence.checksum,
        data=settings.data,
        split=settings.split or "all",
        images=int(used.sum()),
        left_out=int((~used).sum()),
        least_votes=settings.min_votes,
        mirror=settings.mirror,
        norms_of=settings.classifier,
        mean_of=settings.mean_of,
        # An image with only neutral votes has no sign to agree with; the score without these images is reported too.
        without_sign=int((truth == 0).sum()),
        scores={name: _scores(row, truth, settings.seed) for name, row in rows.items()},
        seconds=time.monotonic() - started,
        command=command,
        runtime=valence.runtime,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        versions=versions(),
        machine=machine(),
    )


def _rated(settings: EvaluateValenceSettings, votes: np.ndarray) -> np.ndarray:
    """(image,) bool: images with enough votes (image, emotion). Raises InputError for fewer than two."""
    used: np.ndarray = votes.sum(1) >= settings.min_votes
    if used.sum() < 2:
        raise InputError(
            f"{settings.data}: {int(used.sum())} images with {settings.min_votes} or more votes for an emotion; lower --min-votes"
        )
    return used


def _columns(clips: Sequence[Clip], truth: np.ndarray, rows: Mapping[str, np.ndarray]) -> Columns:
    """The table of predictions: `predicted` is the model's, the baselines have their own columns."""
    values = {"truth": truth, "predicted": rows["model"], "norms": rows["norms"], "constant": rows["constant"]}
    return {
        "clip": [clip.clip for clip in clips],
        "person": [clip.person for clip in clips],
        **{name: np.asarray(column, np.float64).tolist() for name, column in values.items()},
    }


def _scores(predicted: np.ndarray, truth: np.ndarray, seed: int) -> ValenceScores:
    """All measures of valence (image,) with intervals, and SAGR over the images whose true valence has a sign."""
    return ValenceScores(
        **asdict(trace_scores(predicted, truth)),
        sagr_of_signed=sagr(predicted[truth != 0], truth[truth != 0]),
        intervals=block_bootstrap(predicted, truth, block=1, seed=seed),
    )


def _under_norms(settings: EvaluateValenceSettings, manifest: Manifest, checksum: str, used: np.ndarray) -> np.ndarray:
    """Valence (image,) as the expectation of valence norms over calibrated emotion probabilities."""
    model = open_image_model(settings.classifier, device=settings.device, runtime=settings.runtime)
    file, _ = frame_faces(manifest, model.input_size, model.channels, checksum)
    logits = model.logits(open_array(file)[used], mirror=settings.mirror, one_view=True)
    norms = np.array([VALENCE_NORMS[name] for name in model.classes])
    result: np.ndarray = tempered_softmax(logits, model.temperature) @ norms
    return result
