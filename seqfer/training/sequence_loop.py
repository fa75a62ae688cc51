"""Trains one temporal head on frame features: an objective on every real frame (for classes cross-entropy), a cosine learning rate.

Features fit in memory (a Cohn-Kanade copy has under ten thousand frames), so a batch is a gather. The result depends on one seed; a head
trains in seconds and therefore has no checkpoint: a resumed run trains it again, with the same numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Generator, Tensor, nn
from torch.optim.lr_scheduler import LambdaLR

from seqfer.core.errors import TrainingError
from seqfer.models.sequence import SequenceModel, clip_probabilities, frame_cross_entropy
from seqfer.models.weights import save_tensors
from seqfer.training.adamw import AdamW
from seqfer.training.checkpoint import State, copy_state
from seqfer.training.history import History
from seqfer.training.settings import HeadTraining


@dataclass(frozen=True)
class ClipSet:
    """Clips as padded features: `features` (view clip time feature), `mask` (clip time), `labels` (clip,), or of frames: targets (clip time class) or
    valence (clip time).

    A view is a version of the same clip (original, mirrored): training draws one per clip and epoch, prediction averages over all.
    """

    features: Tensor
    mask: Tensor
    labels: Tensor

    def select(self, clips: np.ndarray) -> ClipSet:
        """The clips of these indices (clip,)."""
        index = torch.as_tensor(clips)
        return ClipSet(self.features[:, index], self.mask[index], self.labels[index])


def pad_clips(views: list[np.ndarray], lengths: np.ndarray, labels: np.ndarray) -> ClipSet:
    """A ClipSet from the features of all frames in order, one (frame feature) array per view, and each clip's number of frames."""
    time = int(lengths.max())
    mask = torch.arange(time)[None, :] < torch.from_numpy(lengths)[:, None]
    padded = torch.zeros(len(views), len(lengths), time, views[0].shape[1])
    for view, features in enumerate(views):
        padded[view][mask] = torch.from_numpy(np.ascontiguousarray(features)).float()
    return ClipSet(padded, mask, torch.from_numpy(labels))


@dataclass(frozen=True)
class Objective:
    """The objective of a head. Each function takes outputs (batch time output), the mask (batch time) and the labels of a ClipSet: `loss` is
    minimised and `validation_loss` monitored, both tensors; `validation_error` is the error of the learning curve."""

    loss: Callable[[Tensor, Tensor, Tensor], Tensor]
    validation_loss: Callable[[Tensor, Tensor, Tensor], Tensor]
    validation_error: Callable[[Tensor, Tensor, Tensor], float]


def classification(label_smoothing: float = 0.0) -> Objective:
    """Cross-entropy on every real frame; smoothed labels in training only."""
    smoothed = partial(frame_cross_entropy, label_smoothing=label_smoothing)
    return Objective(smoothed, frame_cross_entropy, _error)


def fit_sequence(
    model: SequenceModel,
    train: ClipSet,
    validation: ClipSet | None,
    settings: HeadTraining,
    *,
    seed: int,
    keep_on_failure: Path | None = None,
    objective: Objective | None = None,
) -> History:
    """Train `model` in place on `train`, fitting its feature statistics there too, and leave it in eval mode. `objective` None: `classification`.

    Raises TrainingError when the loss is no longer finite; the last good weights are then written to `keep_on_failure`.
    """
    objective = objective or classification(settings.label_smoothing)
    torch.manual_seed(seed)
    generator = Generator().manual_seed(seed)
    model.fit_statistics(train.features[:, train.mask].flatten(0, 1))
    optimizer = AdamW(model.parameters(), settings.learning_rate, weight_decay=settings.weight_decay, fused=True)
    schedule = _cosine(optimizer, settings.epochs)
    history, best, best_loss = History(), None, math.inf
    good = copy_state(model)
    for epoch in range(settings.epochs):
        loss, failed_step = _epoch(model, train, settings, objective, optimizer, generator)
        if failed_step:
            kept = _keep_last_good(good, epoch, keep_on_failure)
            where = f"epoch {epoch + 1}, step {failed_step}"
            raise TrainingError(f"loss is {loss} at {where}{kept}; try a lower head_training.learning_rate")
        schedule.step()
        good = copy_state(model)
        history.train_loss.append(loss)
        if validation is not None and len(validation.labels):
            _validate(model, validation, objective, history)
            if history.validation_loss[-1] < best_loss:
                best_loss, best = history.validation_loss[-1], good
            if settings.patience and epoch - int(np.argmin(history.validation_loss)) >= settings.patience:
                break
    if settings.patience and best is not None:
        model.load_state_dict(best)
    model.eval()
    return history


