"""Trains a frame encoder as a classifier of single images, from checkpoint to checkpoint.

An epoch draws all its randomness from (seed, epoch), so that a run that was killed and resumed ends with the same weights as one that was
not. The encoder ends with the moving average of its weights, where one is kept.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.distributed as distributed
from torch import Generator, Tensor, nn
from torch.nn import functional
from torch.nn.parallel import DistributedDataParallel

from seqfer.core.errors import SettingsError, TrainingError
from seqfer.corpus.stills import ImageSet
from seqfer.models.features import classify_images
from seqfer.models.layers import FrameEncoder
from seqfer.runs.device import pick_device, uses_bf16
from seqfer.runs.progress import OnProgress, Progress, no_progress
from seqfer.training.checkpoint import load_sealed
from seqfer.training.history import History
from seqfer.training.image_objective import image_loss, inverse_frequency_weights, learns_votes, make_batch
from seqfer.training.image_schedule import augmentation_of, lr_schedule, make_optimizer
from seqfer.training.image_state import TrainingState
from seqfer.training.settings import ImageTraining

STEPS_PER_MESSAGE = 50


class EncoderWithVotes(nn.Module):
    """Encoder with its classifier, and a linear layer for the raters' votes that is removed after training."""

    def __init__(self, encoder: FrameEncoder, vote_categories: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.votes = nn.Linear(encoder.feature_dim, vote_categories) if vote_categories else None

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor | None]:
        """(image channel height width) in [0, 1] -> class logits (image class), and logits of votes (image category) or None."""
        features = self.encoder.embed(images)
        logits = self.encoder.classifier(features)
        if self.votes is None:
            return logits, None
        return logits, self.votes(functional.dropout(features, 0.3, self.training))


def fit_images(
    encoder: FrameEncoder,
    data: ImageSet,
    settings: ImageTraining,
    *,
    seed: int,
    validation: ImageSet | None = None,
    checkpoint: Path | None = None,
    on_progress: OnProgress = no_progress,
) -> History:
    """Train `encoder` in place and leave it in eval mode with the best weights: the last epoch's, or with `patience` those of the lowest
    validation loss. `checkpoint` is written after every epoch, and resumed where it is there. `on_progress` is called after every epoch,
    which is a finished step, and within long ones.

    Raises TrainingError when the loss is no longer finite; the checkpoint of the last good epoch remains. Raises SettingsError for settings
    that do not fit the data or the encoder.
    """
    return _ImageLoop(encoder, data, settings, seed, validation, checkpoint, on_progress).run()


