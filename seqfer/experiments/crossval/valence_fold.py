"""Runs one fold of a cross-validation of valence: every head regresses a value per frame on the same features; the constant is the training mean."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from seqfer.experiments.crossval.fold import OpenFold, run_heads, sizes
from seqfer.experiments.crossval.plan import Plan
from seqfer.experiments.crossval.settings import CONSTANT
from seqfer.metrics.traces import rmse
from seqfer.models.sequence import SequenceModel
from seqfer.runs.progress import OnProgress
from seqfer.training.valence_loop import OUTPUTS, fit_valence, pad_traces, predict_valence


def run_valence_fold(plan: Plan, unit: tuple[int, int], on_progress: OnProgress) -> str:
    """All heads of one fold that have no file yet; returns a line for the terminal."""
    told = run_heads(plan, unit, on_progress, lambda views: pad_traces(views, plan.lengths, plan.valence), _fit)
    errors = ", ".join(f"{part['head']} {rmse(*frames_of_part(plan, part)):.3f}" for part in told)
    return f"repeat {unit[0] + 1} fold {unit[1] + 1} RMSE: {errors}"


def frames_of_part(plan: Plan, part: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Predicted and true values, (frame,) each, of all frames of a part's test clips in their order."""
    index = {name: i for i, name in enumerate(plan.names)}
    clips = np.array([index[name] for name in part["clips"]], dtype=np.int64)
    return np.concatenate([np.asarray(one, np.float64) for one in part["valence"]]), plan.valence[plan.frames_of(clips)]


def _fit(fold: OpenFold, head: str, seed: int) -> dict[str, Any]:
    return _constant(fold) if head == CONSTANT else _head(fold, head, seed)


def _head(fold: OpenFold, head: str, seed: int) -> dict[str, Any]:
    data, settings = fold.data, fold.plan.settings.head_training
    torch.manual_seed(seed)
    model = SequenceModel(data.features.shape[-1], head, OUTPUTS, dropout=settings.dropout)
    history = fit_valence(
        model,
        data.select(fold.train),
        data.select(fold.validation),
        settings,
        seed=seed,
        keep_on_failure=fold.last_good(head),
    )
    predicted = predict_valence(model, data.select(fold.test))
    rows = [row[:length].tolist() for row, length in zip(predicted, fold.plan.lengths[fold.test], strict=True)]
    return {"valence": rows, "curve": vars(history), **sizes(model)}


def _constant(fold: OpenFold) -> dict[str, Any]:
    plan = fold.plan
    mean = float(plan.valence[plan.frames_of(fold.train)].mean())
    return {"valence": [[mean] * int(n) for n in plan.lengths[fold.test]], "curve": None, "parameters": 1}
