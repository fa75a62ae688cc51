"""Trains one temporal head to regress valence on every frame: the loop of `sequence_loop` with the loss (1 - CCC) + MSE.

The loss is the usual one for dimensional affect (results are also reported as the concordance correlation coefficient of Lin 1989), over all
real frames of a batch together: a single clip is often nearly constant, and its CCC is noise. The head has one output, which
`frame_valence` maps to (-1, 1).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from seqfer.core.errors import InputError, TrainingError
from seqfer.models.sequence import SequenceModel, frame_valence, valence_loss
from seqfer.training.history import History
from seqfer.training.sequence_loop import ClipSet, Objective, fit_sequence, pad_clips
from seqfer.training.settings import HeadTraining

OUTPUTS = 1


def pad_traces(views: list[np.ndarray], lengths: np.ndarray, valence: np.ndarray) -> ClipSet:
    """As `pad_clips`, with a value for every frame: features of all frames in order, one (frame feature) array per view, each clip's number of
    frames (clip,), and valence (frame,) in [-1, 1], NaN where unrated -> a ClipSet whose labels are (clip time).

    Raises InputError where the lengths do not add up to the values.
    """
    if len(valence) != int(lengths.sum()):
        raise InputError(f"{len(valence)} values of valence for {int(lengths.sum())} frames; give one per frame")
    padded = pad_clips(views, lengths, np.zeros(len(lengths)))
    traces = torch.full(padded.mask.shape, torch.nan)
    traces[padded.mask] = torch.from_numpy(np.ascontiguousarray(valence)).float()
    return ClipSet(padded.features, padded.mask, traces)


def fit_valence(
    model: SequenceModel,
    train: ClipSet,
    validation: ClipSet | None,
    settings: HeadTraining,
    *,
    seed: int,
    keep_on_failure: Path | None = None,
) -> History:
    """Train `model` (one output per frame) in place on clips whose labels are valence (clip time); the history's validation_error is an RMSE.

    `settings.label_smoothing` is ignored. Raises InputError where no frame is rated, TrainingError as `fit_sequence` does.
    """
    if bool(train.labels[train.mask].isnan().all()):
        raise InputError("no frame of the training clips has a valence; give clips with traces")
    return fit_sequence(
        model, train, validation, settings, seed=seed, keep_on_failure=keep_on_failure, objective=REGRESSION
    )


@torch.no_grad()
def predict_valence(model: SequenceModel, data: ClipSet) -> np.ndarray:
    """Valence (clip time) float64 in [-1, 1], averaged over the views; NaN on frames that are padding."""
    model.eval()
    views = [frame_valence(model(view, data.mask)) for view in data.features]
    valence = torch.stack(views).mean(0).double()
    if not torch.isfinite(valence[data.mask]).all():
        raise TrainingError("valence is not finite; the training diverged: try a lower head_training.learning_rate")
    return valence.masked_fill(~data.mask, torch.nan).numpy()


def _loss(outputs: Tensor, mask: Tensor, truth: Tensor) -> Tensor:
    return valence_loss(frame_valence(outputs), mask, truth)


def _rmse(outputs: Tensor, mask: Tensor, truth: Tensor) -> float:
    """Over rated frames; NaN where there is none."""
    rated = mask & ~truth.isnan()
    return float((frame_valence(outputs) - truth)[rated].square().mean().sqrt())


REGRESSION = Objective(_loss, _loss, _rmse)