def _cosine(optimizer: torch.optim.Optimizer, epochs: int) -> LambdaLR:
    """Half a cosine from the optimizer's rate to zero, one step per epoch."""
    # CosineAnnealingLR computes each rate from the one before, which rounds differently.
    return LambdaLR(optimizer, lambda epoch: 0.5 * (1 + math.cos(math.pi * epoch / epochs)))


def _keep_last_good(state: State, epochs: int, file: Path | None) -> str:
    """Write the weights after so many epochs where a file is given; returns the sentence about it for the error message."""
    if file is None:
        return ""
    save_tensors(file, state, {"epoch": epochs})
    return f"; the last good weights are {file}"


@torch.no_grad()
def _validate(model: SequenceModel, data: ClipSet, objective: Objective, history: History) -> None:
    """Append loss and error on the first view of the validation clips."""
    model.eval()
    outputs = model(data.features[0], data.mask)
    history.validation_loss.append(float(objective.validation_loss(outputs, data.mask, data.labels)))
    history.validation_error.append(objective.validation_error(outputs, data.mask, data.labels))


def _error(logits: Tensor, mask: Tensor, labels: Tensor) -> float:
    """Error rate of clips by their summed probabilities; of frames, where labels are probabilities of frames."""
    if labels.ndim == 3:
        wrong = logits[mask].argmax(-1) != labels[mask].argmax(-1)
    else:
        wrong = clip_probabilities(logits, mask).argmax(1) != labels
    return float(wrong.float().mean())


def _epoch(
    model: SequenceModel,
    data: ClipSet,
    settings: HeadTraining,
    objective: Objective,
    optimizer: torch.optim.Optimizer,
    generator: Generator,
) -> tuple[float, int]:
    """(mean loss, 0), or (the loss, the step counted from 1) where loss or weights are no longer finite."""
    model.train()
    total, count, weights, last = 0.0, len(data.labels), list(model.parameters()), 0
    order = torch.randperm(count, generator=generator)
    views = torch.randint(len(data.features), (count,), generator=generator)
    for start in range(0, count, settings.batch_size):
        index = order[start : start + settings.batch_size]
        mask = data.mask[index]
        mask = mask[:, : int(mask.sum(1).max())]  # frames that are padding in the whole batch are left out to save time
        features = data.features[views[index], index, : mask.shape[1]]
        if settings.noise:
            noise = torch.randn(features.shape, generator=generator)
            features = noise.mul_(settings.noise * model.noise_std).add_(
                features
            )  # in place: memory is what takes the time
        labels = data.labels[index]
        labels = labels[:, : mask.shape[1]] if labels.ndim > 1 else labels
        loss = objective.loss(model(features, mask), mask, labels)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(weights, settings.clip_norm)
        last, value = start // settings.batch_size + 1, float(loss.detach())
        if not (math.isfinite(value) and math.isfinite(float(norm))):
            return math.nan, last
        optimizer.step()
        total += value * len(index)
    # of weights that became infinite in an earlier step, the loss of the next one is not finite
    return (total / count, 0) if torch.isfinite(nn.utils.get_total_norm(weights)) else (math.nan, last)


@torch.no_grad()
def predict_clips(model: SequenceModel, data: ClipSet) -> np.ndarray:
    """Probabilities (clip class): frame probabilities added up and normalised, averaged over the views."""
    model.eval()
    views = [clip_probabilities(model(view, data.mask), data.mask) for view in data.features]
    probabilities = torch.stack(views).mean(0).double().numpy()
    if not np.isfinite(probabilities).all():
        raise TrainingError(
            "probabilities are not finite; the training diverged: try a lower head_training.learning_rate"
        )
    return probabilities