@dataclass
class _ImageLoop:
    encoder: FrameEncoder
    data: ImageSet
    settings: ImageTraining
    seed: int
    validation: ImageSet | None
    checkpoint: Path | None
    on_progress: OnProgress

    def __post_init__(self) -> None:
        s, data = self.settings, self.data
        self.device = pick_device(s.device)
        self.bf16 = uses_bf16(s.precision, self.device)
        torch.manual_seed(self.seed)
        if s.distillation and data.teacher_logits is None:
            raise SettingsError("training.distillation needs a teacher's logits; name teachers")
        categories = data.votes.shape[1] if learns_votes(data, s) and data.votes is not None else 0
        model = EncoderWithVotes(self.encoder, categories)
        self.model = model.to(self.device).to(memory_format=torch.channels_last)
        self.classes = self.encoder.output_layer.out_features
        self.frozen = _freeze(self.encoder, s.freeze)
        self._join_processes()
        if s.low_resolution_px:
            _check_low_resolution(self.encoder, s.low_resolution_px, self.device)
        self.state = TrainingState(self.model, make_optimizer(self.model, self.encoder, s), s.ema)
        weights = inverse_frequency_weights(data.labels, self.classes) if s.class_weights else None
        self.class_weights = None if weights is None else weights.to(self.device)

    def _join_processes(self) -> None:
        """Under torchrun every process trains on a part of each batch of `batch_size` times the number of processes."""
        self.ranks, self.rank = 1, 0
        if distributed.is_initialized():
            self.ranks, self.rank = distributed.get_world_size(), distributed.get_rank()
        batch = self.settings.batch_size * self.ranks
        if self.ranks > 1 and len(self.data) < batch:
            raise SettingsError(
                f"{len(self.data)} images for {self.ranks} processes of batch_size {self.settings.batch_size}; lower one of them"
            )
        self.forward: nn.Module = DistributedDataParallel(self.model) if self.ranks > 1 else self.model
        self.steps_per_epoch = max(1, len(self.data) // batch)

    def run(self) -> History:
        state, epochs = self.state, self.settings.epochs
        first = 0
        if self.checkpoint is not None and load_sealed(self.checkpoint) is not None:
            first = state.load(self.checkpoint, self.steps_per_epoch)
        self.schedule = lr_schedule(state.optimizer, self.settings, self.steps_per_epoch, first * self.steps_per_epoch)
        for epoch in range(first, epochs):
            if state.is_out_of_patience(
                self.settings.patience
            ):  # checked first, so that a resumed run stops at the same epoch
                break
            state.history.train_loss.append(self._epoch(epoch))
            if self.validation is not None:
                loss, error = self._validate(self.validation)
                state.history.validation_loss.append(loss)
                state.history.validation_error.append(error)
                if self.settings.patience:
                    state.keep_if_best(loss)
            if self.checkpoint is not None and not self.rank:
                state.save(self.checkpoint, epoch + 1, self.seed)
            self.on_progress(Progress(self._line(epoch), finished=True))
        state.load_final_weights()
        return state.history

    def _line(self, epoch: int) -> str:
        history = self.state.history
        line = f"encoder epoch {epoch + 1}/{self.settings.epochs}, loss {history.train_loss[-1]:.3f}"
        return line if self.validation is None else f"{line}, validation error {history.validation_error[-1]:.1%}"

    def _epoch(self, epoch: int) -> float:
        """The mean loss of an epoch."""
        generator = Generator().manual_seed(self.seed * 100_003 + epoch)
        order = torch.randperm(len(self.data), generator=generator).numpy()
        # Every process draws the same order and takes its own slice; its augmentation must differ from that of the others.
        own_seed = (self.seed * 100_003 + epoch) * self.ranks + self.rank
        generator.manual_seed(own_seed)
        torch.manual_seed(own_seed)
        self.model.train()
        for layer in self.frozen:
            layer.eval()
        total, batch = 0.0, self.settings.batch_size
        for step in range(self.steps_per_epoch):
            start = (step * self.ranks + self.rank) * batch
            total += self._step(epoch, step, order[start : start + batch], generator)
            if (step + 1) % STEPS_PER_MESSAGE == 0:
                where = f"encoder epoch {epoch + 1}/{self.settings.epochs}, step {step + 1}/{self.steps_per_epoch}"
                self.on_progress(Progress(f"{where}, loss {total / (step + 1):.3f}"))
        return total / self.steps_per_epoch

    def _step(self, epoch: int, step: int, chosen: np.ndarray, generator: Generator) -> float:
        augmentation = augmentation_of(self.settings, epoch)
        images, targets = make_batch(self.data, chosen, self.settings, augmentation, self.classes, generator)
        images = images.to(self.device).contiguous(memory_format=torch.channels_last)
        targets = {name: target.to(self.device) for name, target in targets.items()}
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            logits, votes = self.forward(images)
        loss = image_loss(logits.float(), votes, targets, self.settings, self.class_weights)
        value = float(loss.detach())
        self.state.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.clip_norm)
        if math.isfinite(value) and bool(torch.isfinite(norm)):
            self.state.optimizer.step()
        if not (math.isfinite(value) and all(torch.isfinite(p).all() for p in (norm, *self.model.parameters()))):
            raise TrainingError(self._not_finite(epoch, step))
        self.schedule.step()
        self.state.update_average()
        return value

    def _not_finite(self, epoch: int, step: int) -> str:
        there = self.checkpoint is not None and self.checkpoint.exists()
        kept = f"; the last good checkpoint is {self.checkpoint}" if there else ""
        return f"loss is {math.nan} at epoch {epoch + 1}, step {step + 1}{kept}; try a lower learning_rate"

    def _validate(self, data: ImageSet) -> tuple[float, float]:
        """(cross-entropy, error rate) of the evaluated weights."""
        evaluated = self.state.evaluated
        assert isinstance(evaluated, EncoderWithVotes)
        logits = classify_images(evaluated.encoder, data.images)
        labels = torch.from_numpy(data.labels)
        found = torch.stack([functional.cross_entropy(logits, labels), (logits.argmax(1) != labels).float().mean()])
        if self.ranks > 1:
            # Every process has its own batch statistics; all must stop at the same epoch, so the first one's result is used.
            found = found.to(self.device)
            distributed.broadcast(found, 0)
        return float(found[0]), float(found[1])


def _freeze(encoder: FrameEncoder, count: int) -> list[nn.Module]:
    """The first `count` layers, with their training turned off."""
    layers = encoder.depth_order()
    if count > len(layers):
        raise SettingsError(f"freeze = {count}; this encoder has {len(layers)} stages before its classifier")
    for layer in layers[:count]:
        layer.requires_grad_(False)
    return layers[:count]


def _check_low_resolution(encoder: FrameEncoder, size: int, device: torch.device) -> None:
    try:
        with torch.no_grad():
            encoder.eval().embed(torch.zeros(1, encoder.channels, size, size, device=device))
    except RuntimeError:
        own = encoder.input_size
        raise SettingsError(f"low_resolution_px = {size}: this encoder takes {own} pixels only; set it to 0") from None
