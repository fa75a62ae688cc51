"""Runs one fold of a cross-validation of valence: every head regresses a value per frame on the same features; the constant is the training mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from seqfer.experiments.crossval.fold import OpenFold, fit_head, run_heads
from seqfer.experiments.crossval.plan import Plan
from seqfer.experiments.crossval.settings import CONSTANT
from seqfer.metrics.traces import rmse
from seqfer.runs.progress import OnProgress
from seqfer.training.valence_loop import OUTPUTS, fit_valence, pad_traces, predict_valence


def run_valence_fold(plan: Plan, unit: tuple[int, int], on_progress: OnProgress) -> str:
    """All heads of one fold that have no file yet; returns a line for the terminal."""
    parts = run_heads(plan, unit, on_progress, lambda views: pad_traces(views, plan.lengths, plan.valence), _fit)
    errors = ", ".join(f"{part['head']} {rmse(*frames_of_part(plan, part)):.3f}" for part in parts)
    return f"repeat {unit[0] + 1} fold {unit[1] + 1} RMSE: {errors}"


def frames_of_part(plan: Plan, part: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Predicted and true values, (frame,) each, of all frames of a part's test clips in their order."""
    predicted = np.concatenate([np.asarray(one, np.float64) for one in part["valence"]])
    return predicted, plan.valence[plan.frames_of(plan.clips_named(part["clips"]))]


def _fit(fold: OpenFold, head: str, seed: int) -> dict[str, Any]:
    if head == CONSTANT:
        return _constant(fold)
    model, figures = fit_head(fold, head, seed, OUTPUTS, fit_valence)
    predicted = predict_valence(model, fold.data.select(fold.test))
    rows = [row[:length].tolist() for row, length in zip(predicted, fold.plan.lengths[fold.test], strict=True)]
    return {"valence": rows, **figures}


def _constant(fold: OpenFold) -> dict[str, Any]:
    plan = fold.plan
    mean = float(plan.valence[plan.frames_of(fold.train)].mean())
    return {"valence": [[mean] * int(n) for n in plan.lengths[fold.test]], "curve": None, "parameters": 1}
